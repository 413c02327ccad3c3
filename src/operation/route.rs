//! Routes. A route tells which operation an HTTP request calls, and where its members are.
//!
//! A route looks like `POST /2015-03-31/functions/{FunctionName}/aliases 201`. It has the method, the path with
//! labels for members, the query that distinguishes it from other routes (`?List=ALL`, if it needs one), and the status
//! of an answer. A label `{Key+}` matches the rest of the path. The other members are in the body. If the request has
//! no body, they are in the query. [`Entry::wire`] lists the exceptions.

use super::Entry;

/// The place of a member on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location<'a> {
    /// In the path, as a label.
    Path,
    /// In the query, under that name.
    Query(&'a str),
    /// In the header with that name.
    Header(&'a str),
    /// In headers with that prefix, one header for each key.
    Headers(&'a str),
    /// The whole body.
    Payload,
    /// The status.
    Status,
    /// A member of the body.
    Body,
}

/// The members in the path of a request: their names and values.
pub type Labels = Vec<(&'static str, String)>;

/// The parts of an operation's route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `POST`.
    pub method: &'static str,
    segments: Vec<Segment>,
    /// The query that distinguishes the route from other routes.
    query: Vec<(&'static str, Option<&'static str>)>,
    /// The status of an answer.
    pub status: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment {
    Word(&'static str),
    Label(&'static str),
    Rest(&'static str),
}

impl Route {
    /// Parses the text in which an operation states its route.
    pub fn parse(text: &'static str) -> Self {
        let mut words = text.split(' ');
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        let status = words.next().and_then(|status| status.parse().ok());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let label = |word: &'static str| word.strip_prefix('{')?.strip_suffix('}');
        Self {
            method,
            segments: path
                .split('/')
                .filter(|word| !word.is_empty())
                .map(|word| match label(word) {
                    Some(name) => match name.strip_suffix('+') {
                        Some(name) => Segment::Rest(name),
                        None => Segment::Label(name),
                    },
                    None => Segment::Word(word),
                })
                .collect(),
            query: query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| match pair.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (pair, None),
                })
                .collect(),
            status: status.unwrap_or(200),
        }
    }

    /// The members in the path of a request; `None` if the request has another route. The segments are already decoded.
    pub fn labels(
        &self,
        method: &str,
        path: &[String],
        query: &[(String, String)],
    ) -> Option<Labels> {
        let asks = |(name, value): &(&str, Option<&str>)| {
            query
                .iter()
                .any(|(n, v)| n == name && value.is_none_or(|value| v == value))
        };
        if method != self.method || !self.query.iter().all(asks) {
            return None;
        }
        let mut found = Vec::new();
        let mut left = path;
        for segment in &self.segments {
            let (first, rest) = left.split_first()?;
            match segment {
                Segment::Word(word) if first == word => left = rest,
                Segment::Word(_) => return None,
                Segment::Label(name) => {
                    found.push((*name, first.clone()));
                    left = rest;
                }
                Segment::Rest(name) => {
                    found.push((*name, left.join("/")));
                    left = &[];
                }
            }
        }
        left.is_empty().then_some(found)
    }

    /// Returns true if the query of the route contains that word.
    pub fn asks(&self, name: &str) -> bool {
        self.query.iter().any(|(word, _)| *word == name)
    }

    /// The precedence of the route. The route with more parts is tried first, so that a request for
    /// `layers?find=LayerVersion` does not take the route `layers`.
    pub fn weight(&self) -> usize {
        let words = self.segments.iter();
        self.query.len() * 100
            + words
                .filter(|word| matches!(word, Segment::Word(_)))
                .count()
    }

    /// Returns true if the member is in the path.
    pub fn has_label(&self, member: &str) -> bool {
        self.segments.iter().any(|segment| {
            matches!(segment, Segment::Label(name) | Segment::Rest(name) if *name == member)
        })
    }

    /// Returns true if requests of this route have a body.
    pub fn has_body(&self) -> bool {
        matches!(self.method, "POST" | "PUT" | "PATCH")
    }
}

/// The place of a member, if [`Entry::wire`] states one.
pub fn stated<'a>(wire: &'a str, member: &'a str) -> Option<Location<'a>> {
    let (_, place) = wire
        .split_whitespace()
        .filter_map(|word| word.split_once('@'))
        .find(|(name, _)| *name == member)?;
    let (kind, name) = place.split_once('=').unwrap_or((place, member));
    Some(match kind {
        "query" => Location::Query(name),
        "header" => Location::Header(name),
        "headers" => Location::Headers(name),
        "payload" => Location::Payload,
        "status" => Location::Status,
        _ => Location::Body,
    })
}

/// The name of a member on the wire. [`Entry::wire`] can state another one: `Regions@name=regionInfo`.
pub fn named(wire: &str, member: &str) -> String {
    said(wire, member, "name").unwrap_or(member).to_owned()
}

/// The name of a member on the wire, in formats whose names begin with a small letter: `apiId` for `ApiId`.
pub fn named_low(wire: &str, member: &str) -> String {
    let name = named(wire, member);
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

/// The value that [`Entry::wire`] states for a member after the word `what`. `Buckets@item=Bucket` names the items of a
/// list; `Aliases.Items@item=CNAME` names the items of a list inside the member `Aliases`; `QueueUrls@flat=QueueUrl`
/// names the items of a list or map that has no element of its own; `Attributes@entry=Name,Value` names the keys and
/// values of a map; `@root=ListBucketResult` names the whole answer.
pub fn said<'a>(wire: &'a str, member: &str, what: &str) -> Option<&'a str> {
    wire.split_whitespace().find_map(|word| {
        let (name, place) = word.split_once('@')?;
        let (kind, value) = place.split_once('=')?;
        (name == member && kind == what).then_some(value)
    })
}

impl Entry {
    /// The parsed route of the operation.
    pub fn routed(&self) -> Route {
        Route::parse(self.route)
    }

    /// The place of a member of a request.
    pub fn place_in_request<'a>(&'a self, route: &Route, member: &'a str) -> Location<'a> {
        if route.has_label(member) {
            return Location::Path;
        }
        stated(self.wire, member).unwrap_or(match route.has_body() {
            true => Location::Body,
            false => Location::Query(member),
        })
    }

    /// The place of a member of an answer. An entry that begins with `>`, such as `>VersionId@header=…`, applies to
    /// answers only.
    pub fn place_in_response<'a>(&'a self, member: &'a str) -> Location<'a> {
        let of_answers = self.wire.split_whitespace().find(|word| {
            let name = word.strip_prefix('>').and_then(|word| word.split_once('@'));
            name.is_some_and(|(name, _)| name == member)
        });
        let stated = match of_answers {
            Some(word) => stated(&word[1..], member),
            None => stated(self.wire, member),
        };
        match stated {
            // A query in `wire` applies to the member of the request, not to the member of the answer.
            None | Some(Location::Query(_)) => Location::Body,
            Some(place) => place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{FAMILIES, SERVICES, Service};

    fn path(text: &str) -> Vec<String> {
        text.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn a_path_is_matched_word_by_word_and_its_labels_are_read() {
        let route = Route::parse("PUT /v/functions/{FunctionName}/aliases/{Name} 200");
        assert_eq!(route.status, 200);
        let labels = route.labels("PUT", &path("v/functions/pay/aliases/live"), &[]);
        assert_eq!(
            labels,
            Some(vec![
                ("FunctionName", "pay".to_owned()),
                ("Name", "live".to_owned())
            ])
        );
        for (method, other) in [
            ("GET", "v/functions/pay/aliases/live"),
            ("PUT", "v/functions/pay/aliases"),
            ("PUT", "v/functions/pay/aliases/live/x"),
            ("PUT", "v/functions/pay/versions/live"),
        ] {
            assert_eq!(route.labels(method, &path(other), &[]), None, "{other}");
        }
    }

    #[test]
    fn the_rest_of_a_path_keeps_its_slashes() {
        let route = Route::parse("GET /{Bucket}/{Key+} 200");
        assert_eq!(
            route.labels("GET", &path("b/a/c//d"), &[]),
            Some(vec![
                ("Bucket", "b".to_owned()),
                ("Key", "a/c//d".to_owned())
            ])
        );
        assert_eq!(route.labels("GET", &path("b"), &[]), None);
    }

    #[test]
    fn the_query_of_a_route_must_be_there() {
        let route = Route::parse("GET /v/layers?find=LayerVersion 200");
        let pair = |value: &str| [("find".to_owned(), value.to_owned())];
        assert!(
            route
                .labels("GET", &path("v/layers"), &pair("LayerVersion"))
                .is_some()
        );
        assert!(route.labels("GET", &path("v/layers"), &pair("x")).is_none());
        assert!(route.weight() > Route::parse("GET /v/layers 200").weight());
    }

    #[test]
    fn every_member_that_is_said_to_travel_somewhere_is_one() {
        for entry in SERVICES.iter().flat_map(Service::entries) {
            for word in entry.wire.split_whitespace() {
                let (name, place) = word.split_once('@').expect("a name and a place");
                let name = name.trim_start_matches('>');
                let (request, response) = (entry.request(), entry.response());
                assert!(
                    request.member(name).or(response.member(name)).is_some()
                        || ["name=", "item=", "root="]
                            .iter()
                            .any(|kind| place.starts_with(kind)),
                    "{} has no {name}",
                    entry.name
                );
            }
        }
    }

    #[test]
    fn no_two_operations_of_lambda_share_a_route() {
        let mut routes: Vec<_> = FAMILIES
            .iter()
            .flat_map(|family| family.iter())
            .map(|entry| entry.route.rsplit_once(' ').expect("a status").0)
            .collect();
        routes.sort_unstable();
        let all = routes.len();
        routes.dedup();
        assert_eq!(routes.len(), all);
    }
}
