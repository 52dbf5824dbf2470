//! Which S3 actions are about the bucket, and which about objects.
//!
//! Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".

/// Actions on objects, lower case, without `s3:`.
const OBJECT: &[&str] = &[
    "abortmultipartupload",
    "bypassgovernanceretention",
    "deleteobject",
    "deleteobjecttagging",
    "deleteobjectversion",
    "deleteobjectversiontagging",
    "getobject",
    "getobjectacl",
    "getobjectattributes",
    "getobjectlegalhold",
    "getobjectretention",
    "getobjecttagging",
    "getobjecttorrent",
    "getobjectversion",
    "getobjectversionacl",
    "getobjectversionattributes",
    "getobjectversionforreplication",
    "getobjectversiontagging",
    "getobjectversiontorrent",
    "initiatereplication",
    "listmultipartuploadparts",
    "objectowneroverridetobucketowner",
    "putobject",
    "putobjectacl",
    "putobjectlegalhold",
    "putobjectretention",
    "putobjecttagging",
    "putobjectversionacl",
    "putobjectversiontagging",
    "replicatedelete",
    "replicateobject",
    "replicatetags",
    "restoreobject",
    "updateobjectencryption",
];

/// Actions on the bucket, lower case, without `s3:`.
const BUCKET: &[&str] = &[
    "createbucket",
    "createbucketmetadatatableconfiguration",
    "deletebucket",
    "deletebucketmetadatatableconfiguration",
    "deletebucketownershipcontrols",
    "deletebucketpolicy",
    "deletebucketwebsite",
    "getaccelerateconfiguration",
    "getanalyticsconfiguration",
    "getbucketabac",
    "getbucketacl",
    "getbucketcors",
    "getbucketlocation",
    "getbucketlogging",
    "getbucketmetadatatableconfiguration",
    "getbucketnotification",
    "getbucketobjectlockconfiguration",
    "getbucketownershipcontrols",
    "getbucketpolicy",
    "getbucketpolicystatus",
    "getbucketpublicaccessblock",
    "getbucketrequestpayment",
    "getbuckettagging",
    "getbucketversioning",
    "getbucketwebsite",
    "getencryptionconfiguration",
    "getintelligenttieringconfiguration",
    "getinventoryconfiguration",
    "getlifecycleconfiguration",
    "getmetricsconfiguration",
    "getreplicationconfiguration",
    "listbucket",
    "listbucketmultipartuploads",
    "listbucketversions",
    "putaccelerateconfiguration",
    "putanalyticsconfiguration",
    "putbucketabac",
    "putbucketacl",
    "putbucketcors",
    "putbucketlogging",
    "putbucketnotification",
    "putbucketobjectlockconfiguration",
    "putbucketownershipcontrols",
    "putbucketpolicy",
    "putbucketpublicaccessblock",
    "putbucketrequestpayment",
    "putbuckettagging",
    "putbucketversioning",
    "putbucketwebsite",
    "putencryptionconfiguration",
    "putintelligenttieringconfiguration",
    "putinventoryconfiguration",
    "putlifecycleconfiguration",
    "putmetricsconfiguration",
    "putreplicationconfiguration",
];

/// What an action or pattern of actions is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Objects,
    Bucket,
    Both,
    /// No action that is known here.
    Neither,
}

/// Looks an action up; `matches` says whether the written pattern takes in a name such as `s3:getobject`.
pub(super) fn about(matches: impl Fn(&str) -> bool) -> About {
    let any = |names: &[&str]| names.iter().any(|name| matches(&format!("s3:{name}")));
    match (any(OBJECT), any(BUCKET)) {
        (true, true) => About::Both,
        (true, false) => About::Objects,
        (false, true) => About::Bucket,
        (false, false) => About::Neither,
    }
}

/// The action that one letter too many or too few was made of. New actions of S3 differ by more from those that are known here.
pub(super) fn near_miss(action: &str) -> Option<&'static str> {
    let name = action.strip_prefix("s3:").filter(|name| !name.contains(['*', '?']))?;
    let is_near = |known: &&&str| {
        let (long, short) = if known.len() > name.len() { (**known, name) } else { (name, **known) };
        let same = long.bytes().zip(short.bytes()).take_while(|(one, other)| one == other).count();
        long.len() == short.len() + 1 && long[same + 1..] == short[same..]
    };
    OBJECT.iter().chain(BUCKET).find(is_near).copied()
}
