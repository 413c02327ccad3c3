//! Listings in pages: the operations that have them, and the loop over the pages.
//!
//! The loop is botocore's: it fetches pages until no marker is left or `--max-items` is reached. A listing that is cut
//! short returns a token, the base64 of a small JSON text as Python writes it. Seen in aws-cli 2.36.7.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::blobs;
use super::exit::Stop;
use super::python;
use crate::operation::{Entry, shape::Shape};
use crate::output::json::compact_ascii;

/// The paging of an operation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pages {
    /// The lists of its response, by their paths: `DistributionList.Items`. The first one is counted.
    pub(crate) lists: &'static [&'static str],
    way: Way,
}

impl std::ops::Deref for Pages {
    type Target = Way;

    fn deref(&self) -> &Way {
        &self.way
    }
}

/// A scheme of paging.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Way {
    /// The request member that holds the start of a page.
    pub(crate) input: &'static str,
    /// The request member with the length of a page, if there is one.
    limit: Option<&'static str>,
    /// True if that member is a text.
    is_text: bool,
    /// The response member with the start of the next page, by its path.
    output: &'static str,
    /// A second request member that holds the start of a page, and the response member with its next value.
    second: Option<(&'static str, &'static str)>,
    /// A member of the items. If a truncated page has no `output`, this member of the last item is the next marker.
    last: Option<&'static str>,
    /// Members that are not lists. They are kept from the first page only.
    kept: &'static [&'static str],
}

const WAY: Way = Way {
    input: "Marker",
    limit: Some("MaxItems"),
    is_text: false,
    output: "NextMarker",
    second: None,
    last: None,
    kept: &[],
};

const S3: &[&str] = &["RequestCharged", "Prefix"];

static WAYS: [Way; 9] = [
    WAY,
    // Services of the Query protocol give the next marker in the answer the same name as the request member.
    Way {
        output: "Marker",
        ..WAY
    },
    Way {
        limit: Some("MaxKeys"),
        last: Some("Key"),
        kept: S3,
        ..WAY
    },
    Way {
        input: "ContinuationToken",
        limit: Some("MaxKeys"),
        output: "NextContinuationToken",
        kept: S3,
        ..WAY
    },
    Way {
        input: "KeyMarker",
        limit: Some("MaxKeys"),
        output: "NextKeyMarker",
        second: Some(("VersionIdMarker", "NextVersionIdMarker")),
        kept: S3,
        ..WAY
    },
    Way {
        input: "KeyMarker",
        limit: Some("MaxUploads"),
        output: "NextKeyMarker",
        second: Some(("UploadIdMarker", "NextUploadIdMarker")),
        kept: S3,
        ..WAY
    },
    Way {
        input: "PartNumberMarker",
        limit: Some("MaxParts"),
        output: "NextPartNumberMarker",
        kept: &[
            "ChecksumAlgorithm",
            "Initiator",
            "Owner",
            "StorageClass",
            "ChecksumType",
        ],
        ..WAY
    },
    Way {
        input: "nextToken",
        limit: Some("maxResults"),
        output: "nextToken",
        ..WAY
    },
    Way {
        input: "nextToken",
        limit: Some("limit"),
        output: "nextToken",
        ..WAY
    },
];

/// The scheme of paging of an operation; its request type decides.
fn way(entry: &Entry) -> Option<&'static Way> {
    let request = entry.request();
    let echoes = entry.route.starts_with("POST / ");
    WAYS.iter().find(|way| {
        request.member(way.input).is_some()
            && way
                .limit
                .is_some_and(|limit| request.member(limit).is_some())
            && (echoes || way.output != way.input)
            && !(echoes && way.output == WAY.output)
    })
}

/// The paging of an operation; `None` if it does not page.
pub(crate) fn of(entry: &Entry) -> Option<Pages> {
    if entry.lists.is_empty() {
        return None;
    }
    if let Some((input, limit, output)) = entry.answer().and_then(|ready| ready.call.paging()) {
        return Some(Pages {
            lists: entry.lists,
            way: Way {
                input,
                limit,
                is_text: limit
                    .and_then(|limit| entry.request().member(limit))
                    .is_some_and(|member| matches!(member.shape, Shape::String(_))),
                output,
                ..WAY
            },
        });
    }
    Some(Pages {
        lists: entry.lists,
        way: *way(entry)?,
    })
}

