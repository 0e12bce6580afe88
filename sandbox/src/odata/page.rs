//! The token that says where the next page begins. Clients must not look inside.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;
use crate::state::users::Cursor;

#[derive(Debug, Serialize, Deserialize)]
struct Token {
    s: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<String>,
}

/// Every token begins with it, as Graph's do.
const MARK: &str = "RFNwdAIAAQAAAB";

/// Writes the token of the page that begins after the cursor.
pub(crate) fn write(cursor: &Cursor) -> Result<String, Refusal> {
    let token = Token { s: cursor.seq, k: cursor.key.clone() };
    Ok(format!("{MARK}{}", BASE64.encode(serde_json::to_vec(&token)?)))
}

/// Reads a token; one that isn't ours is refused.
pub(crate) fn read(token: &str) -> Result<Cursor, Refusal> {
    token
        .strip_prefix(MARK)
        .and_then(|text| BASE64.decode(text).ok())
        .and_then(|bytes| serde_json::from_slice::<Token>(&bytes).ok())
        .map(|token| Cursor { seq: token.s, key: token.k })
        .ok_or_else(|| Refusal::bad_request("Skip token is null or invalid."))
}
