//! Reads `aws-chunked` bodies. In such a body there are chunks, each with its own signature, and then trailers.

use sha2::{Digest as _, Sha256};

use super::{
    head::Head,
    refusal::{Front, Refusal},
    signature::{Claim, equal},
};

/// The most bytes in the line of a chunk or of a trailer.
const LINE: usize = 1024;

/// The most trailers.
const TRAILERS: usize = 16;

/// Trailers: names in lower case, and values.
pub(super) type Trailers = Vec<(String, String)>;

/// Splits one body into its chunks.
#[derive(Debug)]
pub(super) struct Chunks {
    at: At,
    line: Vec<u8>,
    /// The number of bytes that the request announces.
    announced: Option<u64>,
    taken: u64,
    /// The claim that verifies signed chunks, and the signature of the chunk before.
    chain: Option<(Claim, String)>,
    stated: String,
    hasher: Sha256,
    trailers: Trailers,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Line,
    Data(u64),
    DataEnd,
    Trailer,
    End,
}

fn malformed(text: &str) -> Refusal {
    Front::Malformed(text.to_owned()).into()
}

impl Chunks {
    /// Returns a reader if a request's body is in chunks. `claim` verifies the signatures of the chunks.
    pub(super) fn of(head: &Head, claim: Option<&Claim>) -> Option<Self> {
        let hash = head.header("x-amz-content-sha256").unwrap_or_default();
        let encoding = head.header("content-encoding").unwrap_or_default();
        let encoded = encoding.split(',').any(|word| word.trim() == "aws-chunked");
        if !hash.starts_with("STREAMING-") && !encoded {
            return None;
        }
        let signed = hash.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        Some(Self {
            at: At::Line,
            line: Vec::new(),
            announced: head
                .header("x-amz-decoded-content-length")
                .and_then(|text| text.parse().ok()),
            taken: 0,
            chain: claim
                .filter(|_| signed)
                .map(|claim| (claim.clone(), claim.seed())),
            stated: String::new(),
            hasher: Sha256::new(),
            trailers: Vec::new(),
        })
    }

