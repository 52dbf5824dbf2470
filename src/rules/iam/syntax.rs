//! What the rules about the grammar of policy documents share: they differ in the kinds of problem that they report.

use crate::iam::lint::{Mend, Problem, ProblemKind};
use crate::model::Resource;
use crate::rules::finding::{Edit, Fix};
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

/// The change that mends the problem, where there is one that says nothing else than the document does.
pub(super) fn mended<'c>(finding: Finding<'c>, document: &Document<'_>, problem: &Problem) -> Finding<'c> {
    let place = document.place(problem.at);
    match &problem.mend {
        Some(Mend::Remove) => finding.fix(Fix::safe("leave it out", vec![Edit::remove(document.holder, place)])),
        Some(Mend::Replace(text)) => {
            let edit = Edit::replace(document.holder, place, text.as_str());
            finding.fix(Fix::safe(format!("write {text}"), vec![edit]))
        }
        None => finding,
    }
}

/// No fix.
pub(super) fn as_is<'c>(finding: Finding<'c>, _: &Document<'_>, _: &Problem) -> Finding<'c> {
    finding
}
