//! Pages of a long answer: links that are followed by POST, with the same body and headers
//! (`exchange.md` §6).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use super::failure::Failure;
use crate::call::{Call, decode};
use crate::clock::Moment;

const LARGEST: usize = 1000;
/// How long a link lasts.
const LIFETIME_MILLIS: i64 = 10 * 60 * 1000;

/// Which part of the whole is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) skip: usize,
    pub(super) take: usize,
}

#[derive(Serialize, Deserialize)]
struct Token {
    skip: usize,
    until: i64,
    /// Of anchor and body.
    asked: u64,
}

/// Anchor and body as one number: a link works for the same ones alone.
fn asked(call: &Call) -> u64 {
    let mut hasher = DefaultHasher::new();
    call.header("X-AnchorMailbox").hash(&mut hasher);
    call.body.hash(&mut hasher);
    hasher.finish()
}

fn size(call: &Call) -> usize {
    call.header("Prefer")
        .into_iter()
        .flat_map(|prefer| prefer.split([',', ';']))
        .find_map(|each| each.trim().strip_prefix("odata.maxpagesize=")?.parse().ok())
        .map_or(LARGEST, |size: usize| size.clamp(1, LARGEST))
}

impl Page {
    /// The page that the call asks for.
    pub(super) fn of(call: &Call, now: Moment) -> Result<Self, Failure> {
        let take = size(call);
        let token = call.query.split('&').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            matches!(name, "%24skiptoken" | "$skiptoken").then_some(value)
        });
        let Some(token) = token else { return Ok(Self { skip: 0, take }) };
        let token = decode(token)?;
        let bytes = BASE64.decode(token).map_err(|_| Failure::expired_page())?;
        let token: Token = serde_json::from_slice(&bytes).map_err(|_| Failure::expired_page())?;
        // Without an anchor the next page is asked of another server, which doesn't know it.
        let is_known = call.header("X-AnchorMailbox").is_some() && token.asked == asked(call);
        if !is_known || token.until < now.0 {
            return Err(Failure::expired_page());
        }
        Ok(Self { skip: token.skip, take })
    }

    /// The link to what follows.
    pub(super) fn next(self, call: &Call, now: Moment) -> Result<String, Failure> {
        let token = Token {
            skip: self.skip + self.take,
            until: now.plus_millis(LIFETIME_MILLIS).0,
            asked: asked(call),
        };
        let token = BASE64.encode(serde_json::to_vec(&token)?);
        let kept = call.query.split('&').filter(|pair| {
            !pair.is_empty() && !pair.starts_with("%24skiptoken") && !pair.starts_with("$skiptoken")
        });
        let query: Vec<String> =
            kept.map(str::to_owned).chain([format!("%24skiptoken={token}")]).collect();
        Ok(format!("{}{}?{}", call.origin, call.path, query.join("&")))
    }
}
