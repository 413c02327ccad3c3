//! An answer that is to be sent: status, headers, and a body. The body is bytes or a part of a file.

use std::{
    fs::File,
    io::{self, Read as _},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::{
    Response,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue},
};

/// Bytes of a file that are sent at a time.
const CHUNK: usize = 1 << 16;

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    /// The status.
    pub(super) status: u16,
    /// The headers, except those that describe the body.
    pub(super) headers: Vec<(String, String)>,
    /// The type of the body; empty if there is none.
    pub(super) content_type: &'static str,
    /// The body.
    pub(super) body: Content,
}

/// Another server's answer, which is passed on.
#[derive(Debug)]
pub struct Handed {
    /// The status.
    pub status: u16,
    /// The headers, except the headers of the connection.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl From<Handed> for Reply {
    fn from(handed: Handed) -> Self {
        Self {
            headers: handed.headers,
            ..Self::new(handed.status, "", handed.body)
        }
    }
}

/// A body.
#[derive(Debug)]
pub(super) enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The given number of bytes of a file, from its current position.
    File(File, u64),
    /// No body, only the length that a body would have. It is used for the answer to HEAD.
    Length(u64),
}

impl Reply {
    /// Makes an answer with a status and a body of the given type.
    pub(super) fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type,
            body: Content::Bytes(body.into()),
        }
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Converts the answer for hyper. A header that contains a line end is left out, because it cannot be sent.
    pub(super) fn sent(self) -> Response<Outgoing> {
        let length = match &self.body {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(_, length) | Content::Length(length) => *length,
        };
        let mut response = Response::new(Outgoing(match self.body {
            Content::Bytes(bytes) => Sending::Bytes(bytes.into()),
            Content::File(file, length) => Sending::File(file, length),
            Content::Length(_) => Sending::Bytes(Bytes::new()),
        }));
        *response.status_mut() = self.status.try_into().unwrap_or_default();
        let headers = response.headers_mut();
        if !self.content_type.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (
                HeaderName::try_from(name.to_ascii_lowercase()),
                HeaderValue::try_from(value),
            ) {
                headers.insert(name, value);
            }
        }
        if !matches!(self.status, 204 | 304) {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        response
    }
}

/// A body that is being sent.
#[derive(Debug)]
pub(super) struct Outgoing(Sending);

#[derive(Debug)]
enum Sending {
    Bytes(Bytes),
    File(File, u64),
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let bytes = match &mut self.0 {
            Sending::Bytes(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Sending::Bytes(bytes) => std::mem::take(bytes),
            Sending::File(_, 0) => return Poll::Ready(None),
            Sending::File(file, left) => {
                let mut chunk = vec![0; (*left).min(CHUNK as u64) as usize];
                if let Err(error) = file.read_exact(&mut chunk) {
                    // The length was already sent, so only the end of the connection can tell the client about the
                    // error.
                    return Poll::Ready(Some(Err(error)));
                }
                *left -= chunk.len() as u64;
                chunk.into()
            }
        };
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Sending::Bytes(bytes) => bytes.is_empty(),
            Sending::File(_, left) => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match &self.0 {
            Sending::Bytes(bytes) => bytes.len() as u64,
            Sending::File(_, left) => *left,
        })
    }
}
