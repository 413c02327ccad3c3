//! Listings that come in pages: which operations have them, and the walk from page to page.
//!
//! The walk is botocore's: pages are fetched until no marker is left or `--max-items` are had; a listing cut
//! short leaves a token, base64 of a small JSON text in Python's spelling. Seen in aws-cli 2.36.7.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::blobs;
use super::exit::Stop;
use super::python;
use crate::operation::Entry;
use crate::output::json::compact_ascii;

/// How an operation pages.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pages {
    /// The lists of its response, the one that is counted first.
    pub(crate) lists: &'static [&'static str],
    /// The member of a request that says where a page begins.
    pub(crate) input: &'static str,
    /// The member of a request that says how long a page is.
    pub(crate) limit: &'static str,
    /// The member of a response that says where the next page begins.
    output: &'static str,
    /// Members of the first page that stand beside the lists.
    kept: &'static [&'static str],
}

/// The ways there are: input, limit, output, kept.
type Way = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const WAYS: [Way; 3] = [
    ("Marker", "MaxItems", "NextMarker", &[]),
    (
        "ContinuationToken",
        "MaxKeys",
        "NextContinuationToken",
        &["RequestCharged", "Prefix"],
    ),
    ("nextToken", "maxResults", "nextToken", &[]),
];

/// How an operation pages, if it does.
pub(crate) fn of(entry: &Entry) -> Option<Pages> {
    if entry.lists.is_empty() {
        return None;
    }
    if let Some(way) = entry.answer().and_then(|ready| ready.call.pages.as_deref()) {
        let mut words = way.split(' ');
        return Some(Pages {
            input: words.next()?,
            limit: words.next()?,
            output: words.next()?,
            lists: entry.lists,
            kept: &[],
        });
    }
    let request = entry.request();
    let (input, limit, output, kept) = WAYS.into_iter().find(|(input, limit, ..)| {
        request.member(input).is_some() && request.member(limit).is_some()
    })?;
    Some(Pages {
        lists: entry.lists,
        input,
        limit,
        output,
        kept,
    })
}

impl Pages {
    /// The list that is counted.
    pub(crate) fn list(&self) -> &str {
        self.lists.first().copied().unwrap_or_default()
    }

    /// What of a page text shows: its lists, and on the first page what stands beside them.
    pub(crate) fn shown(&self, mut page: Map<String, Value>, first: bool) -> Value {
        let kept = self.kept.iter().filter(|_| first).copied();
        let names = kept.chain(self.lists.iter().copied());
        let shown = names.map(|name| {
            let value = page.get_mut(name).map(Value::take);
            (name.to_owned(), value.unwrap_or(Value::Null))
        });
        Value::Object(shown.collect())
    }
}

/// What the options of paging say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Paging {
    /// `--max-items`.
    pub(crate) max_items: Option<i64>,
    /// `--starting-token`.
    pub(crate) starting_token: Option<String>,
    /// `--page-size`.
    pub(crate) page_size: Option<i64>,
}

/// Fetches page after page into `sink` and answers the token of a listing cut short.
///
/// # Errors
/// What `call` or `sink` raise, and a token that makes no sense.
pub(crate) fn walk(
    pages: &Pages,
    mut request: Map<String, Value>,
    paging: &Paging,
    call: &mut dyn FnMut(Value) -> Result<Value, Stop>,
    sink: &mut dyn FnMut(Map<String, Value>) -> Result<(), Stop>,
) -> Result<Option<String>, Stop> {
    let list = pages.list();
    let (mut marker, mut skip) = match &paging.starting_token {
        Some(token) => start(pages.input, token)?,
        None => (Value::Null, 0),
    };
    point(pages.input, &mut request, &marker);
    if let Some(size) = paging.page_size {
        request.insert(pages.limit.to_owned(), size.into());
    }
    let mut total = 0i64;
    let mut previous = None;
    loop {
        let mut page = match call(Value::Object(request.clone()))? {
            Value::Object(page) => page,
            _ => Map::new(),
        };
        let held = page.contains_key(list);
        let mut items = match page.get_mut(list).map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        if skip != 0 {
            // A page that is begun in its middle shows the one list alone.
            pages.lists[1..].iter().for_each(|other| {
                page.shift_remove(*other);
            });
        }
        // The slice of Python's: a negative index in a hand-made token counts from the end.
        let from = if skip < 0 {
            (items.len() as i64).saturating_add(skip).max(0)
        } else {
            skip
        };
        items.drain(..usize::try_from(from).unwrap_or(usize::MAX).min(items.len()));
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let over = paging
            .max_items
            .map_or(0, |max| total.saturating_add(length).saturating_sub(max));
        if over > 0 {
            // Likewise: to keep fewer than none counts from the end.
            let keep = length.saturating_sub(over);
            let kept = if keep < 0 {
                length.saturating_add(keep).max(0)
            } else {
                keep
            };
            items.truncate(usize::try_from(kept).unwrap_or(0));
            page.insert(list.to_owned(), Value::Array(items));
            pages.lists[1..].iter().for_each(|other| {
                page.shift_remove(*other);
            });
            sink(page)?;
            let amount = Some(keep.saturating_add(skip));
            return Ok(Some(token(pages.input, &marker, amount)));
        }
        skip = 0;
        let next = page
            .get(pages.output)
            .filter(|next| **next != json!(""))
            .cloned()
            .unwrap_or(Value::Null);
        if held {
            page.insert(list.to_owned(), Value::Array(items));
        }
        sink(page)?;
        total = total.saturating_add(length);
        if next.is_null() {
            return Ok(None);
        }
        if paging.max_items == Some(total) {
            return Ok(Some(token(pages.input, &next, None)));
        }
        if previous.as_ref() == Some(&next) {
            let next = python::repr(&python::str(&next, false));
            return Err(Stop::Other(format!(
                "Error during pagination: The same next token was received twice: {{'{}': {next}}}",
                pages.input
            )));
        }
        point(pages.input, &mut request, &next);
        marker = next.clone();
        previous = Some(next);
    }
}

