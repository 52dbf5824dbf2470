//! See the documentation of the rule below.

use super::functions::is_made_by_cdk;
use super::routes::{tables as tables_of, way_out};
use crate::graph::target_of;
use crate::iam::policy::Effect;
use crate::model::text::Piece;
use crate::rules::Doubt;
use crate::rules::prelude::*;

/// Service prefixes of actions, and the last part of the name of the VPC endpoint that the function needs for them. Left out
/// are calls that Lambda makes itself: logs, network interfaces, polling of event sources, keys of environment variables.
/// Source: AWS PrivateLink Guide, "AWS services that integrate with AWS PrivateLink".
const SERVICES: [(&str, &str); 12] = [
    ("s3", "s3"),
    ("dynamodb", "dynamodb"),
    ("secretsmanager", "secretsmanager"),
    ("ssm", "ssm"),
    ("sns", "sns"),
    ("sqs", "sqs"),
    ("sts", "sts"),
    ("events", "events"),
    ("cloudwatch", "monitoring"),
    ("lambda", "lambda"),
    ("states", "states"),
    ("iam", "iam"),
];

/// Actions that Lambda makes for the function: reading queues, streams and dead-letter targets.
const BY_LAMBDA: [&str; 8] = [
    "sqs:receivemessage",
    "sqs:deletemessage",
    "sqs:getqueueattributes",
    "sqs:changemessagevisibility",
    "sqs:getqueueurl",
    "dynamodb:getrecords",
    "dynamodb:getsharditerator",
    "dynamodb:describestream",
];

/// Actions with which Lambda sends to destinations of asynchronous calls.
const DESTINATIONS: [&str; 5] =
    ["sqs:sendmessage", "sns:publish", "lambda:invokefunction", "events:putevents", "s3:putobject"];

