//! The REST-XML protocol: members in path, query, headers and XML; S3 objects are whole bodies.
//!
//! For S3 the bucket is the first part of the path or of the host's name. A query word that no member of the operation
//! has, such as `?tagging` or `?uploads`, asks for another operation. That operation is not simulated; the refusal
//! names it.

use std::{
    fs::File,
    io::{Seek as _, SeekFrom},
};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    door::name_of,
    head::{Head, decoded},
    query,
    refusal::{Front, Refusal, Words},
    reply::{Content, Reply},
    rest_json::{self, of_text, plain},
    services::{Body, Bound, Protocol, of_route, routed},
    xml::{self, HEADER, Style},
};
use crate::operation::{
    Entry, Service,
    route::{Labels, Location, Route, named, said},
    shape::Shape,
};
use crate::state::plain;

/// The most bytes of an object that is put at once (AWS documentation).
const MOST: u64 = 5 << 30;

/// Operations of S3 that are not answered here. Each entry has the method, `bucket` or `object`, the word in the query,
/// and the name.
const NOT_SIMULATED: &[(&str, &str, &str, &str)] = &[
    ("GET", "bucket", "acl", "GetBucketAcl"),
    ("PUT", "bucket", "acl", "PutBucketAcl"),
    ("GET", "bucket", "policyStatus", "GetBucketPolicyStatus"),
    ("GET", "object", "acl", "GetObjectAcl"),
    ("GET", "object", "attributes", "GetObjectAttributes"),
    ("GET", "object", "tagging", "GetObjectTagging"),
    ("PUT", "object", "tagging", "PutObjectTagging"),
];

/// The protocol of a service.
#[derive(Debug)]
pub(super) struct RestXml {
    /// The namespace of the service's answers.
    pub(super) namespace: &'static str,
    /// True for S3: the host's name may contain a bucket, words of the query select the operation, and answers may be
    /// parts of files.
    pub(super) has_buckets: bool,
}

impl Protocol for RestXml {
    fn speaks(&self, service: &'static Service, head: &Head) -> bool {
        routed(service.entries(), head).is_some() || of_route(service.name, head).is_some()
    }

    fn open(&self, service: &'static Service, head: &Head) -> Result<Bound, Refusal> {
        let (entry, route, labels) = match self.has_buckets {
            true => self.of_bucket(service, head)?,
            false => {
                routed(service.entries(), head).ok_or_else(|| rest_json::unknown(service, head))?
            }
        };
        let request = entry.request();
        let mut members = Map::new();
        let mut body = Body::Ignored;
        for member in &request.members {
            let value = match entry.place_in_request(&route, &member.name) {
                Location::Path => {
                    let mut labels = labels.iter();
                    let label = labels.find(|(name, _)| *name == member.name);
                    label.map(|(_, text)| of_text(&member.shape, text))
                }
                Location::Query(name) => head
                    .parameter(name)
                    .map(|text| of_text(&member.shape, text)),
                Location::Header(name) => {
                    let text = head.header(&name.to_ascii_lowercase());
                    let text = text.map(|text| match member.name.as_str() {
                        // An object is stored without chunks, so `aws-chunked` is removed.
                        "ContentEncoding" => unchunked(text),
                        _ => text.to_owned(),
                    });
                    text.filter(|text| !text.is_empty())
                        .map(|text| of_text(&member.shape, &text))
                }
                Location::Headers(start) => {
                    let start = start.to_ascii_lowercase();
                    let named = head.headers.iter().filter_map(|(name, value)| {
                        Some((name.strip_prefix(&start)?.to_owned(), value.as_str().into()))
                    });
                    let map: Map<String, Value> = named.collect();
                    (!map.is_empty()).then_some(Value::Object(map))
                }
                Location::Payload => {
                    body = match member.shape {
                        Shape::Blob => Body::Payload(&member.name),
                        _ => Body::Text,
                    };
                    None
                }
                Location::Body if !self.has_buckets && route.has_body() => {
                    body = Body::Text;
                    None
                }
                Location::Status | Location::Body => None,
            };
            if let Some(value) = value {
                members.insert(member.name.clone(), value);
            }
        }
        Ok(Bound {
            entry: Some(entry),
            members,
            body,
            form: None,
            most: MOST,
        })
    }

