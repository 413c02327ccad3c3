//! Signature Version 4. This module reads the key id and the scope that a request states. A server beyond loopback also
//! verifies the signature.
//!
//! The steps come from AWS's documentation: a canonical request, its hash in a text to sign, and a key that is derived
//! from the secret, the day, the region and the service. The signature is in the `Authorization` header, or in the
//! query of a presigned request.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use sha2::{Digest, Sha256};

use super::{
    head::{Head, encoded},
    refusal::Front,
};
use crate::state::function::hex;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The key id of a request's signer, and the scope of the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// The key's id.
    pub(super) key: String,
    /// `20261122`.
    day: String,
    /// `us-east-1`.
    pub(super) region: String,
    /// The service's signing name.
    pub(super) service: String,
    signed: Vec<String>,
    signature: String,
    /// The number of seconds for which a presigned request is valid.
    expires: Option<u64>,
}

impl Scope {
    /// Reads the scope of a request; `None` if the request is not signed in this way.
    pub(super) fn of(head: &Head) -> Option<Self> {
        match head.header("authorization") {
            Some(text) => Self::header(text),
            None => Self::query(head),
        }
    }

    fn header(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(ALGORITHM)?.trim_start();
        let part = |name: &str| {
            rest.split(',')
                .filter_map(|part| part.trim().split_once('='))
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value)
        };
        Self::parts(
            part("Credential")?,
            part("SignedHeaders")?,
            part("Signature")?,
            None,
        )
    }

    fn query(head: &Head) -> Option<Self> {
        let part = |name: &str| head.parameter(name);
        if part("X-Amz-Algorithm")? != ALGORITHM {
            return None;
        }
        let expires = part("X-Amz-Expires").and_then(|text| text.parse().ok());
        Self::parts(
            part("X-Amz-Credential")?,
            part("X-Amz-SignedHeaders")?,
            part("X-Amz-Signature")?,
            Some(expires.unwrap_or(0)),
        )
    }

    fn parts(
        credential: &str,
        signed: &str,
        signature: &str,
        expires: Option<u64>,
    ) -> Option<Self> {
        // The id of a user's own key may contain a slash.
        let mut words = credential.rsplitn(5, '/');
        let end = words.next()?;
        let (service, region, day) = (words.next()?, words.next()?, words.next()?);
        let key = words.next()?;
        (end == "aws4_request").then(|| Self {
            key: key.to_owned(),
            day: day.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed: signed.split(';').map(str::to_ascii_lowercase).collect(),
            signature: signature.to_owned(),
            expires,
        })
    }

    /// `20261122/us-east-1/lambda/aws4_request`
    fn path(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.day, self.region, self.service)
    }
}

/// Makes the `Authorization` header of a request that lambdry sends. The signature covers all headers of the request.
/// One of them must be `x-amz-date`, with a moment. `None` if path or query cannot be read.
pub fn authorization(
    [method, path, query]: [&str; 3],
    headers: &[(String, String)],
    payload: &str,
    [key, secret]: [&str; 2],
    [region, service]: [&str; 2],
) -> Option<String> {
    let head = Head::of(method, path, query, headers.to_vec())?;
    let moment = head.header("x-amz-date")?.to_owned();
    let mut signed: Vec<String> = headers.iter().map(|(name, _)| name.clone()).collect();
    signed.sort_unstable();
    signed.dedup();
    let scope = Scope {
        key: key.to_owned(),
        day: moment.get(..8)?.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed,
        signature: String::new(),
        expires: None,
    };
    let claim = Claim {
        key: key_of(secret, &scope),
        scope,
        moment,
        head,
    };
    let signature = claim.sign(&claim.canonical(payload));
    let (path, signed) = (claim.scope.path(), claim.scope.signed.join(";"));
    Some(format!(
        "{ALGORITHM} Credential={key}/{path}, SignedHeaders={signed}, Signature={signature}"
    ))
}

/// Derives the key for signatures in a scope.
fn key_of(secret: &str, scope: &Scope) -> [u8; 32] {
    let key = hmac(format!("AWS4{secret}").as_bytes(), scope.day.as_bytes());
    [&scope.region, &scope.service, "aws4_request"]
        .iter()
        .fold(key, |key, word| hmac(&key, word.as_bytes()))
}

