//! See the documentation of the rule below.

use crate::model::dependencies::Dependencies;
use crate::model::source::NodeRef;
use crate::model::{Place, ResourceId};
use crate::rules::prelude::*;

rule! {
    /// Resources do not wait for each other in a circle.
    ///
    /// Every `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn` makes a resource wait for another. In a circle nothing can be
    /// created first.
    ///
    /// Two circles are common. A bucket that notifies a function waits for the function's permission, which names the bucket
    /// in `SourceArn`: give the bucket a name and build the ARN from it, or restrict the permission by `SourceAccount`. Two
    /// security groups that admit each other: make one rule an `AWS::EC2::SecurityGroupIngress` of its own.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Web:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: web
    ///       SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, DestinationSecurityGroupId: !GetAtt App.GroupId}]
    ///   App:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: app
    ///       SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, SourceSecurityGroupId: !GetAtt Web.GroupId}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Web:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties: {GroupDescription: web}
    ///   App:
    ///     Type: AWS::EC2::SecurityGroup
    ///     Properties:
    ///       GroupDescription: app
    ///       SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, SourceSecurityGroupId: !GetAtt Web.GroupId}]
    /// ```
    ///
    /// Source: AWS Knowledge Center, "Circular dependency between resources" (CloudFormation).
    {
        id: "circular-dependency", since: "0.1.0", category: DeployFailure, severity: Critical, preset: Dev,
        scope: CrossResource,
        fix: Suggested,
        aws_error: "Template error: Circular dependency between resources",
        cdk_builtin: true,
    }
    stack |check, stack| {
        // An engine that ran the program has its order already.
        if stack.data().deployer != crate::model::stack::Deployer::CloudFormation {
            return;
        }
        let dependencies = check.world().model.dependencies();
        for ring in rings(dependencies, &stack.data().resources) {
            let members: Vec<Resource<'_>> = ring.iter().map(|&id| Resource::new(check.world(), id)).collect();
            // What the events of a serverless function need, other resources that the transform adds will need.
            if members.iter().any(|member| member.kind().starts_with("AWS::Serverless::")) {
                continue;
            }
            if !members.iter().all(|member| member.exists()) {
                continue;
            }
            let first = members[0];
            let names: Vec<&str> = members.iter().map(|member| member.label()).collect();
            let shown = if names.len() > 8 { format!("{}, … ({} in all)", names[..8].join(", "), names.len()) } else { names.join(", ") };
            let mut finding = check
                .fail_on(first, first, format!("circular dependency between resources: [{shown}]"))
                .fix(Fix::suggested(breaker(&members)));
            for &member in members.iter().take(8) {
                for (next, at) in &dependencies.needs[member.id().0 as usize] {
                    if !ring.contains(next) {
                        continue;
                    }
                    let note = format!("{} needs {}", member.label(), Resource::new(check.world(), *next).label());
                    finding = match at {
                        Some(node) => finding.related(member, place(*node), note),
                        None => finding.related(member, member, format!("{note} (DependsOn)")),
                    };
                    break;
                }
            }
        }
    }
}

fn place(node: NodeRef) -> Place {
    Place { node, missing: None }
}

fn breaker(members: &[Resource<'_>]) -> &'static str {
    let has = |kind: &str| members.iter().any(|member| member.is(kind));
    if has("AWS::S3::Bucket") && has("AWS::Lambda::Permission") {
        "name the bucket and build SourceArn of the permission from that name, or restrict it by SourceAccount alone"
    } else if has("AWS::EC2::SecurityGroup") {
        "make one of the rules an AWS::EC2::SecurityGroupIngress or SecurityGroupEgress of its own"
    } else if has("AWS::KMS::Key") {
        "name the role or resource in the key policy by an ARN that is built from its name, or attach that policy to the role"
    } else {
        "take one of the references out: build the ARN from a name, or put the part that refers back into a resource of its own"
    }
}

/// The strongly connected parts with a circle, each in the order of the file (Tarjan's algorithm with a stack of its own).
fn rings(dependencies: &Dependencies, resources: &[ResourceId]) -> Vec<Vec<ResourceId>> {
    const NEW: u32 = u32::MAX;
    let needs = &dependencies.needs;
    let mut index = vec![NEW; needs.len()];
    let mut low = vec![0; needs.len()];
    let mut on_stack = vec![false; needs.len()];
    let mut stack: Vec<ResourceId> = Vec::new();
    let mut next = 0;
    let mut rings = Vec::new();
    for &root in resources {
        if index[root.0 as usize] != NEW {
            continue;
        }
        let mut open: Vec<(ResourceId, usize)> = vec![(root, 0)];
        while let Some((id, edge)) = open.pop() {
            let at = id.0 as usize;
            if edge == 0 {
                index[at] = next;
                low[at] = next;
                next += 1;
                stack.push(id);
                on_stack[at] = true;
            }
            match needs[at].get(edge) {
                Some(&(target, _)) => {
                    open.push((id, edge + 1));
                    let to = target.0 as usize;
                    if index[to] == NEW {
                        open.push((target, 0));
                    } else if on_stack[to] {
                        low[at] = low[at].min(index[to]);
                    }
                }
                None => {
                    if let Some(&(parent, _)) = open.last() {
                        let parent = parent.0 as usize;
                        low[parent] = low[parent].min(low[at]);
                    }
                    if low[at] == index[at] {
                        let from = stack.iter().rposition(|&other| other == id).unwrap_or(0);
                        let mut part = stack.split_off(from);
                        for member in &part {
                            on_stack[member.0 as usize] = false;
                        }
                        let circle = part.len() > 1 || needs[at].iter().any(|(target, _)| *target == id);
                        if circle {
                            part.sort_unstable();
                            rings.push(part);
                        }
                    }
                }
            }
        }
    }
    rings
}
