//! See the documentation of the rule below.

use crate::rules::names::provider;
use crate::rules::prelude::*;

rule! {
    /// Services that an account has once are switched on once.
    ///
    /// An account has one Security Hub, one GuardDuty detector, one Config recorder and delivery channel … per region, and
    /// one service-linked role per service. A second one is refused, and so is the first where the service is on already: by
    /// hand, by Control Tower, by the organisation's automatic enabling, or by the same stack for another environment.
    ///
    /// Mend it by declaring them in one stack per account and region (name it in `ownerStacks`), by importing what is there
    /// (`cdk import`, `pulumi import`) or behind a condition.
    ///
    /// ```yaml fails
    /// Resources:
    ///   One: {Type: AWS::GuardDuty::Detector, Properties: {Enable: true}}
    ///   Two: {Type: AWS::GuardDuty::Detector, Properties: {Enable: true}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Finding:
    ///     Type: AWS::GuardDuty::Filter
    ///     Properties: {DetectorId: 12abc34d567e8fa901bc2d34e56789f0, Name: low, Action: NOOP, Rank: 1, Description: low, FindingCriteria: {}}
    /// ```
    ///
    /// Source: API references of the services: EnableSecurityHub, CreateDetector, PutConfigurationRecorder, PutDeliveryChannel,
    /// CreateServiceLinkedRole, CreateOpenIDConnectProvider, CreateAnalyzer.
    {
        id: "account-singleton", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: Assembly,
        fix: Suggested,
        params: {
            ownerStacks: List = "[]", "Stacks (name or construct path) that are there to switch these services on.";
            alreadyEnabled: List = "[]", "Services that the account has already, such as securityhub, guardduty, config: declaring them fails.";
        },
    }
    stack |check, stack| {
        let data = stack.data();
        let names = [data.name.as_deref(), data.construct_path.as_deref()];
        let owner = check.list("ownerStacks").iter().any(|owner| names.contains(&Some(*owner)));
        let enabled = check.list("alreadyEnabled");
        for singleton in SINGLETONS {
            let earlier = stack.siblings().take_while(|sibling| sibling.id() != stack.id());
            let mut claimed: Vec<(Claim<'_>, Resource<'_>)> = Vec::new();
            let mine: Vec<Resource<'_>> = stack.of_type(singleton.kind).filter(|resource| !resource.data().external).collect();
            if mine.is_empty() {
                continue;
            }
            // One of which it is not known what tells it apart may be any other, too.
            let mut open: Option<Unknown> = None;
            for sibling in earlier {
                for resource in sibling.of_type(singleton.kind).filter(|resource| !resource.data().external) {
                    match claim(singleton, resource) {
                        Some(claim) => claimed.push((claim, resource)),
                        None => open = open.or_else(|| open_key(singleton, resource)),
                    }
                }
            }
            for resource in mine {
                let claim = claim(singleton, resource);
                if claim.is_none() {
                    let Some(unknown) = open_key(singleton, resource) else { continue };
                    if !claimed.is_empty() || open.is_some() {
                        check.undetermined_on(resource, resource, unknown.clone());
                    }
                    open = open.or(Some(unknown));
                }
                let what = singleton.what;
                if let Some((_, first)) = claimed.iter().find(|(other, _)| Some(other) == claim.as_ref()) {
                    let finding = check
                        .fail_on(resource, resource, format!("{} is the second {what} of one account and region, after {}", resource.label(), first.label()))
                        .related(*first, *first, "the first one")
                        .fix(Fix::suggested(format!("keep one {what} and let the others refer to it")));
                    if singleton.overwrites {
                        finding.category(Category::Reliability).severity(Severity::Medium).explain("The one overwrites the other.");
                    } else {
                        finding.aws_error(singleton.aws_error);
                    }
                    continue;
                }
                if let Some(claim) = claim {
                    claimed.push((claim, resource));
                    if let Some(unknown) = &open {
                        check.undetermined_on(resource, resource, unknown.clone());
                    }
                }
                if singleton.overwrites || singleton.service.is_empty() {
                    continue;
                }
                if enabled.contains(&singleton.service) {
                    check
                        .fail_on(resource, resource, format!("the account has {what} already, by configuration (alreadyEnabled)"))
                        .aws_error(singleton.aws_error)
                        .fix(Fix::suggested("import the one that is there, or leave it out"));
                } else if !owner {
                    check
                        .fail_on(resource, resource, format!("an account has one {what} a region: creating it fails where there is one already"))
                        .category(Category::Reliability)
                        .severity(Severity::Low)
                        .explain("An organisation, Control Tower or another stack may have switched it on.")
                        .fix(Fix::suggested("move it to a stack of its own per account, and name that stack in ownerStacks"));
                }
            }
        }
    }
}