/// A request whose signature still has to be proved.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    scope: Scope,
    moment: String,
    key: [u8; 32],
    head: Head,
}

impl Claim {
    /// Checks the time of a request, then makes its claim.
    ///
    /// # Errors
    /// When the time is missing, is not on the scope's day, or is too far from the current time.
    pub(super) fn new(
        scope: &Scope,
        head: &Head,
        secret: &str,
        now: Timestamp,
    ) -> Result<Self, Front> {
        let moment = match scope.expires {
            Some(_) => head.parameter("X-Amz-Date"),
            None => head.header("x-amz-date"),
        };
        let moment = moment.ok_or(Front::WrongSignature)?;
        let time = read(moment).ok_or(Front::WrongSignature)?;
        if moment.get(..8) != Some(scope.day.as_str()) {
            return Err(Front::WrongSignature);
        }
        // An unsigned header could be changed on the way.
        if !scope.signed.iter().any(|name| name == "host") {
            return Err(Front::WrongSignature);
        }
        let skew = if scope.service == "s3" { 15 } else { 5 };
        let skew = SignedDuration::from_mins(skew);
        let lasts = match scope.expires {
            Some(seconds) => SignedDuration::from_secs(seconds.min(604_800) as i64),
            None => skew,
        };
        let written = |moment: Timestamp| moment.strftime("%Y%m%dT%H%M%SZ").to_string();
        if time + lasts < now {
            return Err(Front::WrongScope(format!(
                "Signature expired: {moment} is now earlier than {} ({} - {} min.)",
                written(now - lasts),
                written(now),
                lasts.as_mins()
            )));
        }
        if time > now + skew {
            return Err(Front::WrongScope(format!(
                "Signature not yet current: {moment} is still later than {} ({} + {} min.)",
                written(now + skew),
                written(now),
                skew.as_mins()
            )));
        }
        Ok(Self {
            scope: scope.clone(),
            moment: moment.to_owned(),
            key: key_of(secret, scope),
            head: head.clone(),
        })
    }

    /// The hash of the body that the request states; `None` if the body itself has to be hashed.
    pub(super) fn stated_hash(&self) -> Option<String> {
        if self.scope.expires.is_some() {
            return Some("UNSIGNED-PAYLOAD".to_owned());
        }
        self.head.header("x-amz-content-sha256").map(str::to_owned)
    }

    /// Verifies the signature over a body with the given hash.
    ///
    /// # Errors
    /// `WrongSignature` if the signature is wrong.
    pub(super) fn prove(&self, payload: &str) -> Result<(), Front> {
        let wanted = self.sign(&self.canonical(payload));
        equal(&wanted, &self.scope.signature)
            .then_some(())
            .ok_or(Front::WrongSignature)
    }

    fn canonical(&self, payload: &str) -> String {
        let head = &self.head;
        // The signed path is percent-encoded once for S3, and twice for all other services.
        let path = if self.scope.service == "s3" {
            let path = super::head::decoded(&head.raw_path).unwrap_or_default();
            encoded(&path, "/")
        } else {
            encoded(&head.raw_path, "/")
        };
        let mut query: Vec<String> = head
            .query
            .iter()
            .filter(|(name, _)| name != "X-Amz-Signature")
            .map(|(name, value)| format!("{}={}", encoded(name, ""), encoded(value, "")))
            .collect();
        query.sort_unstable();
        let mut headers = String::new();
        for name in &self.scope.signed {
            let values: Vec<String> = head
                .headers
                .iter()
                .filter(|(n, _)| n == name)
                .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            headers.push_str(&format!("{name}:{}\n", values.join(",")));
        }
        format!(
            "{}\n{path}\n{}\n{headers}\n{}\n{payload}",
            head.method,
            query.join("&"),
            self.scope.signed.join(";")
        )
    }

    fn sign(&self, canonical: &str) -> String {
        let text = format!(
            "{ALGORITHM}\n{}\n{}\n{}",
            self.moment,
            self.scope.path(),
            hex(&Sha256::digest(canonical))
        );
        hex(&hmac(&self.key, text.as_bytes()))
    }

