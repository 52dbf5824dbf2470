//! Where the default route of a subnet leads.

use crate::graph::{Rel, Target, target_of};
use crate::model::{Read, Resource, Unknown};

/// The next hop of a default route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    InternetGateway,
    /// NAT, transit gateway, peering, virtual private gateway, network interface: addresses are translated or private.
    Other,
}

/// The route tables of a subnet that are written as its own; without one it has the main table of the VPC.
pub(super) fn tables<'s>(subnet: Resource<'s>) -> Result<Vec<Resource<'s>>, Unknown> {
    let associations = subnet.followed_by(Rel::RoutesFor);
    if let Some((_, unknown)) = associations.maybe.into_iter().next() {
        return Err(unknown);
    }
    let edges = associations.edges.into_iter().flat_map(|association| association.from.follow(Rel::Configures));
    edges.map(|edge| edge.target.found()).collect()
}

/// The default routes of the subnet's route table, with the resources that make them. Empty where the table has none, or
/// where the subnet uses the VPC's main table, which has none unless something adds it.
pub(super) fn way_out<'s>(subnet: Resource<'s>) -> Result<Vec<(Way, Resource<'s>)>, Unknown> {
    let mut ways = Vec::new();
    for table in tables(subnet)? {
        // Pulumi's route table may have its routes inside.
        for route in table.get("Routes").items_or_one().known().unwrap_or_default() {
            if route.get("CidrBlock").literal().known().as_deref() != Some("0.0.0.0/0") {
                continue;
            }
            let gateway = route.get("GatewayId");
            let internet = target_of(table, &gateway, &["AWS::EC2::InternetGateway"]).is_some_and(leads_out);
            ways.push((if internet { Way::InternetGateway } else { Way::Other }, table));
        }
        let routes = table.followed_by(Rel::Configures);
        if let Some((_, unknown)) = routes.maybe.into_iter().next() {
            return Err(unknown);
        }
        for route in routes.edges.into_iter().map(|edge| edge.from).filter(|from| from.is("AWS::EC2::Route")) {
            let destination = route.get("DestinationCidrBlock");
            match destination.literal() {
                Read::Known(range) if range == "0.0.0.0/0" => ways.push((hop(route), route)),
                Read::Unknown(unknown) => return Err(unknown),
                _ => {}
            }
        }
    }
    Ok(ways)
}

fn hop(route: Resource<'_>) -> Way {
    let gateway = route.get("GatewayId");
    if gateway.is_absent() {
        return Way::Other;
    }
    let internet = route.follow(Rel::RouteVia).into_iter().any(|edge| leads_out(edge.target));
    if internet { Way::InternetGateway } else { Way::Other }
}

/// Whether a gateway is an internet gateway.
fn leads_out(target: Target<'_>) -> bool {
    match target {
        Target::Resource(resource) => resource.is("AWS::EC2::InternetGateway"),
        Target::Outside(text) => text.to_string().starts_with("igw-"),
        Target::Unknown(_) => false,
    }
}
