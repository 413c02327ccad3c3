//! Decides if a request is admitted, by the Host that it names and by the key that signed it.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::{
    exchange::TOKEN,
    head::Head,
    refusal::Front,
    signature::{Claim, Scope, equal},
};
use crate::operation::sts::caller;

/// A key whose requests are answered.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key's id, which every request names.
    pub id: String,
    /// The secret of the key. If it is known, signatures are verified in full. If it is not known, only the id keeps
    /// other users out.
    pub secret: Option<String>,
}

/// Makes a random key id in AWS's form.
pub fn key_id() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // Two UUIDs together hold 244 random bits.
    let random = Sha256::new()
        .chain_update(uuid::Uuid::new_v4())
        .chain_update(uuid::Uuid::new_v4())
        .finalize();
    let letters = random.iter().take(16);
    let letters = letters.map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
    "AKIA".chars().chain(letters).collect()
}

/// Checks the Host header. A request from a web page of another site has another Host, even if the site's name leads to
/// this machine.
pub(super) fn host(head: &Head, names: &[String]) -> Result<(), Front> {
    let mut hosts = head.headers.iter().filter(|(name, _)| name == "host");
    let (Some((_, host)), None) = (hosts.next(), hosts.next()) else {
        return Err(Front::Malformed(
            "a request needs exactly one Host header".to_owned(),
        ));
    };
    let name = name_of(host);
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let known = match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || names.iter().any(|n| n.parse() == Ok(address)),
        Err(_) => {
            let name = name.to_ascii_lowercase();
            let ends = ["localhost", "amazonaws.com", "amazonaws.com.cn", "api.aws"];
            let names = names.iter().map(String::as_str);
            let mut all = ends
                .into_iter()
                .chain(names.filter(|n| n.parse::<IpAddr>().is_err()));
            all.any(|end| {
                let rest = name.strip_suffix(&end.to_ascii_lowercase());
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
        }
    };
    known
        .then_some(())
        .ok_or_else(|| Front::WrongHost(name.to_owned()))
}

/// A Host without its port.
pub(super) fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Finds the server's key with which a request is signed. Temporary credentials that were made for one of these keys
/// are accepted too. Their id is computed from the key's id and the session token.
pub(super) fn served<'a>(keys: &'a [Key], scope: &Scope, head: &Head) -> Option<&'a Key> {
    let token = head.header(TOKEN);
    let is_own = |key: &&Key| equal(&scope.key, &key.id);
    let is_given =
        |key: &&Key| token.is_some_and(|token| equal(&scope.key, &caller::key_id(token, &key.id)));
    keys.iter()
        .find(is_own)
        .or_else(|| keys.iter().find(is_given))
}

/// Checks the signer of a request from the head alone. Returns the claim that still has to be proved.
pub(super) fn key(
    scope: Option<&Scope>,
    head: &Head,
    keys: &[Key],
    now: jiff::Timestamp,
) -> Result<Option<Claim>, Front> {
    let scope = scope.ok_or(Front::Unsigned)?;
    let key = served(keys, scope, head).ok_or(Front::UnknownKey)?;
    let given = head.header(TOKEN).filter(|_| !equal(&scope.key, &key.id));
    // A region becomes the name of a folder, so it may contain only these characters.
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=40).contains(&scope.region.len()) || !scope.region.bytes().all(letters) {
        let text = "Credential should be scoped to a valid region.";
        return Err(Front::WrongScope(text.to_owned()));
    }
    let Some(secret) = &key.secret else {
        return Ok(None);
    };
    let secret = match given {
        Some(token) => &caller::secret(token, &key.id, secret),
        None => secret,
    };
    let claim = Claim::new(scope, head, secret, now)?;
    if let Some(hash) = claim.stated_hash() {
        claim.prove(&hash)?;
    }
    Ok(Some(claim))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(host: &str, names: &[&str]) -> bool {
        let headers = vec![("host".to_owned(), host.to_owned())];
        let head = Head::of("GET", "/", "", headers).expect("a head");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        super::host(&head, &names).is_ok()
    }

    #[test]
    fn its_own_names_and_those_of_aws_are_answered_and_no_others() {
        for host in [
            "127.0.0.1:4510",
            "127.1.2.3",
            "[::1]:80",
            "localhost",
            "LOCALHOST:1",
            "bucket.localhost:4510",
            "lambda.us-east-1.amazonaws.com",
            "bucket.s3.amazonaws.com",
            "lambda.cn-north-1.amazonaws.com.cn",
            "lambda.us-east-1.api.aws",
        ] {
            assert!(named(host, &[]), "{host}");
        }
        for host in [
            "example.com",
            "127.0.0.1.example.com",
            "localhost.example.com",
            "notlocalhost",
            "evilamazonaws.com",
            "10.0.0.5",
            "",
            "[::2]",
            "0.0.0.0",
        ] {
            assert!(!named(host, &[]), "{host}");
        }
        assert!(
            named("10.0.0.5:80", &["10.0.0.5"])
                && named("build.example.com", &["build.example.com"])
        );
        assert!(!named("10.0.0.6", &["10.0.0.5"]));
    }

    #[test]
    fn no_host_or_two_are_refused() {
        let head = |hosts: &[&str]| {
            let headers = hosts
                .iter()
                .map(|host| ("host".to_owned(), (*host).to_owned()));
            Head::of("GET", "/", "", headers.collect()).expect("a head")
        };
        assert!(super::host(&head(&[]), &[]).is_err());
        assert!(super::host(&head(&["localhost", "localhost"]), &[]).is_err());
    }

    #[test]
    fn a_region_that_is_no_folder_is_refused() {
        let keys = [Key {
            id: "K".to_owned(),
            secret: None,
        }];
        for (region, fine) in [
            ("us-east-1", true),
            ("..", false),
            ("", false),
            ("a/b", false),
            ("US", false),
        ] {
            let text = format!(
                "AWS4-HMAC-SHA256 Credential=K/20261122/{region}/lambda/aws4_request, SignedHeaders=host, Signature=x"
            );
            let headers = vec![("authorization".to_owned(), text)];
            let head = Head::of("GET", "/", "", headers).expect("a head");
            let judged = super::key(
                Scope::of(&head).as_ref(),
                &head,
                &keys,
                jiff::Timestamp::now(),
            );
            assert_eq!(judged.is_ok(), fine, "{region}");
        }
    }

    #[test]
    fn key_ids_are_of_the_form_of_aws_and_never_the_same() {
        let (one, other) = (key_id(), key_id());
        assert!(one.len() == 20 && one.starts_with("AKIA") && one != other);
        assert!(
            one.bytes()
                .all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte))
        );
    }
}
