//! See the documentation of the rule below.

use crate::iam::principal::Arn;
use crate::model::text::Piece;
use crate::rules::prelude::*;
use crate::rules::{Check, Doubt};

rule! {
    /// The properties of a key fit together.
    ///
    /// Only symmetric encryption keys with material from KMS rotate by themselves; each key spec allows only certain
    /// usages; a rotation period is 90 to 2560 days; a replica lies in another region than its primary key, which is a
    /// multi-Region key; alias names that begin with `alias/aws/` are AWS's. A disabled key makes everything that it
    /// encrypts unreadable.
    ///
    /// Mend the property that is named.
    ///
    /// ```yaml fails
    /// Resources:
    ///   Signer:
    ///     Type: AWS::KMS::Key
    ///     Properties: {KeySpec: RSA_2048, KeyUsage: SIGN_VERIFY, EnableKeyRotation: true}
    /// ```
    /// ```yaml passes
    /// Resources:
    ///   Signer:
    ///     Type: AWS::KMS::Key
    ///     Properties: {KeySpec: RSA_2048, KeyUsage: SIGN_VERIFY}
    /// ```
    ///
    /// Source: CloudFormation Template Reference, AWS::KMS::Key; KMS API Reference, "CreateKey", "ReplicateKey",
    /// "CreateAlias".
    {
        id: "kms-key-config", since: "0.1.0", category: DeployFailure, severity: High, preset: Dev,
        scope: CrossResource,
        fix: Safe,
        on: ["AWS::KMS::Key", "AWS::KMS::ReplicaKey", "AWS::KMS::Alias"],
    }
    |check, key| {
        match key.kind() {
            "AWS::KMS::Alias" => alias(check, key),
            "AWS::KMS::ReplicaKey" => {
                replica(check, key);
                disabled(check, key);
            }
            _ => {
                rotation(check, key);
                usage(check, key);
                disabled(check, key);
            }
        }
    }
}

fn rotation<'s>(check: &Check<'s>, key: Resource<'s>) {
    let rotation = key.get("EnableKeyRotation");
    let on = rotation.boolean();
    if matches!(on, Read::Known(true) | Read::Unknown(_)) {
        let spec = key.effective("KeySpec").literal();
        let origin = key.effective("Origin").literal();
        let wrong = match (&spec, &origin) {
            (Read::Known(spec), _) if spec != "SYMMETRIC_DEFAULT" => Some(Ok(format!("a {spec} key does not rotate"))),
            (_, Read::Known(origin)) if origin != "AWS_KMS" => {
                Some(Ok(format!("a key of origin {origin} does not rotate")))
            }
            (Read::Unknown(unknown), _) | (_, Read::Unknown(unknown)) => Some(Err(unknown.clone())),
            _ => None,
        };
        match (&wrong, &on) {
            (Some(Ok(wrong)), Read::Known(true)) => {
                check
                    .fail(&rotation, wrong)
                    .aws_error("You cannot set the EnableKeyRotation property to true on asymmetric or external keys.")
                    .fix(Fix::safe("drop EnableKeyRotation", vec![Edit::remove(key, &rotation)]));
            }
            (Some(Err(unknown)), Read::Known(true)) | (Some(Ok(_)), Read::Unknown(unknown)) => {
                check.undetermined(&rotation, unknown);
            }
            _ => {}
        }
    }
    let period = key.get("RotationPeriodInDays");
    match period.number() {
        Read::Known(days) if !(90.0..=2560.0).contains(&days) || days.fract() != 0.0 => {
            check
                .fail(&period, "a rotation period is 90 to 2560 days")
                .aws_error("Value at 'rotationPeriodInDays' failed to satisfy constraint: 90 to 2560");
        }
        Read::Known(_) if on.is_unknown() => {
            check.undetermined(&rotation, &rotation);
        }
        Read::Known(_) if matches!(on, Read::Known(false) | Read::Absent) => {
            check
                .fail(&period, "a rotation period has no effect while rotation is off")
                .category(Category::Hygiene)
                .severity(Severity::Low);
        }
        Read::Unknown(unknown) => {
            check.undetermined(&period, unknown);
        }
        _ => {}
    }
}