/// Why it cannot be said which of its kind a resource is.
fn open_key(singleton: &Singleton, resource: Resource<'_>) -> Option<Unknown> {
    let key = resource.get(singleton.key?);
    [key, resource.get("CustomSuffix")].into_iter().find_map(|value| match value.literal() {
        Read::Unknown(unknown) => Some(unknown),
        _ => None,
    })
}

struct Singleton {
    kind: &'static str,
    what: &'static str,
    /// Word for `alreadyEnabled`; empty where one of them is nothing to remark on.
    service: &'static str,
    /// Property that tells those apart which may stand beside each other.
    key: Option<&'static str>,
    /// One in an account, whatever the region.
    global: bool,
    /// A second one is not refused but replaces the settings of the first.
    overwrites: bool,
    aws_error: &'static str,
}

const fn one(kind: &'static str, what: &'static str, service: &'static str, aws_error: &'static str) -> Singleton {
    Singleton { kind, what, service, key: None, global: false, overwrites: false, aws_error }
}

const fn setting(kind: &'static str, what: &'static str, global: bool) -> Singleton {
    Singleton { kind, what, service: "", key: None, global, overwrites: true, aws_error: "" }
}

const SINGLETONS: &[Singleton] = &[
    one(
        "AWS::SecurityHub::Hub",
        "Security Hub",
        "securityhub",
        "ResourceConflictException: Account is already subscribed to Security Hub",
    ),
    one(
        "AWS::SecurityHub::HubV2",
        "Security Hub (V2)",
        "securityhub",
        "ConflictException: Account is already subscribed to Security Hub V2",
    ),
    one(
        "AWS::GuardDuty::Detector",
        "GuardDuty detector",
        "guardduty",
        "BadRequestException: The request is rejected because a detector already exists for the current account.",
    ),
    one(
        "AWS::Config::ConfigurationRecorder",
        "Config recorder",
        "config",
        "MaxNumberOfConfigurationRecordersExceededException: the maximum number of configuration recorders: 1 is reached.",
    ),
    one(
        "AWS::Config::DeliveryChannel",
        "Config delivery channel",
        "config",
        "MaxNumberOfDeliveryChannelsExceededException: the maximum number of delivery channels: 1 is reached.",
    ),
    one("AWS::Macie::Session", "Macie session", "macie", "ConflictException: Macie has already been enabled"),
    one(
        "AWS::Detective::Graph",
        "Detective graph",
        "detective",
        "ConflictException: A behavior graph exists for this account",
    ),
    Singleton {
        kind: "AWS::IAM::ServiceLinkedRole",
        what: "role linked to this service",
        service: "service-linked-role",
        key: Some("AWSServiceName"),
        global: true,
        overwrites: false,
        aws_error: "InvalidInput: Service role name has been taken in this account, please try a different suffix.",
    },
    Singleton {
        kind: "AWS::IAM::OIDCProvider",
        what: "OpenID Connect provider of this URL",
        service: "oidc-provider",
        key: Some("Url"),
        global: true,
        overwrites: false,
        aws_error: "EntityAlreadyExists: Provider with url already exists.",
    },
    Singleton {
        kind: "AWS::AccessAnalyzer::Analyzer",
        what: "access analyzer of this type",
        service: "",
        key: Some("Type"),
        global: false,
        overwrites: false,
        aws_error: "ServiceQuotaExceededException: the quota of analyzers of this type is reached",
    },
    setting("AWS::ApiGateway::Account", "API Gateway account setting", false),
    setting("AWS::ECR::RegistryPolicy", "ECR registry policy", false),
    setting("aws:iam/accountPasswordPolicy:AccountPasswordPolicy", "password policy", true),
    setting("aws:iam/accountAlias:AccountAlias", "account alias", true),
];

/// What one of them occupies: account, region, what tells it from others, and the provider that knows the account.
type Claim<'s> = (Text<'s>, Text<'s>, Text<'s>, &'s str);

/// `None` where it may stand beside any other: what tells it apart is not known, or there may be several of its kind.
fn claim<'s>(singleton: &Singleton, resource: Resource<'s>) -> Option<Claim<'s>> {
    let key = match singleton.key {
        Some(property) => match resource.get(property).text() {
            Read::Known(text) if resource.is("AWS::AccessAnalyzer::Analyzer") => {
                // Analyzers of unused access and of internal access have quotas of their own.
                matches!(text.as_literal(), Some("ACCOUNT" | "ORGANIZATION")).then_some(text)?
            }
            Read::Known(text) => match resource.get("CustomSuffix").text() {
                Read::Absent => text,
                Read::Known(suffix) => Text::concat([text, suffix]),
                _ => return None,
            },
            _ => return None,
        },
        None => Text::from(""),
    };
    let region = if singleton.global { Text::from("") } else { resource.region() };
    Some((resource.account(), region, key, provider(resource)))
}