fn point(input: &str, request: &mut Map<String, Value>, marker: &Value) {
    match marker {
        Value::Null => request.shift_remove(input),
        marker if *marker == json!("None") => request.shift_remove(input),
        marker => request.insert(input.to_owned(), marker.clone()),
    };
}

/// A token in Python's JSON spelling, base64.
fn token(input: &str, marker: &Value, amount: Option<i64>) -> String {
    let mut token = json!({ input: marker });
    if let Some(amount) = amount {
        token["boto_truncate_amount"] = amount.into();
    }
    STANDARD.encode(compact_ascii(&token))
}

/// The marker and the number of items to skip that a `--starting-token` means. What is no token of ours is the
/// service's marker, with `___n` after it in the oldest form.
fn start(input: &str, token: &str) -> Result<(Value, i64), Stop> {
    let decoded = if token.is_ascii() {
        blobs::decode(token)
    } else {
        None
    };
    let decoded = decoded.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    if let Some(Value::Object(mut members)) = decoded {
        let skip = members
            .shift_remove("boto_truncate_amount")
            .and_then(|amount| amount.as_i64())
            .unwrap_or(0);
        let marker = members.shift_remove(input).unwrap_or(Value::Null);
        return Ok((marker, skip));
    }
    let mut parts: Vec<&str> = token.split("___").collect();
    let mut skip = 0;
    if let [_, amount] = parts[..] {
        match python::int(amount) {
            Ok(amount) => {
                skip = amount;
                parts.truncate(1);
            }
            Err(_) => parts = vec![token],
        }
    }
    match parts[..] {
        [marker] => Ok((
            if marker == "None" {
                Value::Null
            } else {
                marker.into()
            },
            skip,
        )),
        _ => Err(Stop::Other(format!("Bad starting token: {token}"))),
    }
}

