//! Collections, page by page (`graph.md §3`).

use super::object::Object;
use crate::online::OnlineFault;
use crate::online::http::{Call, Http};

/// The most items that a page may be asked to hold.
pub(super) const PAGE_SIZE: usize = 999;

/// Reads a collection page by page, turning each page's items into what is kept before
/// the next one is asked for.
pub(super) async fn collect<T>(
    http: &Http,
    first: Call,
    what: &'static str,
    read: impl Fn(Object) -> Result<T, OnlineFault>,
) -> Result<Vec<T>, OnlineFault> {
    let mut items = Vec::new();
    let (mut call, mut target) = (first, String::new());
    loop {
        let answer = http.send(call).await?;
        let mut page = Object::read(answer.body(), what)?;
        for object in page.objects("value", what)? {
            items.push(read(object)?);
        }
        match page.optional_text("@odata.nextLink")? {
            None => return Ok(items),
            Some(next) if next == target => {
                return Err(page.wrong("@odata.nextLink", "leads to its own page"));
            }
            // A link to elsewhere would carry our token there.
            Some(next) if !http.is_ours(&next) => {
                return Err(page.wrong("@odata.nextLink", "leads to another host"));
            }
            Some(next) => {
                call = Call::get(next.as_str());
                target = next;
            }
        }
    }
}
