//! One request and its answer, however they travelled: alone or inside a batch.

use serde_json::{Map, Value, json};

/// A request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    /// As sent, with the query: `/v1.0/users?$top=5`.
    pub(crate) target: String,
    pub(crate) sent: Option<Content>,
    /// Whether the answer didn't come, or not to its end: then only the request can be judged.
    pub(crate) is_lost: bool,
    pub(crate) status: u16,
    /// The header `request-id`, which every answer of Graph has.
    pub(crate) request_id: Option<String>,
    pub(crate) answered: Option<Content>,
}

/// A body: a form is an object of texts, and what can't be read as its media type is a text.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    /// Without parameters: `application/json`.
    pub(crate) media: String,
    pub(crate) value: Value,
}

impl Content {
    /// Reads a body; an empty one is none.
    pub(crate) fn read(media: Option<&str>, bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let text = String::from_utf8_lossy(bytes);
        let value = match media {
            "application/x-www-form-urlencoded" => form(&text),
            // A count is a number in plain text.
            _ => serde_json::from_slice(bytes).unwrap_or_else(|_| json!(text)),
        };
        Some(Self { media: media.to_ascii_lowercase(), value })
    }

    /// The body of a batch's item, whose headers say what it is.
    fn of_item(item: &Value) -> Option<Self> {
        let value = item.get("body")?;
        let headers = item["headers"].as_object().into_iter().flatten();
        let media = headers
            .filter(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .find_map(|(_, media)| media.as_str());
        // A count is a text here: the same text that would be the body of a single answer.
        match (media, value.as_str()) {
            (Some("text/plain"), Some(text)) => Self::read(media, text.as_bytes()),
            _ => Self::read(media, value.to_string().as_bytes()),
        }
    }
}

impl Exchange {
    /// The path below the version root; the whole path where there is no version (the login host).
    pub(crate) fn path(&self) -> &str {
        let path = self.target.split('?').next().unwrap_or_default();
        path.strip_prefix("/v1.0").unwrap_or(path)
    }

    /// Whether it was Graph that was asked, not the login host.
    pub(crate) fn is_graph(&self) -> bool {
        self.target.starts_with("/v1.0/")
    }

    /// Whether it was Exchange Online that was asked, which Graph's description says nothing of.
    pub(crate) fn is_exchange_online(&self) -> bool {
        self.target.starts_with("/exchange/")
    }

    /// The query options, decoded.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        pairs(query)
    }

    /// Whether something between acctsh and Graph has answered, with a page for people: faults that
    /// were asked for do, Graph never does.
    pub(crate) fn is_answered_by_a_page(&self) -> bool {
        self.answered.as_ref().is_some_and(|content| content.media == "text/html")
    }

    /// Whether each item of a batch has its one answer; a batch refused as a whole has none.
    pub(crate) fn every_item_is_answered(&self) -> bool {
        let ids = |items: Vec<Value>| {
            let mut ids: Vec<String> = items.iter().map(|item| item["id"].to_string()).collect();
            ids.sort_unstable();
            ids
        };
        self.path() != "/$batch"
            || self.status != 200
            || ids(list(self.sent.as_ref(), "requests"))
                == ids(list(self.answered.as_ref(), "responses"))
    }

    /// What a batch held: each item with its own answer, or, when the batch has none, without.
    pub(crate) fn items(&self) -> Vec<Self> {
        if self.path() != "/$batch" {
            return Vec::new();
        }
        let answers = list(self.answered.as_ref(), "responses");
        list(self.sent.as_ref(), "requests")
            .iter()
            .filter_map(|item| {
                let is_lost = self.is_lost || self.is_answered_by_a_page();
                let answer = answers.iter().find(|answer| answer["id"] == item["id"]);
                let answer = answer.or(is_lost.then_some(&Value::Null))?;
                let url = item["url"].as_str().unwrap_or_default().trim_start_matches('/');
                Some(Self {
                    method: item["method"].as_str().unwrap_or_default().to_owned(),
                    target: format!("/v1.0/{url}"),
                    sent: Content::of_item(item),
                    is_lost,
                    status: answer["status"].as_u64().and_then(|s| s.try_into().ok()).unwrap_or(0),
                    request_id: None,
                    answered: Content::of_item(answer),
                })
            })
            .collect()
    }
}

/// A member that is a list; empty where there is none.
fn list(content: Option<&Content>, member: &str) -> Vec<Value> {
    let items = content.and_then(|content| content.value[member].as_array());
    items.cloned().unwrap_or_default()
}

fn form(text: &str) -> Value {
    pairs(text).into_iter().map(|(name, value)| (name, json!(value))).collect::<Map<_, _>>().into()
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let plain = |piece: &str| {
        let piece = piece.replace('+', " ");
        percent_encoding::percent_decode_str(&piece).decode_utf8_lossy().into_owned()
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (plain(name), plain(value)))
        .collect()
}