fn usage<'s>(check: &Check<'s>, key: Resource<'s>) {
    let kind = key.effective("KeySpec");
    let Some(spec) = check.known(&kind, kind.literal()) else { return };
    let allowed: &[&str] = match &*spec {
        "SYMMETRIC_DEFAULT" => &["ENCRYPT_DECRYPT"],
        spec if spec.starts_with("HMAC_") => &["GENERATE_VERIFY_MAC"],
        spec if spec.starts_with("RSA_") => &["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
        spec if spec.starts_with("ECC_NIST_EDWARDS") => &["SIGN_VERIFY"],
        spec if spec.starts_with("ECC_NIST_") => &["SIGN_VERIFY", "KEY_AGREEMENT"],
        "SM2" => &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"],
        spec if spec.starts_with("ECC_SECG_") || spec.starts_with("ML_DSA") => &["SIGN_VERIFY"],
        _ => return,
    };
    let usage = key.get("KeyUsage");
    let text = match usage.literal() {
        Read::Known(text) => text.into_owned(),
        // What AWS takes where nothing is said.
        Read::Absent => "ENCRYPT_DECRYPT".to_owned(),
        Read::Unknown(unknown) => {
            check.undetermined(&usage, unknown);
            return;
        }
        Read::Other => return,
    };
    if !allowed.contains(&text.as_str()) {
        let fix = match allowed {
            [only] => Fix::suggested(format!("set KeyUsage to {only}")),
            _ => Fix::suggested(format!("set KeyUsage to one of {}", allowed.join(", "))),
        };
        check
            .fail(&usage, format!("a {spec} key cannot be for {text}"))
            .aws_error(format!("ValidationException: KeyUsage {text} is not compatible with KeySpec {spec}"))
            .fix(fix);
    }
}

fn replica<'s>(check: &Check<'s>, key: Resource<'s>) {
    let primary = key.get("PrimaryKeyArn");
    for edge in key.follow(Rel::Configures) {
        match edge.target {
            Target::Resource(of) => {
                let multi_region = of.get("MultiRegion");
                if matches!(multi_region.boolean(), Read::Known(false) | Read::Absent) {
                    check
                        .fail(&primary, format!("{} is no multi-Region key and has no replicas", of.label()))
                        .aws_error("UnsupportedOperationException: the key is not a multi-Region primary key")
                        .related(of, multi_region, "makes a key multi-Region");
                } else if key.region() == of.region() {
                    check
                        .fail(&primary, format!("{} is in the same region; a replica lies in another one", of.label()))
                        .aws_error("AlreadyExistsException: the key already exists in this region");
                }
            }
            Target::Outside(text) => {
                let Some(arn) = Arn::of(&text) else { continue };
                if let Some(rest) = arn.rest.as_literal().and_then(|rest| rest.strip_prefix("key/"))
                    && !rest.starts_with("mrk-")
                {
                    check
                        .fail(&primary, "the id of a multi-Region key begins with mrk-: this one has no replicas")
                        .aws_error("UnsupportedOperationException: the key is not a multi-Region primary key");
                } else if arn.region.as_literal().is_some() && arn.region == key.region() {
                    check
                        .fail(&primary, "the primary key is in the same region; a replica lies in another one")
                        .aws_error("AlreadyExistsException: the key already exists in this region");
                }
            }
            Target::Unknown(_) => {}
        }
    }
}

fn alias<'s>(check: &Check<'s>, alias: Resource<'s>) {
    let name = alias.get("AliasName");
    let text = match name.literal() {
        Read::Known(text) => text,
        Read::Unknown(unknown) => {
            // Nobody fills in `aws/` behind a prefix that is written.
            let begins_well = name.symbolic().is_some_and(|text| match text.pieces().first() {
                Some(Piece::Literal(start)) => {
                    start.strip_prefix("alias/").is_some_and(|rest| !rest.starts_with("aws/"))
                }
                _ => false,
            });
            if !begins_well {
                check.undetermined(&name, unknown);
            }
            return;
        }
        Read::Absent | Read::Other => return,
    };
    // The provider of Pulumi adds the prefix for nobody either.
    let Some(rest) = text.strip_prefix("alias/") else {
        check
            .fail(&name, "the name of an alias begins with alias/")
            .aws_error("ValidationException: Alias must start with the prefix \"alias/\"")
            .fix(Fix::safe("put alias/ in front", vec![Edit::replace(alias, &name, format!("alias/{text}"))]));
        return;
    };
    if rest.starts_with("aws/") {
        check
            .fail(&name, "alias names that begin with alias/aws/ are reserved for AWS")
            .aws_error("NotAuthorizedException: Prefix alias/aws is reserved for use by AWS");
    } else if rest.is_empty()
        || text.len() > 256
        || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'/' | b'_' | b'-'))
    {
        check
            .fail(&name, "the name of an alias has letters, digits and :/_- only, at most 256")
            .aws_error("InvalidAliasNameException: Alias contains invalid characters");
    }
}

fn disabled<'s>(check: &Check<'s>, key: Resource<'s>) {
    let enabled = key.get("Enabled");
    let doubt = Doubt::of(&enabled);
    if doubt.is_none() && enabled.boolean() != Read::Known(false) {
        return;
    }
    if let Some(edge) = key.followed_by(Rel::EncryptedBy).edges.into_iter().next() {
        check.in_doubt(doubt, || {
            check
                .fail(&enabled, format!("{} is encrypted with this disabled key", edge.from.label()))
                .category(Category::Reliability)
                .related(edge.from, &edge.value, "uses the key")
                .fix(Fix::suggested("enable the key, or let nothing use it"));
        });
    }
}