rule! {
    /// A function in an isolated subnet has endpoints for the services that it calls.
    ///
    /// Without a route to a NAT gateway the function reaches AWS APIs only through VPC endpoints. What its role may call but no
    /// endpoint leads to is answered by silence: the function runs until its timeout.
    ///
    /// Mend it with a gateway endpoint for S3 and DynamoDB, an interface endpoint for each other service, or a NAT gateway.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
    ///   Isolated: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///       Policies: [{PolicyName: secrets, PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: '*'}]}}]
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: !GetAtt Role.Arn
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    ///       VpcConfig: {SubnetIds: [!Ref Isolated], SecurityGroupIds: [sg-0a1b2c3d4e5f60718]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
    ///   Isolated: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
    ///   Endpoint:
    ///     Type: AWS::EC2::VPCEndpoint
    ///     Properties:
    ///       VpcId: !Ref Vpc
    ///       VpcEndpointType: Interface
    ///       PrivateDnsEnabled: true
    ///       ServiceName: !Sub 'com.amazonaws.${AWS::Region}.secretsmanager'
    ///       SubnetIds: [!Ref Isolated]
    ///   Role:
    ///     Type: AWS::IAM::Role
    ///     Properties:
    ///       AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
    ///       Policies: [{PolicyName: secrets, PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: '*'}]}}]
    ///   Handler:
    ///     Type: AWS::Lambda::Function
    ///     Properties:
    ///       Runtime: python3.13
    ///       Handler: index.handler
    ///       Role: !GetAtt Role.Arn
    ///       Code: {S3Bucket: code, S3Key: handler.zip}
    ///       VpcConfig: {SubnetIds: [!Ref Isolated], SecurityGroupIds: [sg-0a1b2c3d4e5f60718]}
    /// ```
    ///
    /// Source: AWS Lambda Developer Guide, "Enable internet access for VPC-connected Lambda functions" and "Connecting inbound
    /// interface VPC endpoints".
    {
        id: "lambda-vpc-egress", since: "0.1.0", category: Reliability, severity: High, preset: Recommended,
        scope: CrossResource,
        fix: Suggested,
        on: ["AWS::Lambda::Function"],
    }
    |check, function| {
        if is_made_by_cdk(function) {
            return;
        }
        let subnets = function.follow(Rel::InSubnet);
        let Some(first) = subnets.first().map(|edge| edge.value.clone()) else { return };
        let mut vpc = None;
        let mut tables = Vec::new();
        for edge in subnets {
            let subnet = match edge.target.found() {
                Ok(subnet) => subnet,
                // What a macro may add is not there to be judged.
                Err(unknown) if matches!(unknown.why(), Why::Transform(_)) => return,
                Err(unknown) => {
                    check.undetermined(&edge.value, unknown);
                    return;
                }
            };
            match way_out(subnet) {
                // Another rule says that a public subnet is no way out.
                Ok(ways) if !ways.is_empty() => return,
                Ok(_) => {}
                Err(unknown) => {
                    check.undetermined(&edge.value, unknown);
                    return;
                }
            }
            tables.extend(tables_of(subnet).unwrap_or_default());
            match subnet.follow(Rel::InVpc).into_iter().next().map(|edge| edge.target) {
                Some(Target::Resource(found)) => vpc = Some(found),
                _ => {
                    // The main route table and the endpoints of a VPC elsewhere are not in the input.
                    check.undetermined(&edge.value, Unknown::other("the subnet's VPC is not part of this input"));
                    return;
                }
            }
        }
        let Some(vpc) = vpc else { return };
        let mut used: Vec<(&'static str, Option<Doubt>)> = Vec::new();
        // An action that may be of any service.
        let mut open: Option<Doubt> = None;
        for edge in function.follow(Rel::AssumesRole) {
            let role = match edge.target {
                Target::Resource(role) => role,
                Target::Outside(_) | Target::Unknown(_) => {
                    check.undetermined(&edge.value, Unknown::other("what the function's role may call is not known"));
                    return;
                }
            };
            let destinations = function
                .followed_by(Rel::Configures)
                .edges
                .iter()
                .any(|edge| edge.from.is("AWS::Lambda::EventInvokeConfig"));
            let dead_letters = function.get("DeadLetterConfig.TargetArn").is_present();
            for document in check.identity(role).documents {
                for (_, statement, doubt) in document.statements(Effect::Allow) {
                    let Some(actions) = statement.actions.as_ref().filter(|actions| !actions.negated) else { continue };
                    for entry in &actions.entries {
                        let known = entry.text.as_literal().is_some();
                        let start = match entry.text.pieces().first() {
                            Some(Piece::Literal(start)) => start.to_ascii_lowercase(),
                            _ => String::new(),
                        };
                        let Some((service, _)) = start.split_once(':') else {
                            open = open.or_else(|| document.doubt(entry.at));
                            continue;
                        };
                        let sends = (dead_letters && matches!(start.as_str(), "sqs:sendmessage" | "sns:publish"))
                            || (destinations && DESTINATIONS.contains(&start.as_str()));
                        if known && (BY_LAMBDA.contains(&start.as_str()) || sends) {
                            continue;
                        }
                        let Some((_, endpoint)) = SERVICES.iter().find(|(prefix, _)| *prefix == service) else { continue };
                        let doubt = if known { doubt.clone() } else { doubt.clone().or_else(|| document.doubt(entry.at)) };
                        match used.iter_mut().find(|(known, _)| known == endpoint) {
                            Some((_, known)) => *known = known.take().and(doubt),
                            None => used.push((endpoint, doubt)),
                        }
                    }
                }
            }
        }
        let mut missing = Vec::new();
        let incoming = vpc.followed_by(Rel::InVpc);
        let mut perhaps: Option<Doubt> = None;
        for (endpoint, doubt) in used {
            let reached = incoming.edges.iter().filter(|edge| edge.from.is("AWS::EC2::VPCEndpoint")).fold(Tri::No, |any, edge| {
                let named = match edge.from.get("ServiceName").text() {
                    Read::Known(name) => {
                        let name = name.to_string();
                        let last = name.rsplit('.').next().unwrap_or_default();
                        // A name that is all symbol may be any service's.
                        if last.contains("${") { Tri::Unknown } else { Tri::from(last == endpoint) }
                    }
                    Read::Unknown(_) => Tri::Unknown,
                    _ => Tri::No,
                };
                any.or(named.and(serves(edge.from, &tables)))
            });
            match reached {
                Tri::Yes => {}
                Tri::No if doubt.is_none() => missing.push(endpoint),
                Tri::No => perhaps = perhaps.or(doubt),
                Tri::Unknown => {
                    check.undetermined(&first, Unknown::other("the service of a VPC endpoint is not known"));
                    return;
                }
            }
        }
        if missing.is_empty() {
            if let Some(doubt) = perhaps.or(open) {
                check.undetermined(&first, doubt.unknown);
            }
            return;
        }
        let open = incoming.maybe.into_iter().find(|(from, _)| from.is("AWS::EC2::VPCEndpoint"));
        if let Some(unknown) = open.map(|(_, unknown)| unknown).or(function.stack().may_hold_more()) {
            check.undetermined(&first, unknown);
            return;
        }
        check
            .fail(
                &first,
                format!("the subnets have no way out, and the VPC no endpoint for what the role calls: {}", missing.join(", ")),
            )
            .related(vpc, vpc, "is the VPC")
            .fix(Fix::suggested("add VPC endpoints for these services, or a NAT gateway with a default route"));
    }
}

/// Whether an endpoint is in reach of subnets with these route tables: a gateway endpoint is a route in the tables that it
/// names. Source: VPC User Guide, "Gateway endpoints".
fn serves<'s>(endpoint: Resource<'s>, tables: &[Resource<'s>]) -> Tri {
    let kind = endpoint.get("VpcEndpointType");
    match kind.literal() {
        Read::Known(kind) if kind != "Gateway" => return Tri::Yes,
        Read::Unknown(_) => return Tri::Unknown,
        _ => {}
    }
    // Pulumi may attach the tables by resources of their own.
    let named = endpoint.get("RouteTableIds");
    let Read::Known(named) = named.items() else { return if endpoint.is_pulumi() { Tri::Unknown } else { Tri::Yes } };
    let is_in = |table: &Resource<'s>| {
        named.iter().fold(Tri::No, |any, id| {
            any.or(match target_of(endpoint, id, &["AWS::EC2::RouteTable"]) {
                Some(Target::Resource(found)) => Tri::from(found == *table),
                Some(Target::Unknown(_)) => Tri::Unknown,
                _ => Tri::No,
            })
        })
    };
    tables.iter().map(is_in).fold(Tri::Yes, Tri::and)
}
