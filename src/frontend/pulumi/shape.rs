//! What a row of the type table says.

/// A Pulumi type and where its inputs go in CloudFormation's shape.
pub(super) struct TypeRow {
    /// `aws:kms/key:Key`, `aws-native:kms:Key`.
    pub token: &'static str,
    /// CloudFormation type, or a kind of our own; see [`super::kinds`].
    pub kind: &'static str,
    /// For a resource that configures another one: the type of that one, and the input that names it.
    pub owner: Option<Owner>,
    /// Sorted by segments of the path, so that the rows under one name stand together.
    pub properties: &'static [PropertyRow],
}

pub(super) struct Owner {
    pub kind: &'static str,
    pub join: &'static str,
}

/// Pulumi input path, CloudFormation path, conversion. `[]` is each element of a list, `[0]` its first.
pub(super) struct PropertyRow(pub &'static str, pub &'static str, pub As);

/// How a value changes on its way, besides its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum As {
    Same,
    /// Names that the user chose, not to be touched.
    Map,
    /// `{"a": "b"}` → `[{"Key": "a", "Value": "b"}]`.
    Tags,
    /// `{"a": "b"}` → `[{"Name": "a", "Value": "b"}]`.
    Dimensions,
    /// `true` → `Enabled`, `false` → `Suspended`.
    EnabledSuspended,
    /// `true` → `Enabled`, `false` → `Disabled`.
    EnabledDisabled,
    /// `true` → `ENABLED`, `false` → `DISABLED`.
    State,
    /// `public-read` → `PublicRead`.
    Acl,
    /// `true` → `internal`, `false` → `internet-facing`.
    Scheme,
    /// An element `{"Key": …, "Value": …}` of a list of attributes.
    Attribute(&'static str),
}
