//! See the documentation of the rule below.

use crate::model::text::Piece;
use crate::rules::prelude::*;

rule! {
    /// Queues are encrypted, in one way.
    ///
    /// New queues are encrypted with SSE-SQS unless it is turned off. With a KMS key as well, the creation fails. The
    /// reuse period of a data key is 60 to 86400 seconds.
    ///
    /// Turn SSE-SQS on, or name a KMS key.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Queue: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Queue: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: true}}
    /// ```
    ///
    /// Source: SQS API Reference, "SetQueueAttributes"; SQS Developer Guide, "Encryption at rest".
    {
        id: "sqs-encryption", since: "0.1.0", category: Security, severity: Medium, preset: Dev,
        scope: SingleResource,
        fix: Safe,
        on: ["AWS::SQS::Queue"],
    }
    |check, queue| {
        let managed = queue.get("SqsManagedSseEnabled");
        let key = queue.get("KmsMasterKeyId");
        let has_key = match key.text() {
            Read::Known(text) => (text.as_literal() != Some("")).into(),
            Read::Absent => Tri::No,
            Read::Unknown(_) if key.is_present() => Tri::Yes,
            _ => Tri::Unknown,
        };
        match (managed.boolean(), has_key) {
            (Read::Known(true), Tri::Yes) => {
                check
                    .fail(&managed, "a queue is encrypted with SSE-SQS or with a KMS key, not with both")
                    .category(Category::DeployFailure)
                    .severity(Severity::High)
                    .aws_error("InvalidAttributeValue: You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
                    .fix(Fix::safe("leave SqsManagedSseEnabled out", vec![Edit::remove(queue, &managed)]));
            }
            (Read::Known(false), Tri::No) => {
                check
                    .fail(&managed, "messages in this queue are not encrypted at rest")
                    .fix(Fix::safe("turn SSE-SQS on", vec![Edit::set(queue, "SqsManagedSseEnabled", true)]));
            }
            (Read::Known(_), Tri::Unknown) => {
                check.undetermined(&key, &key);
            }
            (Read::Unknown(unknown), has_key) if managed.is_present() || !has_key.is_no() => {
                check.undetermined(&managed, unknown);
            }
            _ => {}
        }
        let period = queue.get("KmsDataKeyReusePeriodSeconds");
        if let Some(seconds) = check.known(&period, period.number())
            && !(60.0..=86_400.0).contains(&seconds)
        {
            check
                .fail(&period, "the reuse period of a data key is 60 to 86400 seconds")
                .category(Category::DeployFailure)
                .severity(Severity::High)
                .aws_error("InvalidAttributeValue: Invalid value for the parameter KmsDataKeyReusePeriodSeconds.");
        }
        let name = queue.get("QueueName");
        let (fifo, ends) = (queue.get("FifoQueue"), ends_with_fifo(&name));
        // A name that a parameter gives is taken for one of the right kind where nothing says that the queue is a FIFO queue.
        if !name.is_absent() && (fifo.boolean().is_unknown() || ends == Tri::Unknown && fifo.boolean() == Read::Known(true)) {
            let open = if fifo.boolean().is_unknown() { &fifo } else { &name };
            check.undetermined(open, open);
        }
        if let (Read::Known(text), fifo) = (name.literal(), fifo.boolean()) {
            let ends = ends.is_yes();
            let plain = text.strip_suffix(".fifo").unwrap_or(&text);
            let wrong = match fifo {
                Read::Known(true) if !ends => Some("the name of a FIFO queue ends with .fifo"),
                Read::Known(false) | Read::Absent if ends => Some("only the name of a FIFO queue ends with .fifo"),
                _ if text.len() > 80
                    || plain.is_empty()
                    || !plain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') =>
                {
                    Some("the name of a queue has at most 80 letters, digits, - and _")
                }
                _ => None,
            };
            if let Some(wrong) = wrong {
                check
                    .fail(&name, wrong)
                    .category(Category::DeployFailure)
                    .severity(Severity::High)
                    .aws_error("InvalidParameterValue: The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length");
            }
        }
    }
}

/// Whether a name has the suffix of FIFO queues.
fn ends_with_fifo(name: &Value<'_>) -> Tri {
    let text = name.symbolic().unwrap_or_else(|| Text::from(""));
    match text.pieces().last() {
        Some(Piece::Literal(end)) if end.ends_with(".fifo") => Tri::Yes,
        Some(Piece::Symbol(Symbol::Opaque(_))) => Tri::Unknown,
        _ => Tri::No,
    }
}
