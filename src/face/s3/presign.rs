//! `s3 presign`: the address of an object for a reader without credentials. It has the form of a real address but does
//! not work: the key is AWS's own example, which no account has, and the signature is made up.

use sha2::{Digest as _, Sha256};

use super::path::Location;
use crate::{
    face::{call::Session, custom::Words, exit::Stop, python, world::World},
    state::function::hex,
};

/// AWS's own example of an access key.
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

pub(super) fn presign(
    world: &mut World<'_>,
    session: &Session<'_>,
    words: &Words,
) -> Result<u8, Stop> {
    let path = words.one("path").unwrap_or_default();
    let place = match path.starts_with("s3://") {
        true => Location::of(path),
        // A path without its scheme is accepted, too.
        false => Location::of(&format!("s3://{path}")),
    };
    let (bucket, key) = match place {
        Location::S3(bucket, key) => (bucket, key),
        Location::Local(path) => (path, String::new()),
    };
    let expires = match words.one("--expires-in") {
        Some(word) => python::int(word).map_err(Stop::Other)?,
        None => 3600,
    };
    let region = session.reach(world)?;
    if key.is_empty() {
        return Err(Stop::Invalid(
            "Parameter validation failed:\nInvalid length for parameter Key, value: 0, valid min length: 1"
                .to_owned(),
        ));
    }
    let set = session
        .settings
        .region_word(&world.process, session.globals);
    let regional = set.is_some_and(|set| !set.is_empty());
    let url = address(
        session.globals.endpoint.as_deref(),
        &bucket,
        &key,
        regional.then_some(&*region),
    );
    let now = session.state.now();
    let day = now.strftime("%Y%m%d");
    let moment = now.strftime("%Y%m%dT%H%M%SZ");
    let text = format!(
        "{url}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={KEY}%2F{day}%2F{region}%2Fs3%2Faws4_request\
         &X-Amz-Date={moment}&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host"
    );
    let signature = hex(&Sha256::digest(&text));
    writeln!(world.stdout, "{text}&X-Amz-Signature={signature}")?;
    Ok(0)
}

/// The object's address. If the bucket's name has a dot, the bucket is part of the path, because no certificate covers
/// such a host.
fn address(endpoint: Option<&str>, bucket: &str, key: &str, region: Option<&str>) -> String {
    let key = encoded(key);
    if let Some(endpoint) = endpoint {
        return format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/'));
    }
    let host = match region {
        Some(region) => format!("s3.{region}.amazonaws.com"),
        None => "s3.amazonaws.com".to_owned(),
    };
    let china = match region {
        Some(region) if region.starts_with("cn-") => ".cn",
        _ => "",
    };
    match bucket.contains('.') {
        true => format!("https://{host}{china}/{bucket}/{key}"),
        false => format!("https://{bucket}.{host}{china}/{key}"),
    }
}

fn encoded(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            true => text.push(byte.into()),
            false => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_are_those_of_the_real_one() {
        // Seen in aws-cli 2.9.19.
        for (endpoint, bucket, key, region, told) in [
            (
                None,
                "b",
                "a b/\u{fc}.zip",
                Some("us-east-1"),
                "https://b.s3.us-east-1.amazonaws.com/a%20b/%C3%BC.zip",
            ),
            (
                None,
                "my.b",
                "k",
                Some("eu-west-1"),
                "https://s3.eu-west-1.amazonaws.com/my.b/k",
            ),
            (None, "b", "k", None, "https://b.s3.amazonaws.com/k"),
            (
                None,
                "b",
                "k",
                Some("cn-north-1"),
                "https://b.s3.cn-north-1.amazonaws.com.cn/k",
            ),
            (
                Some("http://localhost:4566"),
                "b",
                "k",
                Some("us-east-1"),
                "http://localhost:4566/b/k",
            ),
        ] {
            assert_eq!(address(endpoint, bucket, key, region), told);
        }
    }
}
