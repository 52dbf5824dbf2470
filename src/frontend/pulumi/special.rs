//! Types whose inputs differ from CloudFormation's properties in more than names and places.

use std::borrow::Cow;

use crate::doc::{Doc, NodeId, Shape, Span};

use super::special_value::{is_secret, sentinel};
use super::tree::{Names, Out, Raw};
use super::walk::{DEFAULTS, pascal};

/// Resources that CloudFormation has and that a Pulumi resource holds in one of its inputs.
pub(super) struct Extra<'d> {
    pub kind: &'static str,
    pub properties: Out<'d>,
}

pub(super) struct Context<'d> {
    pub doc: &'d Doc,
    pub row: u32,
    pub urn: &'d str,
}

impl<'d> Context<'d> {
    fn raw(&self, node: NodeId, property: &'d str) -> Out<'d> {
        Out::Raw(Raw { node, row: self.row, property, names: Names::Own })
    }

    /// The raw node of a property that no row of the table has moved.
    fn take(&self, out: &mut Out<'d>, name: &str) -> Option<(NodeId, Span)> {
        let member = out.take(name)?;
        match member.value {
            Out::Raw(raw) => Some((raw.node, member.name_span)),
            _ => None,
        }
    }

    fn number(&self, out: &Out<'d>) -> Option<&'d str> {
        match out {
            Out::Raw(raw) => match self.doc.shape(raw.node) {
                Shape::Number(text) | Shape::String(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    fn list(&self, node: NodeId) -> Option<&'d [NodeId]> {
        match self.doc.shape(node) {
            Shape::Array(elements) => Some(elements),
            _ => None,
        }
    }
}

fn literal<'d>(span: Span, text: &'static str) -> Out<'d> {
    Out::Text(span, Cow::Borrowed(text))
}

/// Finishes the canonical properties of a resource; what it holds of other resources is added to `extras`.
pub(super) fn finish<'d>(
    context: &Context<'d>,
    token: &str,
    kind: &str,
    out: &mut Out<'d>,
    extras: &mut Vec<Extra<'d>>,
) {
    match token {
        "aws:ec2/securityGroup:SecurityGroup" | "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup" => {
            security_group(context, out);
        }
        "aws:ec2/securityGroupRule:SecurityGroupRule" => security_group_rule(context, out),
        "aws:s3/bucketNotification:BucketNotification" => notification(context, out),
        "aws:dynamodb/table:Table" => key_schema(context, out),
        "aws:ec2/flowLog:FlowLog" => flow_log(context, out),
        "aws:ec2/instance:Instance" => root_device(context, out),
        // 0 means "never expire", as no value does.
        "aws:cloudwatch/logGroup:LogGroup" => drop_number(context, out, "RetentionInDays", "0"),
        "aws:lambda/function:Function" => drop_number(context, out, "ReservedConcurrentExecutions", "-1"),
        "aws:ec2/internetGateway:InternetGateway" => {
            if let Some((node, name)) = context.take(out, "vpcId") {
                let mut attachment = Out::object(context.doc.span(node));
                attachment.set("InternetGatewayId", name, Out::Reference(context.doc.span(node), context.urn));
                attachment.set("VpcId", name, context.raw(node, "vpcId"));
                extras.push(Extra { kind: "AWS::EC2::VPCGatewayAttachment", properties: attachment });
            }
        }
        "aws:ec2/routeTable:RouteTable" | "aws:ec2/defaultRouteTable:DefaultRouteTable" => {
            routes(context, out, extras);
        }
        _ => {}
    }
    let inline = match kind {
        "AWS::S3::Bucket" => Some(("AWS::S3::BucketPolicy", "Bucket", false, "PolicyDocument")),
        "AWS::SNS::Topic" => Some(("AWS::SNS::TopicPolicy", "Topics", true, "PolicyDocument")),
        "AWS::SQS::Queue" => Some(("AWS::SQS::QueuePolicy", "Queues", true, "PolicyDocument")),
        "AWS::SecretsManager::Secret" => {
            Some(("AWS::SecretsManager::ResourcePolicy", "SecretId", false, "ResourcePolicy"))
        }
        _ => None,
    };
    if let (Some((kind, subject, list, document)), true) = (inline, token.starts_with("aws:"))
        && let Some((node, name)) = context.take(out, "policy")
    {
        let span = context.doc.span(node);
        let reference = Out::Reference(span, context.urn);
        let mut policy = Out::object(span);
        policy.set(subject, name, if list { Out::List(span, vec![reference]) } else { reference });
        policy.set(document, name, context.raw(node, "policy"));
        extras.push(Extra { kind, properties: policy });
    }
}

fn drop_number<'d>(context: &Context<'d>, out: &mut Out<'d>, name: &str, value: &str) {
    if out.get(name).and_then(|number| context.number(number)) == Some(value) {
        out.take(name);
    }
}

/// Sources of a classic security group rule, with what one of them is called in a CloudFormation rule.
fn sources(ingress: bool) -> [(&'static str, &'static str); 4] {
    if ingress {
        [
            ("cidrBlocks", "CidrIp"),
            ("ipv6CidrBlocks", "CidrIpv6"),
            ("securityGroups", "SourceSecurityGroupId"),
            ("prefixListIds", "SourcePrefixListId"),
        ]
    } else {
        [
            ("cidrBlocks", "CidrIp"),
            ("ipv6CidrBlocks", "CidrIpv6"),
            ("securityGroups", "DestinationSecurityGroupId"),
            ("prefixListIds", "DestinationPrefixListId"),
        ]
    }
}

/// A classic rule holds lists of sources, a CloudFormation rule has one source.
fn security_group<'d>(context: &Context<'d>, out: &mut Out<'d>) {
    for (property, target, ingress) in
        [("ingress", "SecurityGroupIngress", true), ("egress", "SecurityGroupEgress", false)]
    {
        let Some((node, name)) = context.take(out, property) else { continue };
        let span = context.doc.span(node);
        let Some(elements) = context.list(node) else {
            out.set(target, name, context.raw(node, property));
            continue;
        };
        let mut rules = Vec::new();
        for &element in elements {
            if matches!(context.doc.shape(element), Shape::Object) && !is_secret(context.doc, element) {
                expand(context, element, property, ingress, &mut rules);
            } else {
                rules.push(context.raw(element, property));
            }
        }
        out.set(target, name, Out::List(span, rules));
    }
}

