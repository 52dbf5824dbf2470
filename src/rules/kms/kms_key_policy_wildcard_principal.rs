//! See the documentation of the rule below.

use crate::iam::policy::Effect;
use crate::rules::prelude::*;
use crate::rules::statements::is_open;

rule! {
    /// A key policy does not let everyone in.
    ///
    /// With the principal `*` every AWS account may use the key, unless a condition says which callers are meant.
    /// `kms:ViaService` says only through which service.
    ///
    /// Name the principals, or add `kms:CallerAccount`, `aws:PrincipalOrgID` or `aws:SourceAccount`.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy:
    ///         Version: '2012-10-17'
    ///         Statement: [{Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*'}]
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Key:
    ///     Type: AWS::KMS::Key
    ///     Properties:
    ///       KeyPolicy:
    ///         Version: '2012-10-17'
    ///         Statement:
    ///           - Effect: Allow
    ///             Principal: '*'
    ///             Action: kms:*
    ///             Resource: '*'
    ///             Condition: {StringEquals: {'kms:CallerAccount': !Ref AWS::AccountId}}
    /// ```
    ///
    /// Source: KMS Developer Guide, "Key policies in AWS KMS".
    {
        id: "kms-key-policy-wildcard-principal", since: "0.1.0", category: Security, severity: Critical, preset: Dev,
        scope: SingleResource,
        on: ["AWS::KMS::Key", "AWS::KMS::ReplicaKey"],
    }
    |check, key| {
        for document in check.documents(key) {
            if let Some(unknown) = document.unknown() {
                check.undetermined(&document.value, unknown);
                continue;
            }
            for (_, statement, doubt) in document.statements(Effect::Allow) {
                let open = is_open(&document, statement);
                let Some(principals) = statement.principals.as_ref().filter(|_| !open.is_no()) else { continue };
                check.in_doubt(doubt.or_else(|| document.doubt_about(statement, open)), || {
                    check
                        .fail(document.place(principals.at), "the key policy lets every AWS account use the key")
                        .fix(Fix::suggested(
                            "name the principals, or add a condition on kms:CallerAccount or aws:PrincipalOrgID",
                        ));
                });
            }
        }
    }
}
