//! What the rules about the grammar of policy documents share: they differ in the kinds of problem that they report.

use crate::iam::lint::{Problem, ProblemKind};
use crate::model::Resource;
use crate::rules::policies::Document;
use crate::rules::{Category, Check, Finding, Severity};

/// Reports the problems of some kinds in every document of a resource. `mend` may add a fix. What AWS accepts although it
/// does not do what it says is `doubt`.
pub(super) fn report<'s>(
    check: &Check<'s>,
    resource: Resource<'s>,
    kinds: &[ProblemKind],
    doubt: (Category, Severity),
    mend: impl for<'c> Fn(Finding<'c>, &Document<'s>, &Problem) -> Finding<'c>,
) {
    for document in check.documents(resource) {
        if let Some(unknown) = document.unknown() {
            check.undetermined(&document.value, unknown);
            continue;
        }
        for problem in document.problems().iter().filter(|problem| kinds.contains(&problem.kind)) {
            let finding = check.fail(document.place(problem.at), problem.message.as_str());
            let finding = if problem.refused {
                finding.aws_error(problem.aws_error)
            } else {
                finding.category(doubt.0).severity(doubt.1).no_aws_error()
            };
            mend(finding, &document, problem);
        }
    }
}

/// No fix.
pub(super) fn as_is<'c>(finding: Finding<'c>, _: &Document<'_>, _: &Problem) -> Finding<'c> {
    finding
}