    /// The signature that a chain of signed chunks begins with.
    pub(super) fn seed(&self) -> String {
        self.scope.signature.clone()
    }

    /// Computes the signature of a chunk from its hash and from the signature before it.
    pub(super) fn chunk(&self, before: &str, hash: &[u8]) -> String {
        let empty = hex(&Sha256::digest(b""));
        let text = format!(
            "{ALGORITHM}-PAYLOAD\n{}\n{}\n{before}\n{empty}\n{}",
            self.moment,
            self.scope.path(),
            hex(hash)
        );
        hex(&hmac(&self.key, text.as_bytes()))
    }

    /// Computes the signature of the trailers, each with its line end, and of the last chunk's signature.
    pub(super) fn trailer(&self, before: &str, trailers: &str) -> String {
        let text = format!(
            "{ALGORITHM}-TRAILER\n{}\n{}\n{before}\n{}",
            self.moment,
            self.scope.path(),
            hex(&Sha256::digest(trailers))
        );
        hex(&hmac(&self.key, text.as_bytes()))
    }
}

/// `20261122T120000Z`
fn read(moment: &str) -> Option<Timestamp> {
    let moment = DateTime::strptime("%Y%m%dT%H%M%SZ", moment).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Compares two texts. The time does not depend on where they differ.
pub(super) fn equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let differing = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differing == 0
}

/// HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text)
        .finalize();
    Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's documented example of a GET for S3.
    fn example(signature: &str) -> (Head, Scope) {
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("range", "bytes=0-9"),
            (
                "x-amz-content-sha256",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            ("x-amz-date", "20130524T000000Z"),
        ];
        let mut headers: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        headers.push(("authorization".to_owned(), format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature={signature}"
        )));
        let head = Head::of("GET", "/test.txt", "", headers).expect("a head");
        let scope = Scope::of(&head).expect("a scope");
        (head, scope)
    }

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const RIGHT: &str = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";

    fn judged(signature: &str, secret: &str, now: &str) -> Result<(), Front> {
        let (head, scope) = example(signature);
        let claim = Claim::new(&scope, &head, secret, now.parse().expect("a moment"))?;
        claim.prove(&claim.stated_hash().expect("a hash"))
    }

    #[test]
    fn the_documented_example_is_proved_and_no_other() {
        let now = "2013-05-24T00:01:00Z";
        assert_eq!(judged(RIGHT, SECRET, now), Ok(()));
        assert_eq!(judged(RIGHT, "another", now), Err(Front::WrongSignature));
        assert_eq!(
            judged(&RIGHT.replace('f', "e"), SECRET, now),
            Err(Front::WrongSignature)
        );
        assert_eq!(judged("", SECRET, now), Err(Front::WrongSignature));
    }

    #[test]
    fn a_signature_holds_for_a_quarter_of_an_hour() {
        for (now, holds) in [
            ("2013-05-23T23:46:00Z", true),
            ("2013-05-24T00:14:59Z", true),
            ("2013-05-23T23:44:00Z", false),
            ("2013-05-24T00:16:00Z", false),
        ] {
            let ended = judged(RIGHT, SECRET, now);
            assert_eq!(ended.is_ok(), holds, "{now}: {ended:?}");
            assert!(
                holds || matches!(ended, Err(Front::WrongScope(_))),
                "{ended:?}"
            );
        }
    }

    #[test]
    fn a_scope_names_region_and_service() {
        let (_, scope) = example(RIGHT);
        assert_eq!(
            (
                scope.key.as_str(),
                scope.region.as_str(),
                scope.service.as_str()
            ),
            ("AKIAIOSFODNN7EXAMPLE", "us-east-1", "s3")
        );
        for bad in [
            "",
            "Basic eDp5",
            "AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=x",
        ] {
            assert_eq!(Scope::header(bad), None, "{bad}");
        }
    }

    #[test]
    fn hmac_is_as_rfc_4231_has_it() {
        assert_eq!(
            hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&hmac(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            )),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
