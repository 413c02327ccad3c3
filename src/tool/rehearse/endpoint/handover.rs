//! Passes requests that nothing in lambdry answers to the emulator that `--others` names, and passes the emulator's
//! answers back to the client.
//!
//! The request can reach nothing else. The emulator's address is on the loopback. It was checked when the user gave it.
//! The connection is direct, without name look-up and proxies. The request's own signature is removed, and the request
//! is signed again with AWS's example key.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{
    serve::{Handed, Stranger, authorization},
    state::function::hex,
    state::plain::plain,
    tool::rehearse::others::{KEY, shown},
};

/// The time limit for the connection to an emulator, and the longest time between two pieces of the emulator's answer.
const PATIENCE: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(300)];

/// The largest head and the largest body of an answer, in bytes.
const MOST: [u64; 2] = [64 << 10, 256 << 20];

/// Headers that identify the signer or belong to one connection. The emulator gets new values for these.
const OWN: [&str; 14] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "x-amz-date",
    "x-amz-security-token",
];

/// Headers of an answer that belong to its connection.
const PASSING: [&str; 4] = [
    "connection",
    "content-length",
    "keep-alive",
    "transfer-encoding",
];

/// Sends the request to the emulator.
///
/// # Errors
/// The reason why the emulator cannot be asked, in words.
pub(super) fn ask(url: &str, stranger: &Stranger<'_>) -> Result<Handed, String> {
    let body = stranger.body.ok_or("its body is too large")?;
    if url.starts_with("https://") {
        return Err("only http:// addresses work".to_owned());
    }
    let (service, region) = stranger.scope.ok_or("its signature names no service")?;
    let address = address(shown(url)).ok_or("its address is not understood")?;
    let request = written(shown(url), stranger, [region, service], body)
        .ok_or("the request is not understood")?;
    let exchange = || -> io::Result<Handed> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE[0])?;
        stream.set_read_timeout(Some(PATIENCE[1]))?;
        stream.set_write_timeout(Some(PATIENCE[1]))?;
        (&stream).write_all(&request)?;
        answer(BufReader::new(&stream), stranger.method)
    };
    exchange().map_err(|error| plain(&error))
}

/// The address to connect to. `localhost` is not looked up, because a name can lead to any address.
fn address(authority: &str) -> Option<SocketAddr> {
    if let Ok(address) = authority.parse() {
        return Some(address);
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, 80),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let ip = match bare {
        "localhost" => Ipv4Addr::LOCALHOST.into(),
        bare => bare.parse().ok()?,
    };
    let address = SocketAddr::new(ip, port);
    address.ip().is_loopback().then_some(address)
}

/// The request in the form in which the emulator gets it.
fn written(host: &str, stranger: &Stranger<'_>, scope: [&str; 2], body: &[u8]) -> Option<Vec<u8>> {
    let query: Vec<&str> = stranger
        .query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("X-Amz-"))
        .collect();
    let query = query.join("&");
    let payload = hex(&Sha256::digest(body));
    let mut headers: Vec<(String, String)> = stranger
        .headers
        .iter()
        .filter(|(name, _)| !OWN.contains(&name.as_str()))
        .cloned()
        .collect();
    for (name, value) in &mut headers {
        // This value means that the body was signed in another way.
        if name == "x-amz-content-sha256" && value.len() != 64 && !value.starts_with("STREAMING") {
            value.clone_from(&payload);
        }
    }
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    headers.push(("host".to_owned(), host.to_owned()));
    headers.push(("x-amz-date".to_owned(), now));
    let stated = headers
        .iter()
        .find(|(name, _)| name == "x-amz-content-sha256");
    let payload = stated.map_or(payload, |(_, stated)| stated.clone());
    let line = [stranger.method, stranger.path, &query];
    let [(_, id), (_, secret)] = KEY;
    let signed = authorization(line, &headers, &payload, [id, secret], scope)?;
    headers.push(("authorization".to_owned(), signed));
    headers.push(("content-length".to_owned(), body.len().to_string()));
    headers.push(("connection".to_owned(), "close".to_owned()));
    let target = match query.is_empty() {
        true => stranger.path.to_owned(),
        false => format!("{}?{query}", stranger.path),
    };
    let mut text = format!("{} {target} HTTP/1.1\r\n", stranger.method).into_bytes();
    for (name, value) in &headers {
        text.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(body);
    Some(text)
}

