//! See the documentation of the rule below.

use std::borrow::Cow;

use crate::model::text::Piece;
use crate::rules::Check;
use crate::rules::names::physical_name;
use crate::rules::prelude::*;
use crate::rules::tags;

rule! {
    /// Names tell the environment.
    ///
    /// A name that is the same in every environment lets only one of them into an account. Where the environment is known
    /// (from the configuration, or a tag `Environment`), an explicit name has it as one of its parts.
    ///
    /// Mend it by appending the environment to the name, or by leaving the name out.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties: {TopicName: acme-alerts, Tags: [{Key: Environment, Value: staging}]}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Topic:
    ///     Type: AWS::SNS::Topic
    ///     Properties: {TopicName: acme-staging-alerts, Tags: [{Key: Environment, Value: staging}]}
    /// ```
    ///
    /// Source: AWS Whitepaper "Best Practices for Tagging AWS Resources"; CloudFormation User Guide, "Name type".
    {
        id: "name-missing-environment", since: "0.1.0", category: Hygiene, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Suggested,
        on: ["*"],
        params: {
            environment: Text = "null", "The part to look for; by default the environment of the configuration or the tag Environment.";
            types: List = "[]", "Types to look at; all where empty.";
        },
    }
    |check, resource| {
        let types = check.list("types");
        if !types.is_empty() && !types.contains(&resource.kind()) {
            return;
        }
        let given = check.string("environment").or(check.environment()).or(resource.stack().data().environment.as_deref());
        let tagged;
        let environment = match given {
            Some(environment) => environment,
            None => {
                let Read::Known(tags) = tags::tags(resource) else { return };
                let Some(value) = tags::tag(&tags, "Environment") else { return };
                let Some(text) = named_or_open(check, resource, &value) else { return };
                tagged = text;
                &tagged
            }
        };
        if environment.is_empty() {
            return;
        }
        let Some(name) = physical_name(resource) else { return };
        let Some(text) = check.known(&name, name.text()) else { return };
        let pieces = text.pieces();
        let has = pieces.iter().any(|piece| match piece {
            Piece::Literal(literal) => {
                let mut tokens = literal.split(|c: char| !c.is_ascii_alphanumeric());
                tokens.any(|token| token.eq_ignore_ascii_case(environment)) || has_phrase(literal, environment)
            }
            Piece::Symbol(_) => false,
        });
        if has {
            return;
        }
        // The stack's name, an unknown parameter or another resource's name may bring it.
        let open = pieces.iter().any(|piece| match piece {
            Piece::Literal(_) => false,
            Piece::Symbol(Symbol::Pseudo(pseudo, _)) => matches!(pseudo, Pseudo::StackName | Pseudo::StackId),
            Piece::Symbol(_) => true,
        });
        if open {
            check.undetermined(&name, &name);
            return;
        }
        check
            .fail(&name, format!("the name of {} does not tell the environment {environment}", resource.label()))
            .fix(Fix::suggested(format!("add {environment} to the name, or leave the name out")));
    }
}

/// The environment that a tag names. Where that is not known, a name that is made with it tells it, another one may not.
fn named_or_open<'s>(check: &Check<'s>, resource: Resource<'s>, tag: &Value<'s>) -> Option<Cow<'s, str>> {
    let Read::Unknown(unknown) = tag.literal() else { return tag.literal().known() };
    let (environment, name) = (tag.symbolic()?, physical_name(resource)?.symbolic()?);
    let tells = |symbol: Symbol| environment.symbols().any(|own| own == symbol);
    if !name.symbols().any(tells) {
        check.undetermined(tag, unknown);
    }
    None
}

/// An environment that is itself made of parts, such as `eu-prod`.
fn has_phrase(text: &str, environment: &str) -> bool {
    let (text, environment) = (text.to_ascii_lowercase(), environment.to_ascii_lowercase());
    !environment.chars().all(|c| c.is_ascii_alphanumeric())
        && text.match_indices(&environment).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + environment.len()..].chars().next();
            ![before, after].iter().flatten().any(char::is_ascii_alphanumeric)
        })
}
