//! See the documentation of the rule below.

use crate::rules::prelude::*;

rule! {
    /// Topics are encrypted with a KMS key.
    ///
    /// Without a key SNS keeps messages encrypted on its own disks only; with one, who reads a stored message is decided by
    /// the key policy as well. Where services publish to the topic, it must be a customer managed key that lets them: they
    /// cannot use `alias/aws/sns`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Topic: {Type: AWS::SNS::Topic}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Topic: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: alias/messages}}
    /// ```
    ///
    /// Source: SNS Developer Guide, "Securing Amazon SNS data with server-side encryption"; Security Hub, SNS.1.
    {
        id: "sns-encryption", since: "0.1.0", category: Security, severity: Medium, preset: Enhanced,
        scope: SingleResource,
        fix: Suggested,
        on: ["AWS::SNS::Topic"],
    }
    |check, topic| {
        let key = topic.get("KmsMasterKeyId");
        let empty = matches!(key.literal(), Read::Known(text) if text.is_empty());
        if key.is_present() && !empty {
            return;
        }
        match key.unknown() {
            Some(unknown) => {
                check.undetermined(&key, unknown);
            }
            None => {
                check
                    .fail(&key, format!("{} is not encrypted with a KMS key", topic.label()))
                    .fix(Fix::suggested("set KmsMasterKeyId to a customer managed key whose policy names the publishers"));
            }
        }
    }
}