fn expand<'d>(context: &Context<'d>, rule: NodeId, property: &'d str, ingress: bool, rules: &mut Vec<Out<'d>>) {
    let doc = context.doc;
    let mut shared = Out::object(doc.span(rule));
    for (from, to) in
        [("fromPort", "FromPort"), ("toPort", "ToPort"), ("protocol", "IpProtocol"), ("description", "Description")]
    {
        if let Some(entry) = doc.entry(rule, from) {
            shared.set(to, entry.name_span, context.raw(entry.value, property));
        }
    }
    let before = rules.len();
    for (from, to) in sources(ingress) {
        let Some(entry) = doc.entry(rule, from) else { continue };
        let mut add = |node: NodeId| {
            let mut one = shared.clone();
            one.set(to, entry.name_span, context.raw(node, property));
            rules.push(one);
        };
        match doc.shape(entry.value) {
            Shape::Array(elements) => elements.iter().for_each(|&element| add(element)),
            Shape::Null => {}
            _ => add(entry.value),
        }
    }
    if let Some(entry) = doc.entry(rule, "self")
        && matches!(doc.shape(entry.value), Shape::Bool(true))
    {
        let target = sources(ingress)[2].1;
        let mut one = shared.clone();
        one.set(target, entry.name_span, Out::Reference(doc.span(entry.value), context.urn));
        rules.push(one);
    }
    if rules.len() == before {
        rules.push(shared);
    }
}

/// One resource stays one resource: of several ranges the one that is open to the world stands for all, else an unknown
/// one, else the first.
fn security_group_rule<'d>(context: &Context<'d>, out: &mut Out<'d>) {
    let ingress =
        !matches!(context.take(out, "type").map(|(node, _)| context.doc.shape(node)), Some(Shape::String("egress")));
    for (from, to) in sources(ingress) {
        let Some((node, name)) = context.take(out, from) else { continue };
        let taken = match context.list(node) {
            Some(elements) => {
                let text = |element: NodeId| context.doc.string(element);
                let open = |text: &str| matches!(text, "0.0.0.0/0" | "::/0");
                elements
                    .iter()
                    .copied()
                    .find(|&element| text(element).is_some_and(open))
                    .or_else(|| elements.iter().copied().find(|&element| text(element).and_then(sentinel).is_some()))
                    .or(elements.first().copied())
            }
            None => Some(node),
        };
        if let Some(taken) = taken {
            out.set(to, name, context.raw(taken, from));
        }
    }
    if let Some((node, name)) = context.take(out, "self")
        && matches!(context.doc.shape(node), Shape::Bool(true))
        && let Some(group) = out.get("GroupId").cloned()
    {
        out.set(sources(ingress)[2].1, name, group);
    }
    if !ingress && let Some(member) = out.take("SourceSecurityGroupId") {
        out.set("DestinationSecurityGroupId", member.name_span, member.value);
    }
}