fn broken(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// Reads an answer.
fn answer(mut reader: BufReader<&TcpStream>, method: &str) -> io::Result<Handed> {
    loop {
        let (status, headers) = head(&mut reader)?;
        // The status 100 means that another head follows.
        if (100..200).contains(&status) {
            continue;
        }
        let header = |wanted: &str| {
            let mut headers = headers.iter();
            let found = headers.find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str())
        };
        let is_chunked = header("transfer-encoding")
            .is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
        let body = match header("content-length").map(str::parse) {
            _ if method == "HEAD" || matches!(status, 204 | 304) => Vec::new(),
            _ if is_chunked => chunked(&mut reader)?,
            Some(Ok(length)) => exactly(&mut reader, length)?,
            Some(Err(_)) => return Err(broken("its answer has no length")),
            None => {
                let mut body = Vec::new();
                reader.take(MOST[1]).read_to_end(&mut body)?;
                body
            }
        };
        let kept = headers.into_iter();
        return Ok(Handed {
            status,
            headers: kept
                .filter(|(name, _)| !PASSING.contains(&name.as_str()))
                .collect(),
            body,
        });
    }
}

/// The status and the headers of an answer. The names of the headers are in lower case.
fn head(reader: &mut BufReader<&TcpStream>) -> io::Result<(u16, Vec<(String, String)>)> {
    let mut reader = reader.take(MOST[0]);
    let mut line = || -> io::Result<String> {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.strip_suffix('\n') {
            Some(line) => Ok(line.trim_end_matches('\r').to_owned()),
            None => Err(broken("its answer ends inside the head")),
        }
    };
    let first = line()?;
    let status = first
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
    let status = status.ok_or_else(|| broken("its answer is not HTTP"))?;
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        if line.is_empty() {
            return Ok((status, headers));
        }
        let pair = line.split_once(':');
        let (name, value) = pair.ok_or_else(|| broken("its answer has a broken header"))?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn exactly(reader: &mut BufReader<&TcpStream>, length: u64) -> io::Result<Vec<u8>> {
    if length > MOST[1] {
        return Err(broken("its answer is too large"));
    }
    let mut body = Vec::new();
    let read = reader.take(length).read_to_end(&mut body)?;
    match read as u64 == length {
        true => Ok(body),
        false => Err(broken("its answer is incomplete")),
    }
}

fn chunked(reader: &mut BufReader<&TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.take(256).read_line(&mut line)?;
        let size = line.trim().split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).map_err(|_| broken("its answer is incomplete"))?;
        if size + body.len() as u64 > MOST[1] {
            return Err(broken("its answer is too large"));
        }
        body.extend(exactly(reader, size)?);
        // The last chunk has the size 0. Trailers may follow it, but they are not read.
        if size == 0 {
            return Ok(body);
        }
        exactly(reader, 2)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_loopback_is_an_address() {
        for (text, told) in [
            ("127.0.0.1:5000", Some("127.0.0.1:5000")),
            ("localhost:4566", Some("127.0.0.1:4566")),
            ("localhost", Some("127.0.0.1:80")),
            ("[::1]:5000", Some("[::1]:5000")),
            ("[::1]", Some("[::1]:80")),
            ("10.0.0.1", None),
            ("example.com:80", None),
        ] {
            let told = told.map(|told| told.parse().expect("an address"));
            assert_eq!(address(text), told, "{text}");
        }
    }
}
