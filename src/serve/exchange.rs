//! Handles one request: finds the caller and the operation, reads the body into members and spools, makes the call, and
//! writes the reply.

use std::{cell::Cell, future::poll_fn, net::SocketAddr, pin::Pin, sync::Arc};

use bytes::Bytes;
use http_body::Body as _;
use hyper::{Request, Response, body::Incoming};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Call, Client, Instead, Session, Shared, Stranger, Why, canned,
    chunks::Chunks,
    door,
    head::Head,
    peer::Socket,
    refusal::{Front, Refusal},
    reply::{Content, Outgoing, Reply},
    rest_json,
    services::{self, Body, Bound, Known, Protocol},
    signature::{Claim, Scope},
    sums::Sums,
};
use crate::{
    operation::{Service, sts::caller::Caller},
    state::function::hex,
    store::package::{Spool, Spooling},
};

/// The body of a refused request is read up to this number of bytes, so that the client then receives the reason for
/// the refusal.
const PATIENCE: u64 = 256 << 20;

/// The number of bytes of a refused body that are searched for the name of the operation.
const TARGET: usize = 64 << 10;

/// The most bytes of a body that is passed on to another server.
const HANDED: usize = 16 << 20;

/// The region of an unsigned call, which names no region.
const UNSIGNED_REGION: &str = "us-east-1";

/// The header that holds the session token of temporary credentials.
pub(super) const TOKEN: &str = "x-amz-security-token";

/// The most bytes of a body that is a short text.
const TEXT: u64 = 4 << 20;