/// A classic notification has lists of events and a prefix, a CloudFormation one a single event and filter rules.
fn notification<'d>(context: &Context<'d>, out: &mut Out<'d>) {
    let Some(configuration) = out.get_mut("NotificationConfiguration") else { return };
    for name in ["LambdaConfigurations", "QueueConfigurations", "TopicConfigurations"] {
        let Some(Out::List(_, items)) = configuration.get_mut(name) else { continue };
        let mut single = Vec::with_capacity(items.len());
        for mut item in std::mem::take(items) {
            filters(&mut item);
            let events = match item.get("Event") {
                Some(Out::Raw(raw)) => context.list(raw.node).map(|events| (events, *raw)),
                _ => None,
            };
            match events {
                Some((events, raw)) if !events.is_empty() => {
                    for &event in events {
                        let mut one = item.clone();
                        if let Some(slot) = one.get_mut("Event") {
                            *slot = Out::Raw(Raw { node: event, ..raw });
                        }
                        single.push(one);
                    }
                }
                _ => single.push(item),
            }
        }
        *items = single;
    }
}

fn filters(item: &mut Out<'_>) {
    let mut rules = Vec::new();
    for (name, shown) in [("FilterPrefix", "prefix"), ("FilterSuffix", "suffix")] {
        if let Some(member) = item.take(name) {
            let mut rule = Out::object(member.name_span);
            rule.set("Name", member.name_span, literal(member.name_span, shown));
            rule.set("Value", member.name_span, member.value);
            rules.push((member.name_span, rule));
        }
    }
    let Some(&(span, _)) = rules.first() else { return };
    let mut key = Out::object(span);
    key.set("Rules", span, Out::List(span, rules.into_iter().map(|(_, rule)| rule).collect()));
    let mut filter = Out::object(span);
    filter.set("S3Key", span, key);
    item.set("Filter", span, filter);
}

fn key_schema<'d>(context: &Context<'d>, out: &mut Out<'d>) {
    let mut keys = Vec::new();
    for (property, role) in [("hashKey", "HASH"), ("rangeKey", "RANGE")] {
        if let Some((node, name)) = context.take(out, property) {
            let span = context.doc.span(node);
            let mut key = Out::object(span);
            key.set("AttributeName", name, context.raw(node, property));
            key.set("KeyType", name, literal(span, role));
            keys.push((span, key));
        }
    }
    if let Some(&(span, _)) = keys.first() {
        out.set("KeySchema", span, Out::List(span, keys.into_iter().map(|(_, key)| key).collect()));
    }
}

fn flow_log<'d>(context: &Context<'d>, out: &mut Out<'d>) {
    let Some(Out::Raw(raw)) = out.get("ResourceId") else { return };
    let kind = match raw.property {
        "vpcId" => "VPC",
        "subnetId" => "Subnet",
        "eniId" => "NetworkInterface",
        "transitGatewayId" => "TransitGateway",
        "transitGatewayAttachmentId" => "TransitGatewayAttachment",
        _ => return,
    };
    let span = context.doc.span(raw.node);
    out.set("ResourceType", span, literal(span, kind));
}

/// The root volume is a mapping like the others.
fn root_device<'d>(context: &Context<'d>, out: &mut Out<'d>) {
    let Some((node, name)) = context.take(out, "rootBlockDevice") else { return };
    let span = context.doc.span(node);
    let mut device = Out::object(span);
    let mut ebs = Out::object(span);
    for entry in context.doc.entries(node).filter(|entry| entry.name != DEFAULTS) {
        ebs.set(pascal(entry.name), entry.name_span, context.raw(entry.value, "rootBlockDevice"));
    }
    device.set("Ebs", name, ebs);
    match out.get_mut("BlockDeviceMappings") {
        Some(Out::List(_, devices)) => devices.push(device),
        Some(_) => {}
        None => out.set("BlockDeviceMappings", name, Out::List(span, vec![device])),
    }
}

fn routes<'d>(context: &Context<'d>, out: &mut Out<'d>, extras: &mut Vec<Extra<'d>>) {
    let Some((node, _)) = context.take(out, "routes") else { return };
    for &route in context.list(node).unwrap_or_default() {
        let span = context.doc.span(route);
        let mut properties = Out::object(span);
        properties.set("RouteTableId", span, Out::Reference(span, context.urn));
        for entry in context.doc.entries(route).filter(|entry| entry.name != DEFAULTS) {
            let name = match entry.name {
                "cidrBlock" => Cow::Borrowed("DestinationCidrBlock"),
                "ipv6CidrBlock" => Cow::Borrowed("DestinationIpv6CidrBlock"),
                "egressOnlyGatewayId" => Cow::Borrowed("EgressOnlyInternetGatewayId"),
                other => pascal(other),
            };
            // Lists of routes spell out what they do not set.
            if !matches!(context.doc.shape(entry.value), Shape::Null | Shape::String("")) {
                properties.set(name, entry.name_span, context.raw(entry.value, "routes"));
            }
        }
        extras.push(Extra { kind: "AWS::EC2::Route", properties });
    }
}