    fn close(&self, _: &'static Service, mut bound: Bound, body: &[u8]) -> Result<Bound, Refusal> {
        let (Some(entry), false) = (bound.entry, body.is_empty()) else {
            return Ok(bound);
        };
        let malformed = || {
            let text = "The XML you provided was not well-formed or did not validate against our published schema";
            Front::Malformed(text.to_owned())
        };
        let text = std::str::from_utf8(body).map_err(|_| malformed())?;
        let route = entry.routed();
        let style = self.style(entry);
        let is_at = |name: &str, place: Location<'_>| entry.place_in_request(&route, name) == place;
        let mut members = entry.request().members.iter();
        match members.find(|member| is_at(&member.name, Location::Payload)) {
            Some(member) => {
                let value = match &member.shape {
                    Shape::Structure(structure) => {
                        xml::read(structure, style.within(&member.name), text)
                            .ok_or_else(malformed)?
                    }
                    Shape::String(_) => text.into(),
                    _ => return Ok(bound),
                };
                bound.members.insert(member.name.clone(), value);
            }
            None => {
                let read = xml::read(entry.request(), style, text).ok_or_else(malformed)?;
                let Value::Object(read) = read else {
                    return Ok(bound);
                };
                let own = read.into_iter();
                bound
                    .members
                    .extend(own.filter(|(name, _)| is_at(name, Location::Body)));
            }
        }
        Ok(bound)
    }

    #[cfg(test)]
    fn written(&self, entry: &'static Entry, members: Map<String, Value>) -> super::walk::Written {
        let route = entry.routed();
        let style = self.style(entry);
        let (head, body) = super::walk::of_rest(
            entry,
            members,
            &str::to_owned,
            &|own, shape, value, body| {
                if entry.place_in_request(&route, own) == Location::Payload {
                    *body = super::walk::of_xml(style, own, shape, value).into_bytes();
                    return;
                }
                let mut text = String::new();
                xml::element(&mut text, style, own, shape, value);
                body.extend(text.into_bytes());
            },
        );
        // Elements of members are in one root.
        let text = String::from_utf8(body).expect("a text");
        let body = match text.is_empty() || text.starts_with(HEADER) {
            true => text,
            false => format!(
                "{HEADER}<{}Request xmlns=\"n\">{text}</{0}Request>",
                entry.name
            ),
        };
        (head, body.into_bytes())
    }