/// Answers one request.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    [peer, local]: [SocketAddr; 2],
    connection: u64,
    request: Request<Incoming>,
) -> Response<Outgoing> {
    let request_id = uuid::Uuid::new_v4().to_string();
    let (parts, mut incoming) = request.into_parts();
    let read = Head::read(&parts);
    let whole = read.is_some();
    let head = read.unwrap_or_default();
    let scope = Scope::of(&head);
    let known = match &scope {
        Some(scope) => services::of(&scope.service, &head),
        None => services::of_unsigned(&head),
    };
    let protocol = match known {
        Some(known) => known.protocol,
        None => services::spoken(&head),
    };
    let agent = head.header("user-agent");
    let client = Client {
        agent,
        waits: agent.is_some_and(waits),
        key: scope.as_ref().map(|scope| scope.key.as_str()),
        invocation: head.header("amz-sdk-invocation-id"),
        peer,
        local,
        connection,
    };
    let mut exchange = match whole {
        true => Exchange::open(shared, &head, scope.as_ref(), known, &client),
        false => {
            Err(Front::Malformed("the path, the query or a header is not text".to_owned()).into())
        }
    };
    let mut passed = 0;
    let mut start = Vec::new();
    let most_kept = match shared.host.hands_over() {
        true => HANDED,
        false => TARGET,
    };
    let mut whole_body = true;
    // A client that sends `Expect` waits for permission before it sends its body. A refusal is returned at once.
    let waits_to_be_asked = head.header("expect").is_some();
    while exchange.is_ok() || !waits_to_be_asked {
        match next(&mut incoming).await {
            None => break,
            Some(Ok(bytes)) => {
                // The operation of a form is known only after the whole form has arrived.
                let is_form = exchange.as_ref().is_ok_and(Exchange::is_text);
                if let Ok(open) = &mut exchange
                    && let Err(refusal) = open.feed(&bytes)
                {
                    exchange = Err(refusal);
                }
                if exchange.is_err() || is_form {
                    let kept = most_kept.saturating_sub(start.len()).min(bytes.len());
                    whole_body &= kept == bytes.len();
                    start.extend_from_slice(&bytes[..kept]);
                }
                if exchange.is_err() {
                    passed += bytes.len() as u64;
                }
                if passed > PATIENCE {
                    break;
                }
            }
            Some(Err(())) => {
                exchange = Err(Front::Malformed(
                    "the body does not match its announced length or sum".to_owned(),
                )
                .into());
                break;
            }
        }
    }
    // A form names its operation in its body.
    if let (Err(Refusal::Front(Front::NotSimulated(_))), None, Some(scope)) =
        (&exchange, known, &scope)
    {
        exchange = Err(services::stranger(&scope.service, &head, &start).into());
    }
    let keys = &shared.options.keys;
    let key = match &scope {
        Some(scope) => door::served(keys, scope, &head),
        // A caller without a signature gets temporary credentials that belong to the server's own key.
        None => keys.first(),
    };
    let caller = Caller::of(head.header(TOKEN));
    let caller = match key {
        Some(key) => caller.behind(&key.id, key.secret.as_deref()),
        None => caller,
    };
    let made = Made {
        caller: &caller,
        region: match &scope {
            Some(scope) => &scope.region,
            None => UNSIGNED_REGION,
        },
        client: &client,
        request_id: &request_id,
        called: Cell::new(false),
    };
    let called = exchange.and_then(|exchange| exchange.finish(&made));
    let instead = match &called {
        Err(Refusal::Front(front)) if !made.called.get() => {
            let plain = |what: &&str| what.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let named = match front {
                Front::NotSimulated(what) => what.split_once(' ').map(|(_, what)| what),
                _ => None,
            };
            let operation = named.filter(plain).map(str::to_owned);
            let operation = operation.or_else(|| services::asked(known, &head, &start));
            let unsigned = services::unsigned(&head).map(|(service, _)| service);
            let word = known.map(|known| known.service().name).or(unsigned);
            let stranger = Stranger {
                service: word.or(scope.as_ref().map(|scope| &*scope.service)),
                why: match front {
                    Front::NotSimulated(_) => Why::NotSimulated,
                    other => Why::Refused(other.message()),
                },
                client: &client,
                method: &head.method,
                path: &head.raw_path,
                scope: match &scope {
                    Some(scope) => Some((&*scope.service, &*scope.region)),
                    None => word.map(|word| (word, UNSIGNED_REGION)),
                },
                members: canned::members(&start),
                operation: operation.clone(),
                query: &head.raw_query,
                headers: &head.headers,
                body: whole_body.then_some(&start),
            };
            shared.host.turned_away(&stranger).map(|it| match it {
                Instead::Canned(it) => it.reply(&operation.unwrap_or_default(), &head, &request_id),
                Instead::Handed(it) => Reply::from(it),
            })
        }
        _ => None,
    };
    let mut reply = match (instead, called) {
        (Some(reply), _) => reply,
        (None, Ok((bound, mut value))) => {
            if let (Some(known), Some(host)) = (known, head.header("host")) {
                known.led_here(&mut value, host);
            }
            protocol.answer(&bound, value, &head, &request_id)
        }
        (None, Err(refusal)) => protocol.refuse(&refusal, &head, &request_id),
    };
    if head.method == "HEAD" {
        reply.body = match reply.body {
            Content::Bytes(bytes) => Content::Length(bytes.len() as u64),
            Content::File(_, length) | Content::Length(length) => Content::Length(length),
        };
    }
    reply.sent()
}

/// Returns the next bytes of a body, or an error if the body is cut short or has the wrong length.
async fn next(incoming: &mut Incoming) -> Option<Result<Bytes, ()>> {
    loop {
        let frame = poll_fn(|cx| Pin::new(&mut *incoming).poll_frame(cx)).await?;
        match frame.map(|frame| frame.into_data()) {
            Ok(Ok(bytes)) => return Some(Ok(bytes)),
            // AWS ignores HTTP's own trailers.
            Ok(Err(_)) => {}
            Err(_) => return Some(Err(())),
        }
    }
}

/// The details of a call and its caller.
struct Made<'a> {
    region: &'a str,
    caller: &'a Caller,
    client: &'a Client<'a>,
    request_id: &'a str,
    /// True if an operation was called.
    called: Cell<bool>,
}

/// A request that was admitted.
struct Exchange {
    known: &'static Known,
    service: &'static Service,
    protocol: &'static dyn Protocol,
    /// True if the request is signed. Only a few operations accept an unsigned request.
    is_signed: bool,
    session: Box<dyn Session>,
    bound: Bound,
    /// The text or the payload that has arrived.
    text: Vec<u8>,
    payload: Option<Spooling>,
    taken: u64,
    /// The reader of an `aws-chunked` body.
    chunks: Option<Chunks>,
    sums: Sums,
    /// The signature that is proved once the whole body has arrived.
    claim: Option<Claim>,
    stated: Option<String>,
    /// Hashes the body as it arrives; `None` if no hash has to be compared.
    hasher: Option<Sha256>,
}