/// The pages of a listing as one answer: the lists, what stands beside them, and the token if the listing was cut short.
pub(crate) fn merged(pages: &Pages, all: Vec<Map<String, Value>>, token: Option<&str>) -> Value {
    let mut answer = Map::new();
    let mut kept = Map::new();
    for (index, mut page) in all.into_iter().enumerate() {
        for list in pages.lists {
            if let Some(Value::Array(mut some)) = page.get_mut(*list).map(Value::take) {
                match answer.get_mut(*list) {
                    Some(Value::Array(items)) => items.append(&mut some),
                    _ => drop(answer.insert((*list).to_owned(), Value::Array(some))),
                }
            }
        }
        if index == 0 {
            kept.extend(pages.kept.iter().map(|name| {
                let value = page.get_mut(*name).map(Value::take);
                ((*name).to_owned(), value.unwrap_or(Value::Null))
            }));
        }
    }
    answer.extend(kept);
    if let Some(token) = token {
        answer.insert("NextToken".to_owned(), token.into());
    }
    Value::Object(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{face::fixtures, operation::shape::Shape};

    fn versions() -> Pages {
        of(fixtures::entry("ListVersionsByFunction")).unwrap()
    }

    #[test]
    fn knows_which_operations_page() {
        let pages = |name: &str| of(fixtures::entry(name));
        assert_eq!(
            pages("ListVersionsByFunction").map(|pages| pages.lists),
            Some(&["Versions"][..])
        );
        assert_eq!(pages("PublishVersion"), None);
    }

    #[test]
    fn what_comes_in_pages_says_which_lists_it_answers() {
        for service in crate::operation::SERVICES {
            for entry in service.entries() {
                let has = |member: &str| entry.request().member(member).is_some();
                let way = WAYS.iter().find(|way| has(way.0) && has(way.1));
                let lists: Vec<&str> = match way {
                    Some(way) if entry.response().member(way.2).is_some() => {
                        let members = entry.response().members.iter();
                        let lists =
                            members.filter(|member| matches!(member.shape, Shape::List { .. }));
                        lists.map(|member| member.name.as_str()).collect()
                    }
                    _ => Vec::new(),
                };
                assert_eq!(entry.lists, lists, "{}", entry.name);
            }
        }
    }

    /// Five items, two a page unless MaxItems says otherwise; markers are indices.
    fn service(request: &Value) -> Value {
        let start: usize = request
            .get("Marker")
            .and_then(Value::as_str)
            .map_or(0, |m| m.parse().unwrap());
        let size = request.get("MaxItems").and_then(Value::as_u64).unwrap_or(2) as usize;
        let end = (start + size).min(5);
        let mut page = json!({"Versions": (start..end).collect::<Vec<_>>()});
        if end < 5 {
            page["NextMarker"] = end.to_string().into();
        }
        page
    }

    fn listed(
        max_items: Option<i64>,
        starting_token: Option<&str>,
        page_size: Option<i64>,
    ) -> (String, usize, Option<String>) {
        let paging = Paging {
            max_items,
            starting_token: starting_token.map(str::to_owned),
            page_size,
        };
        let (mut pages, mut calls) = (Vec::new(), 0);
        let token = walk(
            &versions(),
            Map::new(),
            &paging,
            &mut |request| {
                calls += 1;
                Ok(service(&request))
            },
            &mut |page| {
                pages.push(page);
                Ok(())
            },
        )
        .unwrap();
        let answer = merged(&versions(), pages, token.as_deref());
        let decoded =
            token.map(|token| String::from_utf8(STANDARD.decode(token).unwrap()).unwrap());
        (answer["Versions"].to_string(), calls, decoded)
    }

    #[test]
    fn merges_pages_and_cuts_them() {
        let token = |text: &str| Some(text.to_owned());
        assert_eq!(
            listed(None, None, None),
            ("[0,1,2,3,4]".to_owned(), 3, None)
        );
        assert_eq!(
            listed(None, None, Some(5)),
            ("[0,1,2,3,4]".to_owned(), 1, None)
        );
        assert_eq!(
            listed(Some(3), None, None),
            (
                "[0,1,2]".to_owned(),
                2,
                token("{\"Marker\": \"2\", \"boto_truncate_amount\": 1}")
            )
        );
        assert_eq!(
            listed(Some(2), None, None),
            ("[0,1]".to_owned(), 1, token("{\"Marker\": \"2\"}"))
        );
        assert_eq!(
            listed(Some(1), None, None),
            (
                "[0]".to_owned(),
                1,
                token("{\"Marker\": null, \"boto_truncate_amount\": 1}")
            )
        );
        assert_eq!(
            listed(Some(5), None, None),
            ("[0,1,2,3,4]".to_owned(), 3, None)
        );
        assert_eq!(
            listed(Some(0), None, None),
            (
                "[]".to_owned(),
                1,
                token("{\"Marker\": null, \"boto_truncate_amount\": 0}")
            )
        );
        assert_eq!(listed(Some(-1), None, None).0, "[0]");
    }

    #[test]
    fn goes_on_from_a_token() {
        let token = STANDARD.encode("{\"Marker\": \"2\", \"boto_truncate_amount\": 1}");
        assert_eq!(listed(None, Some(&token), None).0, "[3,4]");
        assert_eq!(
            listed(Some(1), Some(&token), None).2,
            Some("{\"Marker\": \"4\"}".to_owned())
        );
        assert_eq!(listed(None, Some("2"), None).0, "[2,3,4]");
        assert_eq!(listed(None, Some("2___1"), None).0, "[3,4]");
        assert_eq!(listed(None, Some("None"), None).0, "[0,1,2,3,4]");
        assert_eq!(
            start("Marker", "a___b___c"),
            Err(Stop::Other("Bad starting token: a___b___c".to_owned()))
        );
    }

    #[test]
    fn stops_when_a_marker_comes_twice() {
        let stuck = walk(
            &versions(),
            Map::new(),
            &Paging::default(),
            &mut |_| Ok(json!({"Versions": [1], "NextMarker": "x"})),
            &mut |_| Ok(()),
        );
        assert!(
            matches!(stuck, Err(Stop::Other(text)) if text.ends_with("received twice: {'Marker': 'x'}"))
        );
    }
}