    fn answer(&self, bound: &Bound, answer: Value, head: &Head, request_id: &str) -> Reply {
        let Some(entry) = bound.entry else {
            return Reply::new(500, "", "");
        };
        let response = entry.response();
        let mut reply = Reply::new(entry.routed().status, "", "");
        let style = self.style(entry);
        let mut text = String::new();
        let mut whole = None;
        let mut file = None;
        for (name, value) in answer.as_object().into_iter().flatten() {
            let shape = response.member(name).map(|member| &member.shape);
            match entry.place_in_response(name) {
                // A member without a value gets no header. The length comes from the body itself, except for HEAD.
                Location::Header(_) if value.is_null() => {}
                Location::Header("Content-Length") => {
                    reply.body = Content::Length(value.as_u64().unwrap_or(0));
                }
                Location::Header(header) => {
                    let dated = matches!(shape, Some(Shape::String(text)) if text.timestamp);
                    let value = match dated {
                        true => http_date(&plain(value)),
                        false => plain(value),
                    };
                    reply.headers.push((header.to_owned(), value));
                }
                Location::Headers(start) => {
                    for (key, value) in value.as_object().into_iter().flatten() {
                        reply.headers.push((format!("{start}{key}"), plain(value)));
                    }
                }
                Location::Payload => match value.get("File").and_then(Value::as_str) {
                    Some(path) => file = Some(path.to_owned()),
                    None => whole = Some((name.clone(), shape, value)),
                },
                _ => xml::element(&mut text, style, name, shape, value),
            }
        }
        let raw = whole.take_if(|(name, ..)| said(entry.wire, name, "payload") == Some("raw"));
        if let Some((_, _, text)) = raw {
            reply.content_type = "application/json";
            reply.body = Content::Bytes(plain(text).into_bytes());
        }
        let root = match &whole {
            Some((name, shape, value)) => {
                if !value.is_null() {
                    xml::content(&mut text, style.within(name), *shape, value);
                }
                Some(name.clone())
            }
            None if !reply.content_type.is_empty() => None,
            None => said(entry.wire, "", "root")
                .map(str::to_owned)
                // Members without a place of their own are elements of the response.
                .or_else(|| {
                    let has_own = !self.has_buckets && !text.is_empty();
                    has_own.then(|| format!("{}Response", entry.name))
                }),
        };
        if let Some(root) = root {
            let namespace = self.namespace;
            let document = format!("{HEADER}<{root} xmlns=\"{namespace}\">{text}</{root}>");
            reply.content_type = "application/xml";
            reply.body = Content::Bytes(document.into_bytes());
        }
        if !self.has_buckets {
            return reply.with("x-amzn-RequestId", request_id);
        }
        if let Err(refusal) = conditions(&reply, head) {
            return match refusal {
                // A 304 has only the headers of the unchanged object.
                None => Reply {
                    status: 304,
                    body: Content::Bytes(Vec::new()),
                    ..reply
                },
                Some(refusal) => self.refuse(&refusal, head, request_id),
            }
            .with("x-amz-request-id", request_id);
        }
        let length = match reply.body {
            Content::Length(length) => length,
            _ => 0,
        };
        let ranged = file.is_some() || head.method == "HEAD";
        let range = head
            .header("range")
            .filter(|_| ranged)
            .and_then(|text| range(text, length));
        let (from, many) = match range {
            Some(None) => {
                let refusal = Refusal::Front(Front::BadRange);
                return self
                    .refuse(&refusal, head, request_id)
                    .with("Content-Range", format!("bytes */{length}"));
            }
            Some(Some((from, to))) => {
                reply.status = 206;
                reply.headers.push((
                    "Content-Range".to_owned(),
                    format!("bytes {from}-{to}/{length}"),
                ));
                (from, to - from + 1)
            }
            None => (0, length),
        };
        if ranged {
            reply.body = Content::Length(many);
        }
        if let Some(path) = file {
            let opened = File::open(&path).and_then(|mut file| {
                file.seek(SeekFrom::Start(from))?;
                Ok(file)
            });
            match opened {
                Ok(file) => reply.body = Content::File(file, many),
                // The object was deleted or replaced after the operation answered.
                Err(error) => {
                    let front =
                        Front::Internal(format!("cannot read {path}: {}", plain::plain(&error)));
                    return self.refuse(&front.into(), head, request_id);
                }
            }
        }
        reply
            .with("x-amz-request-id", request_id)
            .with("x-amz-id-2", request_id)
    }

    fn refuse(&self, refusal: &Refusal, head: &Head, request_id: &str) -> Reply {
        if !self.has_buckets {
            return query::refused(self.namespace, refusal, request_id);
        }
        let (status, code, message) = match refusal {
            Refusal::Service(error) => (
                error.code.status(),
                error.code.name(),
                error.message.clone(),
            ),
            Refusal::Front(front) => words(front),
        };
        let (message, resource) = (xml::escaped(&message), xml::escaped(&head.raw_path));
        let text = format!(
            "{HEADER}<Error><Code>{code}</Code><Message>{message}</Message><Resource>{resource}</Resource>\
             <RequestId>{request_id}</RequestId><HostId>{request_id}</HostId></Error>"
        );
        Reply::new(status, "application/xml", text)
            .with("x-amz-request-id", request_id)
            .with("x-amz-id-2", request_id)
    }
}

