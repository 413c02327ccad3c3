//! Pages of a list. A page has at most 50 items, and a token that tells where the next page begins.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Serialize, de::DeserializeOwned};

use super::{Result, resolve::invalid};

/// Maximum number of items that the service returns at once, even if MaxItems is larger (AWS documentation).
const PAGE: u64 = 50;

/// One page.
#[derive(Debug)]
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The token of the next page; `None` on the last page.
    pub next_marker: Option<String>,
}

/// Reads the last key of the previous page, which the token holds. The page starts with the next key. So if the list
/// changes between two pages, the items that remain are neither repeated nor skipped. `None` on the first page.
///
/// # Errors
/// InvalidParameterValueException for a token that was not made here.
pub fn behind<K: DeserializeOwned>(marker: Option<&str>) -> Result<Option<K>> {
    let Some(marker) = marker.filter(|marker| !marker.is_empty()) else {
        return Ok(None);
    };
    let key = BASE64_STANDARD.decode(marker).ok();
    let key = key.and_then(|json| serde_json::from_slice(&json).ok());
    let key = key.ok_or_else(|| invalid("The pagination token is invalid."))?;
    Ok(Some(key))
}

/// The token of the page behind that key.
pub fn marker<K: Serialize>(last: &K) -> String {
    let last = serde_json::to_vec(last).expect("keys become JSON");
    BASE64_STANDARD.encode(last)
}

/// Maximum number of items on a page.
pub fn size(max_items: Option<u64>) -> usize {
    usize::try_from(max_items.unwrap_or(PAGE).clamp(1, PAGE)).unwrap_or(usize::MAX)
}

/// Makes a page from entries that come in the order of their keys. It reads one entry more than the page holds and then
/// stops, so that the cost of a page does not grow with the list.
///
/// # Errors
/// The errors of the entries.
pub fn cut<K: Serialize, T>(
    entries: impl IntoIterator<Item = Result<(K, T)>>,
    max_items: Option<u64>,
) -> Result<Page<T>> {
    cut_at(entries, size(max_items))
}

/// Makes a page of the given size from entries that come in the order of their keys.
///
/// # Errors
/// The errors of the entries.
pub fn cut_at<K: Serialize, T>(
    entries: impl IntoIterator<Item = Result<(K, T)>>,
    size: usize,
) -> Result<Page<T>> {
    let (mut items, mut last) = (Vec::new(), None);
    for entry in entries {
        let (key, item) = entry?;
        if items.len() == size {
            return Ok(Page {
                items,
                next_marker: Some(marker(&last)),
            });
        }
        items.push(item);
        last = Some(key);
    }
    Ok(Page {
        items,
        next_marker: None,
    })
}

/// Makes a page from sorted keys that are all in memory.
///
/// # Errors
/// The errors of [`behind`].
pub fn page<K: Ord + Clone + Serialize + DeserializeOwned>(
    keys: Vec<K>,
    marker: Option<&str>,
    max_items: Option<u64>,
) -> Result<Page<K>> {
    let start = behind(marker)?.map_or(0, |after| keys.partition_point(|key| *key <= after));
    let keys = keys.into_iter().skip(start);
    cut(keys.map(|key| Ok((key.clone(), key))), max_items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_every_size_cover_the_list_once_and_in_order() {
        let keys: Vec<u64> = (0..120).collect();
        for size in [None, Some(1), Some(7), Some(50), Some(10_000)] {
            let (mut seen, mut marker) = (Vec::new(), None);
            loop {
                let page = page(keys.clone(), marker.as_deref(), size).expect("a page");
                assert!(page.items.len() <= 50);
                seen.extend(page.items);
                marker = page.next_marker;
                if marker.is_none() {
                    break;
                }
            }
            assert_eq!(seen, keys);
        }
    }

    #[test]
    fn a_key_that_went_away_between_pages_does_no_harm() {
        let first = page((0..10u64).collect(), None, Some(3)).expect("a page");
        let rest = page(vec![0, 1, 5, 6], first.next_marker.as_deref(), None).expect("a page");
        assert_eq!(rest.items, [5, 6]);
    }

    #[test]
    fn refuses_a_foreign_token() {
        for marker in ["zzz", "e30="] {
            assert!(page(vec![1u64], Some(marker), None).is_err(), "{marker}");
        }
    }
}
