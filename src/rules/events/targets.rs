//! The targets of event rules: elements of a rule in CloudFormation, resources of their own in Pulumi.

use crate::graph::{EVENT_TARGET, Edge, Rel};
use crate::model::{Read, Resource, Value};

/// One target.
pub struct EventTarget<'s> {
    /// The resource that the user wrote it in.
    pub holder: Resource<'s>,
    /// `Arn`, `RoleArn`, `DeadLetterConfig` … as in `AWS::Events::Rule.Targets`.
    pub value: Value<'s>,
}

/// The targets that stand in a rule, in Pulumi's target, or in a schedule of EventBridge Scheduler.
pub fn targets_of<'s>(resource: Resource<'s>) -> Read<Vec<EventTarget<'s>>> {
    let made = |value| EventTarget { holder: resource, value };
    match resource.kind() {
        EVENT_TARGET => Read::Known(vec![made(resource.properties())]),
        "AWS::Scheduler::Schedule" => match resource.get("Target") {
            target if target.is_absent() => Read::Absent,
            target => match target.unknown() {
                Some(unknown) => Read::Unknown(unknown.clone()),
                None => Read::Known(vec![made(target)]),
            },
        },
        _ => resource.get("Targets").items_or_one().map(|items| items.into_iter().map(made).collect()),
    }
}

impl<'s> EventTarget<'s> {
    /// The edge of a relation that a property of this target makes (`Arn`, `RoleArn`, `DeadLetterConfig.Arn`).
    pub fn edge(&self, rel: Rel, path: &'static str) -> Option<Edge<'s>> {
        let place = self.value.path(path).place();
        self.holder.follow(rel).into_iter().find(|edge| edge.value.place() == place)
    }

    /// The rule that the target belongs to, where it is part of this input.
    pub fn rule(&self) -> Option<Resource<'s>> {
        match self.holder.kind() {
            EVENT_TARGET => self.holder.follow(Rel::Listens).into_iter().find_map(|edge| edge.target.resource()),
            _ => Some(self.holder),
        }
    }
}