impl Exchange {
    /// Decides from the head of a request whether the request is admitted.
    fn open(
        shared: &Shared,
        head: &Head,
        scope: Option<&Scope>,
        known: Option<&'static Known>,
        client: &Client<'_>,
    ) -> Result<Self, Refusal> {
        door::host(head, &shared.options.names)?;
        if scope.is_none()
            && let Some((service, operation)) = services::unsigned(head)
        {
            return Err(Front::NotSimulated(format!("{service} {operation}")).into());
        }
        // A call without a signature is answered only if its socket belongs to the user of this process.
        let own = || Socket::of(client.peer, client.local).is_some_and(Socket::is_own);
        let claim = match (scope, known) {
            (None, Some(_)) if own() => None,
            _ => door::key(scope, head, &shared.options.keys, shared.host.now())?,
        };
        let known = match (known, scope) {
            (Some(known), _) => known,
            (None, Some(scope)) => return Err(services::stranger(&scope.service, head, b"").into()),
            (None, None) => return Err(Front::Unsigned.into()),
        };
        let service = known.service();
        let bound = known.protocol.open(service, head)?;
        let length = head
            .header("content-length")
            .and_then(|text| text.parse().ok());
        let mut exchange = Self {
            known,
            is_signed: scope.is_some(),
            service,
            protocol: known.protocol,
            session: shared.host.open(client)?,
            bound,
            text: Vec::new(),
            payload: None,
            taken: 0,
            chunks: Chunks::of(head, claim.as_ref()),
            sums: Sums::of(head),
            stated: head.header("x-amz-content-sha256").map(str::to_owned),
            claim,
            hasher: None,
        };
        exchange.refuse_too_large(length.unwrap_or(0))?;
        let unstated = exchange
            .claim
            .as_ref()
            .is_some_and(|claim| claim.stated_hash().is_none());
        if unstated || exchange.hash().is_some() {
            exchange.hasher = Some(Sha256::new());
        }
        Ok(exchange)
    }

    /// Returns true if the request's body is a short text.
    fn is_text(&self) -> bool {
        matches!(self.bound.body, Body::Text)
    }

