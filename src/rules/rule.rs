//! What a rule is: metadata, parameters and a check, all from one `rule!`.

use serde::Serialize;

use crate::model::{Resource, Stack};

use super::check::Check;
use super::finding::{Category, FixKind, Severity};

/// The smallest preset that has the rule; each preset has the rules of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Deployment failures and critical security.
    Dev,
    /// All deployment failures, and critical and high security that needs no parameter of the organisation.
    Recommended,
    /// Also what a careful team wants everywhere.
    Enhanced,
    /// Also what is asked of production.
    Production,
    /// Every rule.
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Looks at one resource and what is inside it.
    SingleResource,
    /// Follows relations to other resources of the stack.
    CrossResource,
    /// Looks at all stacks of the input.
    Assembly,
}

#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub kind: ParameterKind,
    /// JSON; `null` where the parameter is unset by default.
    pub default: &'static str,
    pub doc: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    Number,
    Boolean,
    Text,
    /// List of strings.
    List,
    /// List of numbers.
    Numbers,
    Object,
}

/// How a rule is called.
#[derive(Clone, Copy)]
pub enum Run {
    /// Once per resource of the types in `on`.
    Resource(for<'c, 's> fn(&'c Check<'s>, Resource<'s>)),
    /// Once per stack.
    Stack(for<'c, 's> fn(&'c Check<'s>, Stack<'s>)),
}

pub struct Rule {
    pub id: &'static str,
    pub since: &'static str,
    pub category: Category,
    pub severity: Severity,
    pub preset: Preset,
    pub scope: Scope,
    /// Whether a finding may carry a fix, and of which kind.
    pub fix: Option<FixKind>,
    /// CloudFormation types, `*` for all.
    pub on: &'static [&'static str],
    pub parameters: &'static [Parameter],
    /// The text AWS answers with, where the rule predicts a refusal.
    pub aws_error: Option<&'static str>,
    /// Reported in the same words by the CDK's built-in validation: off in the CDK plugin where that runs.
    pub cdk_builtin: bool,
    /// Markdown: the first line is the title; then why it fails, how to mend it, examples and sources. On wasm32 the title alone.
    pub docs: &'static str,
    pub run: Run,
}

impl Rule {
    /// First line of the documentation, without its full stop.
    pub fn title(&self) -> &'static str {
        self.docs.trim_start().lines().next().unwrap_or_default().trim().trim_end_matches('.')
    }
}

/// Declares a rule as `pub static RULE`.
///
/// ```text
/// rule! {
///     /// Keys rotate their material every year.
///     ///
///     /// Why, AWS's words, how to mend, examples, sources.
///     {
///         id: "kms-rotation", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
///         scope: SingleResource, fix: Safe, on: ["AWS::KMS::Key"],
///         params: { maxDays: Number = "365", "Longest rotation period in days." },
///     }
///     |check, key| { … }
/// }
/// ```
/// `fix`, `params`, `aws_error` and `cdk_builtin` may be left out, in this order. A rule on a whole stack has no `on` and
/// `stack |check, stack| { … }`.
macro_rules! rule {
    (
        #[doc = $title:literal]
        $(#[doc = $doc:literal])*
        {
            id: $id:literal, since: $since:literal, category: $category:ident, severity: $severity:ident,
            preset: $preset:ident, scope: $scope:ident,
            $(fix: $fix:ident,)?
            on: $on:expr,
            $(params: { $($name:ident: $kind:ident = $default:literal, $pdoc:literal);* $(;)? },)?
            $(aws_error: $aws_error:expr,)?
            $(cdk_builtin: $cdk_builtin:literal,)?
        }
        |$check:ident, $resource:ident| $body:block
    ) => {
        pub static RULE: $crate::rules::Rule = $crate::rules::Rule {
            id: $id,
            since: $since,
            category: $crate::rules::Category::$category,
            severity: $crate::rules::Severity::$severity,
            preset: $crate::rules::Preset::$preset,
            scope: $crate::rules::Scope::$scope,
            fix: rule!(@fix $($fix)?),
            on: &$on,
            parameters: &[$($($crate::rules::Parameter {
                name: stringify!($name),
                kind: $crate::rules::ParameterKind::$kind,
                default: $default,
                doc: $pdoc,
            }),*)?],
            aws_error: rule!(@option $($aws_error)?),
            cdk_builtin: false $(|| $cdk_builtin)?,
            docs: rule!(@docs $title $($doc)*),
            run: $crate::rules::Run::Resource({
                fn run<'s>($check: &$crate::rules::Check<'s>, $resource: $crate::model::Resource<'s>) $body
                run
            }),
        };
    };
    (
        #[doc = $title:literal]
        $(#[doc = $doc:literal])*
        {
            id: $id:literal, since: $since:literal, category: $category:ident, severity: $severity:ident,
            preset: $preset:ident, scope: $scope:ident,
            $(fix: $fix:ident,)?
            $(params: { $($name:ident: $kind:ident = $default:literal, $pdoc:literal);* $(;)? },)?
            $(aws_error: $aws_error:expr,)?
            $(cdk_builtin: $cdk_builtin:literal,)?
        }
        stack |$check:ident, $stack:ident| $body:block
    ) => {
        pub static RULE: $crate::rules::Rule = $crate::rules::Rule {
            id: $id,
            since: $since,
            category: $crate::rules::Category::$category,
            severity: $crate::rules::Severity::$severity,
            preset: $crate::rules::Preset::$preset,
            scope: $crate::rules::Scope::$scope,
            fix: rule!(@fix $($fix)?),
            on: &[],
            parameters: &[$($($crate::rules::Parameter {
                name: stringify!($name),
                kind: $crate::rules::ParameterKind::$kind,
                default: $default,
                doc: $pdoc,
            }),*)?],
            aws_error: rule!(@option $($aws_error)?),
            cdk_builtin: false $(|| $cdk_builtin)?,
            docs: rule!(@docs $title $($doc)*),
            run: $crate::rules::Run::Stack({
                fn run<'s>($check: &$crate::rules::Check<'s>, $stack: $crate::model::Stack<'s>) $body
                run
            }),
        };
    };
    // The module for JavaScript carries the titles alone: the pages are shipped beside it, as a file.
    (@docs $title:literal $($doc:literal)*) => {{
        #[cfg(target_arch = "wasm32")]
        const DOCS: &str = $title;
        #[cfg(not(target_arch = "wasm32"))]
        const DOCS: &str = concat!($title, "\n", $($doc, "\n"),*);
        DOCS
    }};
    (@fix) => { None };
    (@fix $fix:ident) => { Some($crate::rules::FixKind::$fix) };
    (@option) => { None };
    (@option $value:expr) => { Some($value) };
}
