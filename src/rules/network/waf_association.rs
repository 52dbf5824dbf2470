//! See the documentation of the rule below.

use crate::rules::Check;
use crate::rules::prelude::*;

const ASSOCIATION: &str = "AWS::WAFv2::WebACLAssociation";

rule! {
    /// What faces the internet has a web ACL.
    ///
    /// A stage of a REST API, an internet-facing application load balancer or a GraphQL API gets its web ACL by an
    /// association, a CloudFront distribution by `WebACLId`. HTTP APIs (API Gateway v2) take none. A web ACL without rules
    /// does nothing, and one for CloudFront must be made in us-east-1.
    ///
    /// Mend it with a web ACL and its association.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Balancer:
    ///     Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    ///     Properties: {Scheme: internet-facing, Subnets: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Balancer:
    ///     Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    ///     Properties: {Scheme: internet-facing, Subnets: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]}
    ///   Association:
    ///     Type: AWS::WAFv2::WebACLAssociation
    ///     Properties: {ResourceArn: !Ref Balancer, WebACLArn: !ImportValue acl}
    /// ```
    ///
    /// Source: AWS WAF Developer Guide, "Associating or disassociating protection with an AWS resource".
    {
        id: "waf-association", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: CrossResource,
        fix: Suggested,
        on: [
            "AWS::ApiGateway::Stage",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::AppSync::GraphQLApi",
            "AWS::CloudFront::Distribution",
            "AWS::WAFv2::WebACL",
        ],
    }
    |check, resource| {
        match resource.kind() {
            "AWS::CloudFront::Distribution" => distribution(check, resource),
            "AWS::WAFv2::WebACL" => web_acl(check, resource),
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
                let kind = word(check, resource, "Type", "application");
                let scheme = word(check, resource, "Scheme", "internet-facing");
                if let (Some(true), Some(true)) = (kind, scheme) {
                    associated(check, resource, &[resource]);
                }
            }
            "AWS::ApiGateway::Stage" => stage(check, resource),
            _ => {
                if word(check, resource, "Visibility", "GLOBAL") == Some(true) {
                    associated(check, resource, &[resource]);
                }
            }
        }
    }
}

/// Whether a property has a value that is also what it is when it is not written; `None` where it is not known.
fn word<'s>(check: &Check<'s>, resource: Resource<'s>, property: &'static str, wanted: &str) -> Option<bool> {
    let value = resource.get(property);
    match value.literal() {
        Read::Known(text) => Some(text == wanted),
        Read::Absent => Some(true),
        Read::Unknown(unknown) => {
            check.undetermined(&value, unknown);
            None
        }
        Read::Other => Some(false),
    }
}

fn stage<'s>(check: &Check<'s>, stage: Resource<'s>) {
    let api = stage.get("RestApiId");
    let model = stage.world().model;
    let needed = model.dependencies().needs.get(stage.id().0 as usize).map(Vec::as_slice).unwrap_or_default();
    let api_resource = needed
        .iter()
        .map(|(id, _)| Resource::new(stage.world(), *id))
        .find(|resource| resource.is("AWS::ApiGateway::RestApi"));
    let Some(api_resource) = api_resource else {
        // Whether it is private, only the API says.
        let unknown = Unknown::new(Why::Outside(api.symbolic().map_or("the API".to_owned(), |text| text.to_string())));
        check.undetermined(&api, unknown);
        return;
    };
    let types = api_resource.get("EndpointConfiguration.Types");
    for kind in types.items_or_one().known().unwrap_or_default() {
        match kind.literal() {
            Read::Known(kind) if kind == "PRIVATE" => return,
            Read::Unknown(unknown) => {
                check.undetermined(&kind, unknown);
                return;
            }
            _ => {}
        }
    }
    associated(check, stage, &[stage, api_resource]);
}

/// Reports a resource that no association of the input is for. The ARN of a stage is often put together from its API.
fn associated<'s>(check: &Check<'s>, resource: Resource<'s>, names: &[Resource<'s>]) {
    let needs = &resource.world().model.dependencies().needs;
    let mut open = None;
    for stack in resource.stack().siblings() {
        open = open.or(stack.may_hold_more());
        for association in stack.of_type(ASSOCIATION) {
            let to = association.get("ResourceArn");
            let needed = needs.get(association.id().0 as usize).map(Vec::as_slice).unwrap_or_default();
            let own_arn = resource.arn();
            let same = to.symbolic().is_some_and(|text| Some(text) == own_arn);
            if same || needed.iter().any(|(id, _)| names.iter().any(|name| name.id() == *id)) {
                return;
            }
            if !matches!(to.literal(), Read::Known(_)) && needed.is_empty() {
                open = open.or_else(|| Some(Unknown::from(&to)));
            }
        }
    }
    match open {
        Some(unknown) => {
            check.undetermined(resource, unknown);
        }
        None => {
            check
                .fail(resource, format!("{} faces the internet without a web ACL", resource.label()))
                .fix(Fix::suggested("associate a web ACL with it (AWS::WAFv2::WebACLAssociation)"));
        }
    }
}

fn distribution<'s>(check: &Check<'s>, distribution: Resource<'s>) {
    let acl = distribution.get("DistributionConfig.WebACLId");
    let empty = matches!(acl.literal(), Read::Known(text) if text.is_empty());
    if acl.is_present() && !empty {
        return;
    }
    match acl.unknown() {
        Some(unknown) => {
            check.undetermined(&acl, unknown);
        }
        None => {
            check
                .fail(&acl, format!("{} has no web ACL", distribution.label()))
                .fix(Fix::suggested("set WebACLId to the ARN of a web ACL with the scope CLOUDFRONT"));
        }
    }
}

fn web_acl<'s>(check: &Check<'s>, acl: Resource<'s>) {
    let rules = acl.get("Rules");
    let none = rules.is_absent() || matches!(rules.items(), Read::Known(items) if items.is_empty());
    let allows = acl.get("DefaultAction.Block").is_absent();
    if none && allows && !acl.is_pulumi() {
        check
            .fail(&rules, format!("{} has no rules, so it lets everything through", acl.label()))
            .fix(Fix::suggested("add rules, for example AWSManagedRulesCommonRuleSet"));
    }
    let scope = acl.get("Scope");
    let region = acl.region();
    if let (Read::Known(text), Some(region)) = (scope.literal(), region.as_literal())
        && text == "CLOUDFRONT"
        && region != "us-east-1"
        && crate::model::stack::partition_of(region) == "aws"
    {
        check
            .fail(&scope, format!("a web ACL for CloudFront is made in us-east-1, not in {region}"))
            .category(Category::DeployFailure)
            .aws_error(
                "WAFInvalidParameterException: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT",
            )
            .fix(Fix::suggested("put the web ACL into a stack in us-east-1"));
    }
}
