//! Whether a service may invoke a function: what the rules about Lambda permissions share.

use crate::graph::{Rel, Target};
use crate::model::pattern::Pattern;
use crate::model::{Read, Resource, Text, Tri, Unknown, Value};
use crate::rules::Check;

/// What the permissions of a function say to a service.
pub enum Grant<'s> {
    /// A permission that is certainly meant for this source.
    Granted(Resource<'s>),
    /// The service may invoke it, for whatever source.
    Unscoped(Resource<'s>),
    /// No permission names the service for this function; one that comes near, where there is one.
    Missing(Option<(Resource<'s>, &'static str)>),
    Unknown(Unknown),
}

/// Looks for an `AWS::Lambda::Permission` that lets one of `services` invoke `function` for a source with this ARN.
pub fn grant<'s>(
    function: Resource<'s>,
    services: &[Text<'s>],
    source: Resource<'s>,
    source_arn: Option<&Text<'s>>,
) -> Grant<'s> {
    let incoming = function.followed_by(Rel::PermissionFor);
    let mut near = None;
    let mut unknown = incoming.maybe.into_iter().next().map(|(_, unknown)| unknown);
    let mut unscoped = None;
    for edge in incoming.edges {
        let permission = edge.from;
        match action_covers(&permission.get("Action")) {
            Tri::No => {
                near = near.or(Some((permission, "allows another action")));
                continue;
            }
            Tri::Unknown => {
                unknown = unknown.or_else(|| Some(Unknown::from(&permission.get("Action"))));
                continue;
            }
            Tri::Yes => {}
        }
        let principal = permission.get("Principal");
        let Read::Known(text) = principal.text() else {
            unknown = unknown.or_else(|| Some(Unknown::from(&principal)));
            continue;
        };
        if text.as_literal() != Some("*") && !services.contains(&text) {
            if text.has_opaque() {
                unknown = unknown.or_else(|| Some(Unknown::from(&principal)));
            } else {
                near = near.or(Some((permission, "is for another principal")));
            }
            continue;
        }
        match source_matches(&permission.get("SourceArn"), source, source_arn) {
            None => match account_matches(&permission.get("SourceAccount"), source) {
                Tri::Yes => return Grant::Granted(permission),
                Tri::No => near = near.or(Some((permission, "is for another account"))),
                Tri::Unknown => unscoped = unscoped.or(Some(permission)),
            },
            Some(Tri::Yes) => return Grant::Granted(permission),
            Some(Tri::No) => near = Some((permission, "is for another source")),
            Some(Tri::Unknown) => unknown = unknown.or_else(|| Some(Unknown::from(&permission.get("SourceArn")))),
        }
    }
    match (unscoped, unknown.or(source.stack().may_hold_more())) {
        (Some(permission), _) => Grant::Unscoped(permission),
        (None, Some(unknown)) => Grant::Unknown(unknown),
        (None, None) => Grant::Missing(near),
    }
}

fn action_covers(action: &Value<'_>) -> Tri {
    match action.literal() {
        Read::Known(action) => {
            Pattern::glob(&Text::from(&*action.to_ascii_lowercase())).matches_literal("lambda:invokefunction")
        }
        Read::Unknown(_) => Tri::Unknown,
        Read::Absent | Read::Other => Tri::No,
    }
}

/// `None` where the permission names no source. Lambda compares as `ArnLike`.
fn source_matches<'s>(value: &Value<'s>, source: Resource<'s>, arn: Option<&Text<'s>>) -> Option<Tri> {
    let text = value.symbolic()?;
    if let Some(arn) = arn
        && (text == *arn || Pattern::glob(&text).matches(arn).is_yes())
    {
        return Some(Tri::Yes);
    }
    // An attribute of the source itself, whatever its ARN looks like.
    if let Some(unknown) = value.unknown()
        && unknown.depends_on().contains(&source.id())
    {
        return Some(Tri::Yes);
    }
    let model = source.world().model;
    let of_source = text.symbols().any(|symbol| match symbol {
        crate::model::Symbol::Opaque(id) => model.unknown(id).depends_on().contains(&source.id()),
        crate::model::Symbol::Name(id) | crate::model::Symbol::Id(id) => id == source.id(),
        crate::model::Symbol::Pseudo(..) => false,
    });
    match arn {
        _ if of_source => Some(Tri::Yes),
        Some(arn) => Some(Pattern::glob(&text).matches(arn)),
        None => Some(Tri::Unknown),
    }
}

fn account_matches(value: &Value<'_>, source: Resource<'_>) -> Tri {
    match value.symbolic() {
        Some(text) => Pattern::exact(&text).matches(&source.account()),
        None => Tri::Unknown,
    }
}

/// The function, alias or version that a value of a source names, where it is in this stack.
pub fn function_of<'s>(check: &Check<'s>, value: &Value<'s>, target: &Target<'s>) -> Option<Resource<'s>> {
    match target {
        Target::Resource(function) if is_function(*function) => Some(*function),
        Target::Resource(_) | Target::Outside(_) => None,
        Target::Unknown(unknown) => {
            check.undetermined(value, unknown);
            None
        }
    }
}

pub fn is_function(resource: Resource<'_>) -> bool {
    matches!(resource.kind(), "AWS::Lambda::Function" | "AWS::Lambda::Alias" | "AWS::Lambda::Version")
}
