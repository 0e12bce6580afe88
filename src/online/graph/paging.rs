//! Collections, page by page (`graph.md §3`).

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::task::JoinHandle;

use super::object::Object;
use crate::online::OnlineFault;
use crate::online::http::{Answer, Call, Http};

/// The most items that a page may be asked to hold.
pub(super) const PAGE_SIZE: usize = 999;

/// Reads a collection page by page. While a page's items are turned into what is kept, the next
/// page is on its way; no third one is held.
pub(super) async fn collect<T: Send + 'static>(
    http: &Http,
    first: Call,
    what: &'static str,
    read: fn(Object) -> Result<T, OnlineFault>,
) -> Result<Vec<T>, OnlineFault> {
    let mut items = Vec::new();
    let mut target = String::new();
    let mut answer = http.send(first).await?;
    loop {
        let next = next_link(&answer, what, http, &target)?;
        let reading = tokio::task::spawn_blocking(move || page(&answer, what, read));
        let Some(next) = next else {
            items.append(&mut read_whole(reading, what).await?);
            return Ok(items);
        };
        let call = Call::get(next.as_str());
        target = next;
        let (read, following) = tokio::join!(read_whole(reading, what), http.send(call));
        items.append(&mut read?);
        answer = following?;
    }
}

#[derive(Deserialize)]
struct Link {
    #[serde(rename = "@odata.nextLink", default)]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Items<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

/// Where the next page is, found without reading the items.
fn next_link(
    answer: &Answer,
    what: &str,
    http: &Http,
    own: &str,
) -> Result<Option<String>, OnlineFault> {
    let wrong = |why: String| Err(OnlineFault::bad_answer(format!("{what}: {why}")));
    match serde_json::from_slice::<Link>(answer.body()) {
        Err(error) => wrong(error.to_string()),
        Ok(Link { next: Some(next) }) if next == own => {
            wrong("@odata.nextLink leads to its own page".to_owned())
        }
        // A link to elsewhere would carry our token there.
        Ok(Link { next: Some(next) }) if !http.is_ours(&next) => {
            wrong("@odata.nextLink leads to another host".to_owned())
        }
        Ok(Link { next }) => Ok(next),
    }
}

fn page<T>(
    answer: &Answer,
    what: &'static str,
    read: fn(Object) -> Result<T, OnlineFault>,
) -> Result<Vec<T>, OnlineFault> {
    let page: Items = serde_json::from_slice(answer.body())
        .map_err(|error| OnlineFault::bad_answer(format!("{what}: {error}")))?;
    // One by one: a whole page as trees of values is ten times its text.
    page.value.iter().map(|item| read(Object::read(item.get().as_bytes(), what)?)).collect()
}

async fn read_whole<T>(
    reading: JoinHandle<Result<Vec<T>, OnlineFault>>,
    what: &str,
) -> Result<Vec<T>, OnlineFault> {
    let lost = |_| Err(OnlineFault::bad_answer(format!("{what}: reading it was given up")));
    reading.await.unwrap_or_else(lost)
}