impl RestXml {
    fn style(&self, entry: &'static Entry) -> Style<'static> {
        Style {
            item: (!self.has_buckets).then_some("member"),
            name: named,
            wire: entry.wire,
            within: "",
        }
    }

    /// The operation of a request for S3.
    fn of_bucket(
        &self,
        service: &'static Service,
        head: &Head,
    ) -> Result<(&'static Entry, Route, Labels), Refusal> {
        let path = path(head).ok_or_else(|| Front::Malformed("the path is not text".to_owned()))?;
        let found = service
            .entries()
            .filter_map(|entry| {
                let route = entry.routed();
                let labels = route.labels(&head.method, &path, &head.query)?;
                // A put that names a source is a copy; a put that names an upload is a part.
                let more = required(entry, &route, head)?;
                Some((entry, route, labels, more))
            })
            .max_by_key(|(_, route, _, more)| route.weight() + more);
        match found {
            Some((entry, route, labels, _)) if unknown_query(entry, &route, head).is_none() => {
                Ok((entry, route, labels))
            }
            _ => Err(self.unknown(head, &path).into()),
        }
    }

    /// The refusal of a request for another operation.
    fn unknown(&self, head: &Head, path: &[String]) -> Front {
        let place = match path.len() {
            0 => return Front::Unknown,
            1 => "bucket",
            _ => "object",
        };
        let asks = |word: &str| word.is_empty() || head.parameter(word).is_some();
        let mut known = NOT_SIMULATED
            .iter()
            .filter(|(method, of, word, _)| *method == head.method && *of == place && asks(word));
        // The first entry has no query word, so every other entry is tried before it.
        let named = known.clone().find(|(_, _, word, _)| !word.is_empty());
        if let Some((_, _, _, name)) = named.or_else(|| known.find(|_| head.query.is_empty())) {
            return Front::NotSimulated(format!("s3 {name}"));
        }
        if !["GET", "PUT", "POST", "DELETE", "HEAD"].contains(&head.method.as_str()) {
            return Front::Unknown;
        }
        let query: Vec<&str> = head.query.iter().map(|(name, _)| name.as_str()).collect();
        Front::NotSimulated(format!("s3 {} {place} ?{}", head.method, query.join("&")))
    }
}

/// Returns the bucket, and then the segments of the key. The bucket's name is in the host or in the path.
fn path(head: &Head) -> Option<Vec<String>> {
    let raw = head.raw_path.strip_prefix('/').unwrap_or(&head.raw_path);
    let host = name_of(head.header("host").unwrap_or_default());
    let (bucket, key) = match bucket_of(host) {
        Some(bucket) => (bucket.to_owned(), raw),
        None => {
            let (bucket, key) = raw.split_once('/').unwrap_or((raw, ""));
            (decoded(bucket)?, key)
        }
    };
    let mut path = Vec::new();
    if !bucket.is_empty() {
        path.push(bucket);
    }
    if !key.is_empty() {
        // Slashes that follow each other are kept in a key.
        path.extend(decoded(key)?.split('/').map(str::to_owned));
    }
    Some(path)
}

/// The bucket whose name is the first part of a host's name.
fn bucket_of(host: &str) -> Option<&str> {
    let host = host.strip_suffix(".cn").unwrap_or(host);
    if let Some(before) = host.strip_suffix(".localhost") {
        let before = before.strip_suffix(".s3").unwrap_or(before);
        return (before != "s3").then_some(before);
    }
    let before = host.strip_suffix(".amazonaws.com")?;
    let at = before.find(".s3.").or_else(|| before.find(".s3-"));
    match at {
        Some(at) => Some(&before[..at]),
        None => before.strip_suffix(".s3"),
    }
}

/// Counts the members that an operation requires in headers and in the query of the request; `None` if the request
/// lacks one.
fn required(entry: &Entry, route: &Route, head: &Head) -> Option<usize> {
    let mut found = 0;
    for member in &entry.request().members {
        let text = match entry.place_in_request(route, &member.name) {
            _ if !member.required => continue,
            Location::Header(name) => head.header(&name.to_ascii_lowercase()),
            Location::Query(name) => head.parameter(name),
            _ => continue,
        };
        text?;
        found += 1;
    }
    Some(found)
}

/// The first word of a query that belongs to no member of the operation.
fn unknown_query<'a>(entry: &Entry, route: &Route, head: &'a Head) -> Option<&'a str> {
    let request = entry.request();
    head.query
        .iter()
        .map(|(name, _)| name.as_str())
        .find(|name| {
            let signs = name.starts_with("X-Amz-") || *name == "x-id";
            let member = request.members.iter().any(|member| {
                let place = entry.place_in_request(route, &member.name);
                // Members that are accepted without effect have no location of their own.
                place == Location::Query(name) || kebab(&member.name) == *name
            });
            !(signs || route.asks(name) || member)
        })
}

/// `MaxKeys` as `max-keys`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for (at, c) in name.chars().enumerate() {
        if at > 0 && c.is_ascii_uppercase() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// Removes `aws-chunked` from a content encoding.
fn unchunked(encoding: &str) -> String {
    let words = encoding.split(',').map(str::trim);
    let words: Vec<&str> = words.filter(|word| *word != "aws-chunked").collect();
    words.join(",")
}

/// `Sun, 22 Nov 2026 12:00:00 GMT`
fn http_date(moment: &str) -> String {
    match moment.parse::<Timestamp>() {
        Ok(moment) => moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        Err(_) => moment.to_owned(),
    }
}

