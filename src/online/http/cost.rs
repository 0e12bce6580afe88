//! What a request costs of the tenant's quota (`graph.md §13`).

use reqwest::Method;

/// What one request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    /// Of the writes.
    pub(super) writes: u32,
    /// Of the resource units.
    pub(super) units: u32,
}

/// Reads that cost more than one unit, by the pieces of their path; `*` is an id.
static READS: &[(&[&str], u32)] = &[
    (&["users"], 2),
    (&["subscribedSkus"], 3),
    (&["groups", "*", "members"], 3),
    (&["groups", "*", "transitiveMembers"], 5),
    (&["users", "*", "memberOf"], 2),
    (&["users", "*", "transitiveMemberOf"], 2),
    (&["users", "*", "licenseDetails"], 2),
    (&["users", "*", "ownedObjects"], 2),
];

/// The cost of a request. The target begins with a slash after the version, or is a whole URL.
pub(super) fn cost(method: &Method, target: &str) -> Cost {
    if *method != Method::GET {
        return Cost { writes: 1, units: 1 };
    }
    let target = target.split_once("/v1.0/").map_or(target, |(_, rest)| rest);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pieces: Vec<&str> = path.split('/').filter(|piece| !piece.is_empty()).collect();
    let base = READS.iter().find(|(shape, _)| fits(shape, &pieces)).map_or(1, |(_, units)| *units);
    let option = |wanted: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| name.trim_start_matches("%24").trim_start_matches('$') == wanted)
    };
    let is_small = option("top").is_some_and(|(_, top)| top.parse::<u32>().is_ok_and(|n| n < 20));
    let more = base + u32::from(option("expand").is_some());
    let less = u32::from(option("select").is_some()) + u32::from(is_small);
    Cost { writes: 0, units: more.saturating_sub(less).max(1) }
}

fn fits(shape: &[&str], pieces: &[&str]) -> bool {
    shape.len() == pieces.len()
        && shape.iter().zip(pieces).all(|(name, piece)| *name == "*" || name == piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_costs_are_those_of_the_table() {
        for (target, units) in [
            ("/users", 2),
            ("/users?$select=id&$top=999", 1),
            ("https://graph.microsoft.com/v1.0/users?$skiptoken=x", 2),
            ("/users/7", 1),
            ("/users/$count", 1),
            ("/users/7/licenseDetails?%24select=skuId", 1),
            ("/subscribedSkus", 3),
            ("/subscribedSkus?$select=skuId", 2),
            ("/subscribedSkus?$select=skuId&$top=5", 1),
            ("/groups/7/transitiveMembers?$top=999", 5),
            ("/groups/7/members?$expand=owners", 4),
        ] {
            assert_eq!(cost(&Method::GET, target), Cost { writes: 0, units }, "{target}");
        }
        assert_eq!(cost(&Method::PATCH, "/users/7"), Cost { writes: 1, units: 1 });
    }
}
