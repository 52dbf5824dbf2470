//! See the documentation of the rule below.

use crate::doc::Shape;
use crate::model::text::Piece;
use crate::rules::names::physical_name;
use crate::rules::prelude::*;

rule! {
    /// Names that are unique beyond a region have the region in them.
    ///
    /// IAM names are unique in an account, bucket names in a partition, whatever the region. An application that goes to
    /// several regions is refused in the second one when the name does not tell the regions apart.
    ///
    /// An application goes to several regions if the stacks of the input do, or if `multiRegion` says so; a template with a
    /// mapping by region is at least meant to.
    ///
    /// Mend it with `${AWS::Region}` in the name, or by leaving the name out.
    ///
    /// ```yaml fails
    /// Mappings: {Images: {eu-west-1: {Id: ami-0a1}, us-east-1: {Id: ami-0b2}}}
    /// Resources:
    ///   Role: {Type: AWS::IAM::Role, Properties: {RoleName: deploy, AssumeRolePolicyDocument: {Statement: []}}}
    /// ```
    /// ```yaml passes
    /// Mappings: {Images: {eu-west-1: {Id: ami-0a1}, us-east-1: {Id: ami-0b2}}}
    /// Resources:
    ///   Role: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub 'deploy-${AWS::Region}', AssumeRolePolicyDocument: {Statement: []}}}
    /// ```
    ///
    /// Source: IAM User Guide, "IAM identifiers"; S3 User Guide, "Bucket naming rules".
    {
        id: "name-missing-region", since: "0.1.0", category: DeployFailure, severity: Medium, preset: Dev,
        scope: Assembly,
        fix: Suggested,
        on: [
            "AWS::IAM::Role",
            "AWS::IAM::ManagedPolicy",
            "AWS::IAM::User",
            "AWS::IAM::Group",
            "AWS::IAM::InstanceProfile",
            "AWS::S3::Bucket",
        ],
        params: { multiRegion: Boolean = "null", "Whether the application goes to several regions; by default if its stacks do."; },
    }
    |check, resource| {
        let Some(name) = physical_name(resource) else { return };
        let stack = resource.stack();
        let severity = match check.parameter("multiRegion").as_bool() {
            Some(true) => Severity::Medium,
            Some(false) => return,
            None if goes_to_several(stack) => Severity::Medium,
            None if maps_regions(stack) => Severity::Low,
            None => return,
        };
        let Read::Known(text) = name.text() else { return };
        let region = resource.region();
        let tells = text.pieces().iter().any(|piece| match piece {
            // An unknown part may well be the region, or differ by it.
            Piece::Symbol(symbol) => !matches!(symbol, Symbol::Pseudo(Pseudo::AccountId | Pseudo::Partition | Pseudo::UrlSuffix, _)),
            Piece::Literal(literal) => match region.as_literal() {
                Some(region) => literal.contains(region) || literal.contains(&region.replace('-', "")) || literal.contains(&short(region)),
                None => false,
            },
        });
        if tells {
            return;
        }
        check
            .fail(&name, format!("the name of {} is the same in every region, but unique beyond the region", resource.label()))
            .category(Category::Reliability)
            .severity(severity)
            .fix(Fix::suggested("add ${AWS::Region} to the name, or leave the name out"));
    }
}

fn goes_to_several(stack: Stack<'_>) -> bool {
    let own = stack.data();
    own.region.is_some()
        && stack.siblings().any(|sibling| {
            let other = sibling.data();
            let elsewhere = other.region.is_some() && other.region != own.region;
            elsewhere && (other.account == own.account)
        })
}

/// Whether a mapping of the template has two regions as its keys.
fn maps_regions(stack: Stack<'_>) -> bool {
    let Some(mappings) = stack.data().mappings else { return false };
    let doc = &stack.world().model.source(mappings.source).doc;
    doc.entries(mappings.node).any(|mapping| {
        matches!(doc.shape(mapping.value), Shape::Object)
            && doc.entries(mapping.value).filter(|entry| is_region(entry.name)).count() > 1
    })
}

/// `eu-west-1`
fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let area = parts.next().unwrap_or_default();
    let last = parts.next_back().unwrap_or_default();
    area.len() == 2
        && area.bytes().all(|byte| byte.is_ascii_lowercase())
        && matches!(last, "1" | "2" | "3" | "4" | "5" | "6" | "7")
        && parts.next().is_some_and(|middle| middle.len() > 2 && middle.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// `euw1` for `eu-west-1`
fn short(region: &str) -> String {
    let mut parts = region.split('-');
    let area = parts.next().unwrap_or_default();
    parts.fold(area.to_owned(), |short, part| short + part.get(..1).unwrap_or_default())
}