impl Way {
    /// Asks for pages of that length, if a request can.
    pub(crate) fn size(&self, request: &mut Map<String, Value>, size: i64) {
        if let Some(limit) = self.limit {
            let size = match self.is_text {
                true => size.to_string().into(),
                false => size.into(),
            };
            request.insert(limit.to_owned(), size);
        }
    }

    /// Returns true if a request can ask for the length of its page.
    pub(crate) fn is_sized(&self) -> bool {
        self.limit.is_some()
    }

    /// The request members that name a page.
    pub(crate) fn members(&self) -> impl Iterator<Item = &'static str> {
        [Some(self.input), self.limit].into_iter().flatten()
    }
}

impl Pages {
    /// The list whose items are counted.
    pub(crate) fn list(&self) -> &str {
        self.lists.first().copied().unwrap_or_default()
    }

    /// The part of a page that the text format shows: the lists and, on the first page, the members that are not lists.
    pub(crate) fn shown(&self, mut page: Map<String, Value>, first: bool) -> Value {
        let kept = self.kept.iter().filter(|_| first).copied();
        let mut shown = Map::new();
        for name in kept.chain(self.lists.iter().copied()) {
            let value = at_mut(&mut page, name).map(Value::take);
            put(&mut shown, name, value.unwrap_or(Value::Null));
        }
        Value::Object(shown)
    }
}

/// The values of the paging options.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Paging {
    /// `--max-items`.
    pub(crate) max_items: Option<i64>,
    /// `--starting-token`.
    pub(crate) starting_token: Option<String>,
    /// `--page-size`.
    pub(crate) page_size: Option<i64>,
}

/// Fetches pages into `sink`. Returns the token of a listing that was cut short.
///
/// # Errors
/// Errors of `call` and `sink`, and an invalid token.
pub(crate) fn walk(
    pages: &Pages,
    mut request: Map<String, Value>,
    paging: &Paging,
    call: &mut dyn FnMut(Value) -> Result<Value, Stop>,
    sink: &mut dyn FnMut(Map<String, Value>) -> Result<(), Stop>,
) -> Result<Option<String>, Stop> {
    let list = pages.list();
    let (mut marker, mut skip) = match &paging.starting_token {
        Some(token) => start(pages, token)?,
        None => (Markers::default(), 0),
    };
    marker.point(pages, &mut request);
    if let Some(size) = paging.page_size {
        pages.size(&mut request, size);
    }
    let mut total = 0i64;
    let mut previous = None;
    loop {
        let mut page = match call(Value::Object(request.clone()))? {
            Value::Object(page) => page,
            _ => Map::new(),
        };
        let taken = at_mut(&mut page, list).map(Value::take);
        let held = taken.is_some();
        let mut items = match taken {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        if skip != 0 {
            // If a page starts in the middle, only its first list is shown.
            pages.lists[1..].iter().for_each(|other| {
                page.shift_remove(*other);
            });
        }
        // This is Python's slice: a negative index in a hand-made token counts from the end.
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
            // This is also Python's slice: a negative number of items counts from the end.
            let keep = length.saturating_sub(over);
            let kept = if keep < 0 {
                length.saturating_add(keep).max(0)
            } else {
                keep
            };
            items.truncate(usize::try_from(kept).unwrap_or(0));
            put(&mut page, list, Value::Array(items));
            pages.lists[1..].iter().for_each(|other| {
                page.shift_remove(*other);
            });
            sink(page)?;
            let amount = Some(keep.saturating_add(skip));
            return Ok(Some(token(pages, &marker, amount)));
        }
        skip = 0;
        let next = Markers::behind(pages, &page, &items);
        if held {
            put(&mut page, list, Value::Array(items));
        }
        sink(page)?;
        total = total.saturating_add(length);
        if next.first.is_null() {
            return Ok(None);
        }
        if paging.max_items == Some(total) {
            return Ok(Some(token(pages, &next, None)));
        }
        if previous.as_ref() == Some(&next) {
            let next = python::repr(&python::str(&next.first, false));
            return Err(Stop::Other(format!(
                "Error during pagination: The same next token was received twice: {{'{}': {next}}}",
                pages.input
            )));
        }
        next.point(pages, &mut request);
        marker = next.clone();
        previous = Some(next);
    }
}