/// Checks `If-Match` and `If-None-Match` of a read; `None` if the object has not changed.
fn conditions(reply: &Reply, head: &Head) -> Result<(), Option<Refusal>> {
    let mut headers = reply.headers.iter();
    let Some((_, tag)) = headers.find(|(name, _)| name == "ETag") else {
        return Ok(());
    };
    if !matches!(head.method.as_str(), "GET" | "HEAD") {
        return Ok(());
    }
    let names = |named: &str| {
        named
            .split(',')
            .map(|one| one.trim().trim_start_matches("W/"))
            .any(|one| one == "*" || one.trim_matches('"') == tag.trim_matches('"'))
    };
    if head.header("if-match").is_some_and(|named| !names(named)) {
        return Err(Some(Front::Precondition.into()));
    }
    if head.header("if-none-match").is_some_and(names) {
        return Err(None);
    }
    Ok(())
}

/// Returns the first and the last byte of a range. The inner value is `None` if the object does not have these bytes.
/// The outer value is `None` if the header is not supported; such a header is ignored.
fn range(text: &str, length: u64) -> Option<Option<(u64, u64)>> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => text.parse::<u64>().ok(),
        false => None,
    };
    let (from, to) = match (from, to) {
        ("", last) => (length.saturating_sub(number(last)?), length.checked_sub(1)?),
        (from, "") => (number(from)?, length.saturating_sub(1)),
        (from, to) => {
            let (from, to) = (number(from)?, number(to)?);
            if from > to {
                return None;
            }
            (from, to.min(length.saturating_sub(1)))
        }
    };
    Some((from < length).then_some((from, to)))
}

