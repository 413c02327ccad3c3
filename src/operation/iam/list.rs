//! Pages of IAM's lists. An answer calls the marker of the next page `Marker`, like the requests do.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{
    operation::Result,
    state::error::{Code, ServiceError},
};

/// The default number of items on a page (AWS documentation).
const PAGE: usize = 100;

/// A page.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// The marker of the next page; `None` on the last page.
    pub(super) marker: Option<String>,
}

/// Makes a page from items that are in order. Each item comes with its key.
///
/// # Errors
/// ValidationError for an invalid marker.
pub(super) fn page<T>(
    items: impl IntoIterator<Item = (String, T)>,
    marker: Option<&str>,
    max_items: Option<i64>,
) -> Result<Page<T>> {
    let all: Vec<(String, T)> = items.into_iter().collect();
    let behind = marker.map(|marker| {
        let key = BASE64_STANDARD.decode(marker).ok();
        let key = key.and_then(|bytes| String::from_utf8(bytes).ok());
        key.and_then(|key| all.iter().position(|(other, _)| *other == key))
    });
    let start = match behind {
        None => 0,
        Some(Some(at)) => at + 1,
        Some(None) => {
            let text = "The marker is invalid, or what it named is gone";
            return Err(ServiceError::new(Code::ValidationError, text).into());
        }
    };
    let most = max_items.map_or(PAGE, |most| most.clamp(1, 1000).unsigned_abs() as usize);
    let more = all.len() > start + most;
    let mut marker = None;
    let mut page = Vec::new();
    for (key, item) in all.into_iter().skip(start).take(most) {
        marker = Some(BASE64_STANDARD.encode(key));
        page.push(item);
    }
    Ok(Page {
        items: page,
        marker: marker.filter(|_| more),
    })
}