/// The start of a page: the value of the request member, and of the second member if there is one.
#[derive(Debug, Clone, PartialEq, Default)]
struct Markers {
    first: Value,
    second: Value,
}

impl Markers {
    /// The start of the page after this one. `items` are the items of the first list on `page`.
    fn behind(pages: &Pages, page: &Map<String, Value>, items: &[Value]) -> Self {
        let told = |name: &str| {
            let value = at(page, name).filter(|next| **next != json!(""));
            value.cloned().unwrap_or(Value::Null)
        };
        let mut first = told(pages.output);
        if let (Some(member), true) = (pages.last, page.get("IsTruncated") == Some(&json!(true)))
            && first.is_null()
        {
            let last = items.last().and_then(|item| item.get(member));
            first = last.cloned().unwrap_or(Value::Null);
        }
        let second = pages.second.map(|(_, output)| told(output));
        Self {
            first,
            second: second.unwrap_or(Value::Null),
        }
    }

    fn point(&self, pages: &Pages, request: &mut Map<String, Value>) {
        point(pages.input, request, &self.first);
        if let Some((input, _)) = pages.second {
            point(input, request, &self.second);
        }
    }
}

/// The value at a path of members.
fn at<'v>(members: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let mut names = path.split('.');
    let first = members.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

fn at_mut<'v>(members: &'v mut Map<String, Value>, path: &str) -> Option<&'v mut Value> {
    let mut names = path.split('.');
    let first = members.get_mut(names.next()?)?;
    names.try_fold(first, |value, name| value.get_mut(name))
}

/// Puts a value at a path of members, with the structures around it.
fn put(members: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((name, inner)) = path.split_once('.') else {
        members.insert(path.to_owned(), value);
        return;
    };
    let within = members.entry(name).or_insert_with(|| json!({}));
    if let Value::Object(within) = within {
        put(within, inner, value);
    }
}

fn point(input: &str, request: &mut Map<String, Value>, marker: &Value) {
    match marker {
        Value::Null => request.shift_remove(input),
        marker if *marker == json!("None") => request.shift_remove(input),
        marker => request.insert(input.to_owned(), marker.clone()),
    };
}

/// A token: base64 of JSON as Python writes it.
fn token(pages: &Pages, marker: &Markers, amount: Option<i64>) -> String {
    let mut token = json!({ pages.input: marker.first });
    if let Some((input, _)) = pages.second {
        token[input] = marker.second.clone();
    }
    if let Some(amount) = amount {
        token["boto_truncate_amount"] = amount.into();
    }
    STANDARD.encode(compact_ascii(&token))
}

/// The marker and the number of items to skip in a `--starting-token`. A text that is not a token counts as a marker of
/// the service. In the oldest form, `___n` after the marker gives the number of items to skip.
fn start(pages: &Pages, token: &str) -> Result<(Markers, i64), Stop> {
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
        let mut told = |name: &str| members.shift_remove(name).unwrap_or(Value::Null);
        let markers = Markers {
            first: told(pages.input),
            second: pages.second.map_or(Value::Null, |(input, _)| told(input)),
        };
        return Ok((markers, skip));
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
            Markers {
                first: match marker {
                    "None" => Value::Null,
                    marker => marker.into(),
                },
                second: Value::Null,
            },
            skip,
        )),
        _ => Err(Stop::Other(format!("Bad starting token: {token}"))),
    }
}

/// Merges the pages of a listing into one answer: the lists, the other members, and the token if the listing was cut
/// short.
pub(crate) fn merged(pages: &Pages, all: Vec<Map<String, Value>>, token: Option<&str>) -> Value {
    let mut answer = Map::new();
    let mut kept = Map::new();
    for (index, mut page) in all.into_iter().enumerate() {
        for list in pages.lists {
            if let Some(Value::Array(mut some)) = at_mut(&mut page, list).map(Value::take) {
                match at_mut(&mut answer, list) {
                    Some(Value::Array(items)) => items.append(&mut some),
                    _ => put(&mut answer, list, Value::Array(some)),
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
    use crate::face::fixtures;

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
                let lists: Vec<&str> = match way(entry) {
                    Some(way) if entry.response().member(way.output).is_some() => {
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

    /// A service with five items. A page has two items, or `MaxItems` if it is given. Markers are indices.
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
            start(&versions(), "a___b___c"),
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