    /// The SHA-256 of the body, if the request states it.
    fn hash(&self) -> Option<&str> {
        let hash = self.stated.as_deref();
        hash.filter(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    fn refuse_too_large(&self, length: u64) -> Result<(), Refusal> {
        let most = match self.bound.body {
            Body::Text => self.bound.most.min(TEXT),
            _ => self.bound.most,
        };
        if length <= most {
            return Ok(());
        }
        let operation = self.bound.entry.map_or("same", |entry| entry.name);
        Err(Front::TooLarge {
            limit: most,
            operation,
        }
        .into())
    }

    /// Takes bytes of the body.
    fn feed(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.taken += bytes.len() as u64;
        self.refuse_too_large(self.taken)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
        match self.chunks.take() {
            None => self.take(bytes)?,
            Some(mut chunks) => {
                chunks.feed(bytes, &mut |bytes| self.take(bytes))?;
                self.chunks = Some(chunks);
            }
        }
        Ok(())
    }

    /// Takes bytes of the content that the body carries.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.sums.feed(bytes);
        let store = self.session.store();
        match &mut self.bound.body {
            Body::Ignored => {}
            Body::Json(intake) => intake.feed(store, bytes)?,
            Body::Payload(_) => {
                let payload = match &mut self.payload {
                    Some(payload) => payload,
                    None => self.payload.insert(store.spooling()?),
                };
                store.write_spool(payload, bytes)?;
            }
            Body::Text => self.text.extend(bytes),
        }
        Ok(())
    }

    /// Makes the call after the whole body has arrived.
    fn finish(mut self, made: &Made<'_>) -> Result<(Bound, Value), Refusal> {
        if let Some(hasher) = self.hasher.take() {
            let digest = hex(&hasher.finalize());
            if self.hash().is_some_and(|stated| stated != digest) {
                let text =
                    "The provided 'x-amz-content-sha256' header does not match what was computed.";
                return Err(Front::WrongDigest(text.to_owned()).into());
            }
            if let Some(claim) = &self.claim
                && claim.stated_hash().is_none()
            {
                claim.prove(&digest)?;
            }
        }
        let trailers = match self.chunks {
            Some(chunks) => chunks.finish()?,
            None => Vec::new(),
        };
        self.sums.finish(&trailers)?;
        // Without a signature, a request may call only a few operations.
        let may_be = |name: &str| self.is_signed || self.known.is_unsigned(name);
        let mut bound = self.bound;
        // Spools that nobody claims are removed when the call is over.
        let mut spools: Vec<Spool> = Vec::new();
        match std::mem::replace(&mut bound.body, Body::Ignored) {
            Body::Ignored => {}
            Body::Json(intake) => {
                let (body, brought) = intake.finish()?;
                spools = brought;
                if let (Value::Object(body), Some(entry)) = (body, bound.entry) {
                    let body = self.protocol.named(entry, body);
                    rest_json::typed(entry.request(), &body)?;
                    for (name, value) in body {
                        // Members from the path and the query take precedence.
                        bound.members.entry(name).or_insert(value);
                    }
                }
            }
            Body::Payload(member) => {
                if let Some(payload) = self.payload {
                    let spool = payload.finish();
                    let handle = serde_json::to_value(spool.handle());
                    bound
                        .members
                        .insert(member.to_owned(), handle.expect("a handle becomes JSON"));
                    spools.push(spool);
                }
            }
            Body::Text => {
                let closed = self.protocol.close(self.service, bound, &self.text);
                bound = closed.map_err(|refusal| match &refusal {
                    Refusal::Front(Front::NotSimulated(what))
                        if !may_be(what.rsplit(' ').next().unwrap_or_default()) =>
                    {
                        Front::Unsigned.into()
                    }
                    _ => refusal,
                })?;
            }
        }
        let entry = bound.entry.ok_or(Front::Unknown)?;
        if !may_be(entry.name) {
            return Err(Front::Unsigned.into());
        }
        let call = Call {
            service: self.service.name,
            entry,
            asked: bound.form.map_or(entry.name, |form| form.name),
            region: made.region,
            caller: made.caller,
            client: made.client,
            request_id: made.request_id,
        };
        made.called.set(true);
        let request = Value::Object(std::mem::take(&mut bound.members));
        let answer = self.session.call(&call, request);
        drop(spools);
        Ok((bound, answer?))
    }
}

/// Returns true if a client says that a waiter makes the call. There are three ways to say so: SDKs send a list with
/// the feature `B` (`m/A,B`), the SDK for Java sends its own texts, and an older CLI names its command.
fn waits(agent: &str) -> bool {
    agent.split_whitespace().any(|word| {
        let features = word.strip_prefix("m/");
        features.is_some_and(|list| list.split(',').any(|feature| feature == "B"))
            || ["sdk-metrics/B", "hll/waiter"].contains(&word)
            || word.contains("command/lambda.wait.")
            || word.contains("command#lambda.wait.")
    })
}

#[cfg(test)]
mod tests {
    use super::waits;

    #[test]
    fn a_waiter_is_known_by_what_its_client_says() {
        for agent in [
            "Boto3/1.44.8 md/Botocore#1.44.8 ua/2.1 os/linux lang/python#3.11 cfg/retry-mode#legacy m/B,b,Z Botocore/1.44.8",
            "aws-cli/2.9.19 Python/3.11.2 Linux/6 source/x86_64 prompt/off command/lambda.wait.function-updated",
            "aws-sdk-java/2.25.0 Linux/6.1 OpenJDK_64-Bit_Server_VM/17 Java/17 io/sync http/Apache cfg/retry-mode/legacy sdk-metrics/B",
            "aws-sdk-java/2.17.0 Linux/6.1 OpenJDK_64-Bit_Server_VM/17 Java/17 io/sync http/Apache hll/waiter",
        ] {
            assert!(waits(agent), "{agent}");
        }
        for agent in [
            "",
            "Boto3/1.44.8 m/b,Z",
            "aws-cli/2.9.19 command/lambda.get-function",
            "m/AB",
        ] {
            assert!(!waits(agent), "{agent}");
        }
    }
}