    /// Takes bytes of the body and passes the bytes of the object on.
    ///
    /// # Errors
    /// When the bytes are not a chunk, when the signature of a chunk is wrong, and when `take` fails.
    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        take: &mut dyn FnMut(&[u8]) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        while !bytes.is_empty() {
            if let At::Data(left) = self.at {
                let many = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                self.taken += many as u64;
                self.hasher.update(&bytes[..many]);
                take(&bytes[..many])?;
                bytes = &bytes[many..];
                self.at = match left - many as u64 {
                    0 => At::DataEnd,
                    left => At::Data(left),
                };
                if self.at == At::DataEnd {
                    self.prove()?;
                }
                continue;
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let many = end.map_or(bytes.len(), |end| end + 1);
            self.line.extend_from_slice(&bytes[..many]);
            bytes = &bytes[many..];
            if self.line.len() > LINE {
                return Err(malformed("a line of a chunk is too long"));
            }
            if end.is_some() {
                let line = std::mem::take(&mut self.line);
                let line = line
                    .strip_suffix(b"\r\n")
                    .and_then(|line| std::str::from_utf8(line).ok());
                self.line(line.ok_or_else(|| malformed("a chunk's line has a wrong end"))?)?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<(), Refusal> {
        self.at = match self.at {
            At::Line => {
                let (size, more) = line.split_once(';').unwrap_or((line, ""));
                let plain = !size.is_empty() && size.bytes().all(|digit| digit.is_ascii_hexdigit());
                let size = u64::from_str_radix(size, 16).ok().filter(|_| plain);
                let size = size.ok_or_else(|| malformed("a chunk has no size"))?;
                let left = self.announced.map(|all| all.saturating_sub(self.taken));
                if left.is_some_and(|left| size > left) {
                    return Err(malformed("the chunks hold more bytes than announced"));
                }
                let stated = more.strip_prefix("chunk-signature=").unwrap_or_default();
                self.stated = stated.to_owned();
                match size {
                    0 => {
                        self.prove()?;
                        At::Trailer
                    }
                    size => At::Data(size),
                }
            }
            At::DataEnd if line.is_empty() => At::Line,
            At::Trailer if line.is_empty() => At::End,
            At::Trailer if self.trailers.len() < TRAILERS => {
                let (name, value) = line
                    .split_once(':')
                    .ok_or_else(|| malformed("a trailer has no name"))?;
                self.trailers
                    .push((name.to_ascii_lowercase(), value.trim().to_owned()));
                At::Trailer
            }
            _ => return Err(malformed("the chunks have a wrong end")),
        };
        Ok(())
    }

    /// Verifies a chunk's signature, if chunks are signed.
    fn prove(&mut self) -> Result<(), Refusal> {
        let hash = std::mem::take(&mut self.hasher).finalize();
        let Some((claim, before)) = &mut self.chain else {
            return Ok(());
        };
        let wanted = claim.chunk(before, &hash);
        if !equal(&wanted, &self.stated) {
            return Err(Front::WrongSignature.into());
        }
        *before = wanted;
        Ok(())
    }

    /// Returns the trailers after the body has ended.
    ///
    /// # Errors
    /// When the body ends too early or is shorter than announced, or when the signature of the trailers is wrong.
    pub(super) fn finish(self) -> Result<Trailers, Refusal> {
        if !matches!(self.at, At::End | At::Trailer) || !self.line.is_empty() {
            return Err(malformed("the body ends within a chunk"));
        }
        if self.announced.is_some_and(|all| all != self.taken) {
            return Err(malformed("the chunks hold fewer bytes than announced"));
        }
        let mut trailers = self.trailers;
        let signature = trailers
            .iter()
            .position(|(name, _)| name == "x-amz-trailer-signature");
        let signature = signature.map(|at| trailers.remove(at).1);
        if let Some((claim, before)) = &self.chain
            && !trailers.is_empty()
        {
            let text: String = trailers
                .iter()
                .map(|(name, value)| format!("{name}:{value}\n"))
                .collect();
            if !equal(
                &claim.trailer(before, &text),
                signature.as_deref().unwrap_or_default(),
            ) {
                return Err(Front::WrongSignature.into());
            }
        }
        Ok(trailers)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::serve::signature::Scope;

    fn head(more: &[(&str, &str)]) -> Head {
        let headers = more
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Head::of(
            "PUT",
            "/examplebucket/chunkObject.txt",
            "",
            headers.collect(),
        )
        .expect("a head")
    }

    fn taken(chunks: Chunks, body: &[u8], piece: usize) -> Result<(Vec<u8>, Trailers), Refusal> {
        let mut chunks = chunks;
        let mut out = Vec::new();
        for piece in body.chunks(piece) {
            chunks.feed(piece, &mut |bytes| {
                out.extend_from_slice(bytes);
                Ok(())
            })?;
        }
        Ok((out, chunks.finish()?))
    }

    fn unsigned(length: &str) -> Chunks {
        let head = head(&[
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", length),
        ]);
        Chunks::of(&head, None).expect("chunks")
    }

    #[test]
    fn chunks_and_trailers_are_taken_apart_in_whatever_pieces_they_come() {
        let body = b"5\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        for piece in [1, 2, 7, 100] {
            let (bytes, trailers) = taken(unsigned("16"), body, piece).expect("taken");
            assert_eq!(bytes, b"hello 0123456789");
            assert_eq!(
                trailers,
                [("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned())]
            );
        }
    }

    #[test]
    fn chunks_that_lie_are_refused() {
        for (length, body) in [
            ("5", &b"5\r\nhell"[..]),
            ("5", b"6\r\nhello!\r\n0\r\n\r\n"),
            ("6", b"5\r\nhello\r\n0\r\n\r\n"),
            ("5", b"5\r\nhelloX\r\n0\r\n\r\n"),
            ("5", b"-5\r\nhello\r\n0\r\n\r\n"),
            ("5", b"zz\r\n"),
            ("5", b"\r\n"),
            ("5", b"5\nhello\r\n0\r\n\r\n"),
            ("5", b"ffffffffffffffffff\r\n"),
            ("5", b"5\r\nhello\r\n0\r\n\r\nmore\r\n"),
            ("5", b"5\r\nhello\r\n0\r\nno colon\r\n\r\n"),
            ("5", b"+5\r\nhello\r\n0\r\n\r\n"),
        ] {
            assert!(
                taken(unsigned(length), body, 3).is_err(),
                "{:?}",
                String::from_utf8_lossy(body)
            );
        }
        assert!(taken(unsigned("5"), &[b'1'; 5000], 100).is_err());
    }

    /// AWS's documented example of signed chunks with a signed trailer, as the SDKs for Java and .NET send objects to an
    /// address that is not https.
    #[test]
    fn the_documented_example_of_a_signed_trailer_is_proved_and_no_other() {
        let head = head(&[
            ("host", "s3.amazonaws.com"),
            ("x-amz-date", "20130524T000000Z"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            (
                "x-amz-content-sha256",
                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            ),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("x-amz-trailer", "x-amz-checksum-crc32c"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
                SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
                x-amz-storage-class;x-amz-trailer,\
                Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
            ),
        ]);
        let scope = Scope::of(&head).expect("a scope");
        let now: Timestamp = "2013-05-24T00:00:00Z".parse().expect("a moment");
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let claim = Claim::new(&scope, &head, secret, now).expect("a claim");
        assert_eq!(
            claim.prove("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
            Ok(())
        );
        let body = |trailer: &str| {
            let mut body = b"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n".to_vec();
            body.extend([b'a'; 65536]);
            body.extend(b"\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n");
            body.extend([b'a'; 1024]);
            body.extend(b"\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n");
            body.extend(format!("{trailer}\r\n").as_bytes());
            body
        };
        let right = "x-amz-checksum-crc32c:sOO8/Q==\r\n\
            x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n";
        let chunks = || Chunks::of(&head, Some(&claim)).expect("chunks");
        let (bytes, trailers) = taken(chunks(), &body(right), 1000).expect("taken");
        assert_eq!(bytes.len(), 66560);
        assert_eq!(
            trailers,
            [("x-amz-checksum-crc32c".to_owned(), "sOO8/Q==".to_owned())]
        );
        for wrong in [
            right.replace("sOO8", "sOO9"),
            right.replace("d81f", "d81e"),
            "x-amz-checksum-crc32c:sOO8/Q==\r\n".to_owned(),
        ] {
            assert!(taken(chunks(), &body(&wrong), 1000).is_err(), "{wrong}");
        }
    }

    /// AWS's documented example of signed chunks.
    #[test]
    fn the_documented_example_of_signed_chunks_is_proved_and_no_other() {
        let head = head(&[
            ("host", "s3.amazonaws.com"),
            ("x-amz-date", "20130524T000000Z"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("content-length", "66824"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
                SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
                x-amz-decoded-content-length;x-amz-storage-class,\
                Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
            ),
        ]);
        let scope = Scope::of(&head).expect("a scope");
        let now: Timestamp = "2013-05-24T00:00:00Z".parse().expect("a moment");
        let claim = Claim::new(
            &scope,
            &head,
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            now,
        )
        .expect("a claim");
        assert_eq!(claim.prove("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), Ok(()));
        let body = |last: &str| {
            let mut body = b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n".to_vec();
            body.extend([b'a'; 65536]);
            body.extend(b"\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n");
            body.extend([b'a'; 1024]);
            body.extend(format!("\r\n0;chunk-signature={last}\r\n\r\n").as_bytes());
            body
        };
        let chunks = || Chunks::of(&head, Some(&claim)).expect("chunks");
        let right = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";
        assert_eq!(
            taken(chunks(), &body(right), 1000).expect("taken").0.len(),
            66560
        );
        assert!(taken(chunks(), &body(&right.replace('b', "c")), 1000).is_err());
        let mut changed = body(right);
        changed[100] = b'b';
        assert!(taken(chunks(), &changed, 1000).is_err());
    }
}
