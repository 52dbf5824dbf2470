//! Whether a service may invoke a function: what the rules about Lambda permissions share.

use crate::graph::{Rel, Target};
use crate::model::pattern::Pattern;
use crate::model::{Read, Resource, Symbol, Text, Tri, Unknown, Value};
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
    let (permissions, mut unknown) = permissions(function);
    let mut near = None;
    let mut unscoped = None;
    for permission in permissions {
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

/// The permissions of a function or alias. The classic provider of Pulumi names the alias apart from its function.
fn permissions<'s>(function: Resource<'s>) -> (Vec<Resource<'s>>, Option<Unknown>) {
    let incoming = function.followed_by(Rel::PermissionFor);
    let mut unknown = incoming.maybe.into_iter().next().map(|(_, unknown)| unknown);
    let qualifier = |permission: &Resource<'s>| permission.get("Qualifier").text();
    let mut found: Vec<_> = incoming.edges.into_iter().map(|edge| edge.from).collect();
    if function.is("AWS::Lambda::Function") {
        found.retain(|permission| match qualifier(permission) {
            Read::Known(name) => matches!(name.as_literal(), Some("" | "$LATEST")),
            Read::Unknown(why) => {
                unknown.get_or_insert(why);
                false
            }
            Read::Absent | Read::Other => true,
        });
    } else if function.is("AWS::Lambda::Alias")
        && function.is_pulumi()
        && let Some(of) = function.follow(Rel::Configures).into_iter().find_map(|edge| edge.target.resource())
    {
        let name = function.get("Name").text().known();
        for edge in of.followed_by(Rel::PermissionFor).edges {
            match qualifier(&edge.from) {
                Read::Known(own) if Some(&own) == name.as_ref() => found.push(edge.from),
                Read::Unknown(why) => {
                    unknown.get_or_insert(why);
                }
                // What is made from the function's name may end with the alias.
                Read::Absent if edge.value.is_unknown() => {
                    unknown.get_or_insert(Unknown::from(&edge.value));
                }
                _ => {}
            }
        }
    }
    (found, unknown)
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
    let answer = match arn {
        Some(arn) if text == *arn => Tri::Yes,
        Some(arn) => Pattern::glob(&text).matches(arn),
        None => Tri::Unknown,
    };
    if answer != Tri::Unknown {
        return Some(answer);
    }
    // An attribute of the source itself, whatever its ARN looks like.
    let model = source.world().model;
    let of_source = value.unknown().is_some_and(|unknown| unknown.depends_on().contains(&source.id()))
        || text.symbols().any(|symbol| match symbol {
            Symbol::Opaque(id) => model.unknown(id).depends_on().contains(&source.id()),
            Symbol::Name(id) | Symbol::Id(id) => id == source.id(),
            Symbol::Pseudo(..) => false,
        });
    Some(if of_source { Tri::Yes } else { Tri::Unknown })
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