fn words(front: &Front) -> Words {
    let (status, code) = match front {
        Front::Unsigned | Front::WrongHost(_) => (403, "AccessDenied"),
        Front::UnknownKey => (403, "InvalidAccessKeyId"),
        Front::WrongSignature => (403, "SignatureDoesNotMatch"),
        Front::WrongScope(_) => (403, "RequestTimeTooSkewed"),
        Front::Malformed(_) => (400, "MalformedXML"),
        Front::WrongDigest(_) => (400, "BadDigest"),
        Front::TooLarge { .. } => (400, "EntityTooLarge"),
        Front::Precondition => (412, "PreconditionFailed"),
        Front::BadRange => (416, "InvalidRange"),
        Front::Unknown => (405, "MethodNotAllowed"),
        Front::NotSimulated(_) => (501, "NotImplemented"),
        Front::Internal(_) => (500, "InternalError"),
    };
    let message = match front {
        Front::Unsigned => "Access Denied".to_owned(),
        Front::UnknownKey => {
            "The AWS Access Key Id you provided does not exist in our records.".to_owned()
        }
        Front::TooLarge { .. } => {
            "Your proposed upload exceeds the maximum allowed size".to_owned()
        }
        Front::Unknown => "The specified method is not allowed against this resource.".to_owned(),
        front => front.message(),
    };
    (status, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::SERVICES;

    fn bound(
        method: &str,
        host: &str,
        target: &str,
        more: &[(&str, &str)],
    ) -> Result<(String, Value), Front> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = vec![("host".to_owned(), host.to_owned())];
        headers.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let head = Head::of(method, path, query, headers).expect("a head");
        let service = SERVICES
            .iter()
            .find(|service| service.name == "s3api")
            .expect("S3");
        let protocol = RestXml {
            namespace: "n",
            has_buckets: true,
        };
        match protocol.open(service, &head) {
            Ok(bound) => Ok((
                bound.entry.expect("an operation").name.to_owned(),
                Value::Object(bound.members),
            )),
            Err(Refusal::Front(front)) => Err(front),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bucket_stands_in_the_path_or_in_the_host() {
        for (host, target) in [
            ("127.0.0.1:4510", "/code/a/b%20c//d/"),
            ("code.localhost:4510", "/a/b%20c//d/"),
            ("code.s3.localhost", "/a/b%20c//d/"),
            ("code.s3.us-east-1.amazonaws.com", "/a/b%20c//d/"),
            ("code.s3.amazonaws.com", "/a/b%20c//d/"),
            ("s3.us-east-1.amazonaws.com", "/code/a/b%20c//d/"),
        ] {
            let (name, members) = bound("GET", host, target, &[]).expect("bound");
            assert_eq!(name, "GetObject");
            assert_eq!(
                (&members["Bucket"], &members["Key"]),
                (&"code".into(), &"a/b c//d/".into()),
                "{host}"
            );
        }
    }

    #[test]
    fn the_operation_is_told_by_query_and_headers() {
        let name = |method: &str, target: &str, more: &[(&str, &str)]| {
            bound(method, "localhost", target, more).map(|(name, _)| name)
        };
        assert_eq!(name("GET", "/", &[]), Ok("ListBuckets".to_owned()));
        assert_eq!(
            name("GET", "/b?list-type=2&prefix=a&encoding-type=url", &[]),
            Ok("ListObjectsV2".to_owned())
        );
        assert_eq!(
            name("GET", "/b/?location", &[]),
            Ok("GetBucketLocation".to_owned())
        );
        assert_eq!(
            name("PUT", "/b/k?x-id=PutObject", &[]),
            Ok("PutObject".to_owned())
        );
        assert_eq!(
            name("PUT", "/b/k", &[("x-amz-copy-source", "a/b")]),
            Ok("CopyObject".to_owned())
        );
        for (method, target, operation) in [
            ("POST", "/b/k?uploads", "CreateMultipartUpload"),
            ("PUT", "/b/k?uploadId=x&partNumber=1", "UploadPart"),
            ("POST", "/b/k?uploadId=x", "CompleteMultipartUpload"),
            ("DELETE", "/b/k?uploadId=x", "AbortMultipartUpload"),
            ("GET", "/b/k?uploadId=x", "ListParts"),
            ("GET", "/b?uploads", "ListMultipartUploads"),
            ("GET", "/b", "ListObjects"),
            ("GET", "/b?prefix=a&marker=b", "ListObjects"),
            ("GET", "/b?versions", "ListObjectVersions"),
            ("POST", "/b?delete", "DeleteObjects"),
            ("PUT", "/b?versioning", "PutBucketVersioning"),
            ("GET", "/b?publicAccessBlock", "GetPublicAccessBlock"),
            ("DELETE", "/b?lifecycle", "DeleteBucketLifecycle"),
        ] {
            assert_eq!(name(method, target, &[]), Ok(operation.to_owned()));
        }
        let copy = [("x-amz-copy-source", "a/b")];
        assert_eq!(
            name("PUT", "/b/k?uploadId=x&partNumber=1", &copy),
            Ok("UploadPartCopy".to_owned())
        );
        for (method, target, told) in [
            ("PUT", "/b?acl", "s3 PutBucketAcl"),
            ("GET", "/b/k?tagging", "s3 GetObjectTagging"),
            ("GET", "/b/k?torrent", "s3 GET object ?torrent"),
            ("DELETE", "/b?replication", "s3 DELETE bucket ?replication"),
        ] {
            assert_eq!(
                name(method, target, &[]),
                Err(Front::NotSimulated(told.to_owned()))
            );
        }
        assert_eq!(name("PATCH", "/b", &[]), Err(Front::Unknown));
    }

    #[test]
    fn metadata_and_headers_become_members() {
        let more = [
            ("x-amz-meta-a", "b"),
            ("content-encoding", "gzip,aws-chunked"),
            ("content-type", "t/x"),
        ];
        let (_, members) = bound("PUT", "localhost", "/b/k", &more).expect("bound");
        assert_eq!(
            members,
            serde_json::json!({ "Bucket": "b", "Key": "k", "ContentEncoding": "gzip", "ContentType": "t/x", "Metadata": { "a": "b" } })
        );
        let plain = [("content-encoding", "aws-chunked")];
        assert!(
            bound("PUT", "localhost", "/b/k", &plain)
                .expect("bound")
                .1
                .get("ContentEncoding")
                .is_none()
        );
    }

    #[test]
    fn a_range_is_of_bytes_that_are_there() {
        for (text, told) in [
            ("bytes=0-0", Some(Some((0, 0)))),
            ("bytes=2-", Some(Some((2, 9)))),
            ("bytes=-3", Some(Some((7, 9)))),
            ("bytes=5-100", Some(Some((5, 9)))),
            ("bytes=-100", Some(Some((0, 9)))),
            ("bytes=10-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=3-2", None),
            ("bytes=a-b", None),
            ("lines=1-2", None),
            ("bytes=+1-2", None),
            ("bytes=0-1,3-4", None),
        ] {
            assert_eq!(range(text, 10), told, "{text}");
        }
        assert_eq!(range("bytes=0-", 0), Some(None));
    }

    #[test]
    fn dates_are_those_of_http() {
        assert_eq!(
            http_date("2026-11-22T12:00:00.500000+00:00"),
            "Sun, 22 Nov 2026 12:00:00 GMT"
        );
    }
}
