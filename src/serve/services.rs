//! The services on the wire. Signatures name a service; each service has one or more protocols.

use serde_json::{Map, Value};

use super::{
    head::Head,
    json,
    json_rpc::JsonRpc,
    query::Query,
    refusal::{Front, Refusal},
    reply::Reply,
    rest_json::{LAMBDA, RestJson},
    rest_xml::RestXml,
    rpc_cbor::RpcCbor,
};
use crate::operation::{
    Entry, Service,
    route::{Labels, Route, named, named_low},
    services,
};

/// Operations with a route, from AWS's models. Each line has the service's word, the operation, the method and the
/// path. For services with ready answers, the simulated operations are included.
pub(super) const ROUTES: &str = include_str!("not_simulated.txt");

/// A protocol: the form of a service's requests and answers.
pub(super) trait Protocol: Sync {
    /// Returns true if the request uses this protocol. This is called only if the service has several protocols.
    fn speaks(&self, service: &'static Service, head: &Head) -> bool;

    /// Reads the head of the request.
    ///
    /// # Errors
    /// When there is no such operation, or the head cannot be read.
    fn open(&self, service: &'static Service, head: &Head) -> Result<Bound, Refusal>;

    /// Reads a body that is text, and finds its operation.
    ///
    /// # Errors
    /// When there is no such operation, or the body cannot be read.
    fn close(&self, _: &'static Service, bound: Bound, _: &[u8]) -> Result<Bound, Refusal> {
        Ok(bound)
    }

    /// Renames the members of a body to the names that the operation uses.
    fn named(&self, _: &'static Entry, body: Map<String, Value>) -> Map<String, Value> {
        body
    }

    /// Writes a request in the form in which clients write it.
    #[cfg(test)]
    fn written(&self, entry: &'static Entry, members: Map<String, Value>) -> super::walk::Written;

    /// Writes an answer.
    fn answer(&self, bound: &Bound, answer: Value, head: &Head, request_id: &str) -> Reply;

    /// Writes a refusal.
    fn refuse(&self, refusal: &Refusal, head: &Head, request_id: &str) -> Reply;
}

/// The parts of a request that have been read.
#[derive(Debug)]
pub(super) struct Bound {
    /// The operation, once it is known.
    pub(super) entry: Option<&'static Entry>,
    /// The members of the request.
    pub(super) members: Map<String, Value>,
    /// The kind of the request's body.
    pub(super) body: Body,
    /// Another form of the operation, if the request asks for it. The answer has this form.
    pub(super) form: Option<&'static super::stream::Form>,
    /// The most bytes of a body.
    pub(super) most: u64,
}

/// The kind of a body.
#[derive(Debug)]
pub(super) enum Body {
    /// There is no body; any bytes are ignored.
    Ignored,
    /// An object of members.
    Json(Box<json::Intake>),
    /// The body is the value of the named member, as bytes.
    Payload(&'static str),
    /// A short text, which the protocol reads when it is complete.
    Text,
}

/// A service that is answered, and one of its protocols.
pub(super) struct Known {
    /// The service's name in signatures.
    signing: &'static str,
    /// The service's name on the command line.
    word: &'static str,
    /// The protocol in which the service is answered.
    pub(super) protocol: &'static dyn Protocol,
    /// The first part of the host's name in addresses that the service's answers contain; `None` if clients do not call
    /// such addresses.
    addresses: Option<&'static str>,
    /// The operations that clients call without a signature.
    unsigned: &'static [&'static str],
}

const fn known(
    signing: &'static str,
    word: &'static str,
    protocol: &'static dyn Protocol,
) -> Known {
    Known {
        signing,
        word,
        protocol,
        addresses: None,
        unsigned: &[],
    }
}

/// The services. If several have one signing name, the first whose protocol fits the request is used.
pub(super) static KNOWN: &[Known] = &[
    known("lambda", "lambda", &LAMBDA),
    Known {
        unsigned: &["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"],
        ..known(
            "sts",
            "sts",
            &query("https://sts.amazonaws.com/doc/2011-06-15/"),
        )
    },
    known(
        "iam",
        "iam",
        &query("https://iam.amazonaws.com/doc/2010-05-08/"),
    ),
    known(
        "ecr",
        "ecr",
        &json_1_1("AmazonEC2ContainerRegistry_V20150921"),
    ),
    known(
        "s3",
        "s3api",
        &RestXml {
            namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
            has_buckets: true,
        },
    ),
    known(
        "ec2",
        "ec2",
        &Query {
            ec2: true,
            ..query("http://ec2.amazonaws.com/doc/2016-11-15/")
        },
    ),
    known("acm", "acm", &json_1_1("CertificateManager")),
    known(
        "application-autoscaling",
        "application-autoscaling",
        &json_1_1("AnyScaleFrontendService"),
    ),
    known(
        "cognito-idp",
        "cognito-idp",
        &json_1_1("AWSCognitoIdentityProviderService"),
    ),
    known("kms", "kms", &json_1_1("TrentService")),
    known(
        "apigateway",
        "apigateway",
        &RestJson {
            names: Some(named),
            ..LAMBDA
        },
    ),
    known(
        "apigateway",
        "apigatewayv2",
        &RestJson {
            names: Some(named_low),
            iso_moments: true,
        },
    ),
    known(
        "cloudformation",
        "cloudformation",
        &query("http://cloudformation.amazonaws.com/doc/2010-05-15/"),
    ),
    known(
        "cloudfront",
        "cloudfront",
        &RestXml {
            namespace: "http://cloudfront.amazonaws.com/doc/2020-05-31/",
            has_buckets: false,
        },
    ),
    known(
        "monitoring",
        "cloudwatch",
        &json_1_0("GraniteServiceVersion20100801"),
    ),
    known(
        "monitoring",
        "cloudwatch",
        &RpcCbor {
            service: "GraniteServiceVersion20100801",
        },
    ),
    known(
        "monitoring",
        "cloudwatch",
        &query("http://monitoring.amazonaws.com/doc/2010-08-01/"),
    ),
    known(
        "route53",
        "route53",
        &RestXml {
            namespace: "https://route53.amazonaws.com/doc/2013-04-01/",
            has_buckets: false,
        },
    ),
    known("dynamodb", "dynamodb", &json_1_0("DynamoDB_20120810")),
    known("events", "events", &json_1_1("AWSEvents")),
    known("logs", "logs", &json_1_1("Logs_20140328")),
    known(
        "secretsmanager",
        "secretsmanager",
        &json_1_1("secretsmanager"),
    ),
    known(
        "sns",
        "sns",
        &query("http://sns.amazonaws.com/doc/2010-03-31/"),
    ),
    Known {
        addresses: Some("sqs"),
        ..known(
            "sqs",
            "sqs",
            &JsonRpc {
                has_paths: true,
                of_query: SQS_ERRORS,
                ..json_1_0("AmazonSQS")
            },
        )
    },
    Known {
        addresses: Some("sqs"),
        ..known(
            "sqs",
            "sqs",
            &Query {
                has_paths: true,
                ..query("http://queue.amazonaws.com/doc/2012-11-05/")
            },
        )
    },
    known("ssm", "ssm", &json_1_1("AmazonSSM")),
    known("states", "stepfunctions", &json_1_0("AWSStepFunctions")),
];

/// Errors of SQS. Each pair has the name in the query protocol, which clients still know, and the name in the JSON
/// protocol.
const SQS_ERRORS: &[(&str, &str)] = &[
    (
        "AWS.SimpleQueueService.NonExistentQueue",
        "com.amazonaws.sqs#QueueDoesNotExist",
    ),
    ("QueueAlreadyExists", "com.amazonaws.sqs#QueueNameExists"),
];

const fn query(namespace: &'static str) -> Query {
    Query {
        namespace,
        ec2: false,
        has_paths: false,
    }
}

const fn json_1_0(target: &'static str) -> JsonRpc {
    JsonRpc {
        content_type: "application/x-amz-json-1.0",
        ..json_1_1(target)
    }
}

const fn json_1_1(target: &'static str) -> JsonRpc {
    JsonRpc {
        content_type: "application/x-amz-json-1.1",
        target,
        has_paths: false,
        of_query: &[],
    }
}

/// The protocols of services that this server does not answer.
const JSON: JsonRpc = json_1_1("");
const FORM: Query = query("https://aws.amazon.com/");

impl Known {
    /// The service with its operations.
    pub(super) fn service(&self) -> &'static Service {
        let found = services().find(|service| service.name == self.word);
        found.expect("every service that is served is one of ours")
    }

    /// Returns the entry for a request that is signed for this service.
    #[cfg(test)]
    pub(super) fn of_request(&self, head: &Head) -> &'static Self {
        of(self.signing, head).expect("one of ours")
    }

    /// Returns true if clients call the given operation without a signature.
    pub(super) fn is_unsigned(&self, operation: &str) -> bool {
        self.unsigned.contains(&operation)
    }

    /// Makes the addresses in an answer lead to this server, if clients call them. For example, an SDK that receives
    /// the address of a queue calls that address.
    pub(super) fn led_here(&self, answer: &mut Value, host: &str) {
        let Some(word) = self.addresses else {
            return;
        };
        match answer {
            Value::String(text) => {
                let rest = text.strip_prefix(&format!("https://{word}.")).map(|rest| {
                    let (_, path) = rest.split_once('/').unwrap_or((rest, ""));
                    format!("http://{host}/{path}")
                });
                if let Some(here) = rest {
                    *text = here;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.led_here(item, host)),
            Value::Object(members) => {
                let members = members.values_mut();
                members.for_each(|value| self.led_here(value, host));
            }
            _ => {}
        }
    }
}

/// Finds the service of a request by its signing name. If several services have this name, the request's protocol
/// decides.
pub(super) fn of(signing: &str, head: &Head) -> Option<&'static Known> {
    let mut all = KNOWN.iter().filter(|known| known.signing == signing);
    let first = all.next()?;
    if all.clone().next().is_none() || first.protocol.speaks(first.service(), head) {
        return Some(first);
    }
    let spoken = all.find(|known| known.protocol.speaks(known.service(), head));
    Some(spoken.unwrap_or(first))
}

/// Finds the service of a request without a signature. Such a service has operations that clients call without a
/// signature, and uses the protocol of the request.
pub(super) fn of_unsigned(head: &Head) -> Option<&'static Known> {
    KNOWN
        .iter()
        .find(|known| !known.unsigned.is_empty() && known.protocol.speaks(known.service(), head))
}

/// Services that clients call without a signature and that are not answered here. Each has its word, and the text
/// before the operation in the header, if a header names the operation.
const UNSIGNED: &[(&str, Option<&str>)] = &[
    ("cognito-identity", Some("AWSCognitoIdentityService")),
    ("cognito-idp", Some("AWSCognitoIdentityProviderService")),
    ("signin", None),
    ("sso", None),
    ("sso-oidc", None),
];

/// Finds the service and the operation of an unsigned request that AWS accepts and this server does not answer.
pub(super) fn unsigned(head: &Head) -> Option<(&'static str, &str)> {
    let target = head.header("x-amz-target");
    let target = target.and_then(|target| target.rsplit_once('.'));
    UNSIGNED.iter().find_map(|(service, of)| {
        let operation = match (of, target) {
            (Some(of), Some((of_request, operation))) => (*of == of_request).then_some(operation),
            (None, None) => of_route(service, head),
            _ => None,
        };
        Some((*service, operation?))
    })
}

/// Finds, in AWS's model of the given service, the operation whose route fits the request.
pub(super) fn of_route(service: &str, head: &Head) -> Option<&'static str> {
    let lines = ROUTES.lines().filter_map(|line| {
        let (of, rest) = line.split_once(' ')?;
        (of == service).then_some(rest)
    });
    lines
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, route)| route.starts_with(&head.method))
        .filter_map(|(name, route)| {
            let route = Route::parse(route);
            route.labels(&head.method, &head.path, &head.query)?;
            Some((name, route.weight()))
        })
        .max_by_key(|(_, weight)| *weight)
        .map(|(name, _)| name)
}

/// Finds, from the head, the protocol of a request for a service that this server does not answer.
pub(super) fn spoken(head: &Head) -> &'static dyn Protocol {
    let kind = head.header("content-type").unwrap_or_default();
    if head.header("x-amz-target").is_some() {
        &JSON
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        &FORM
    } else {
        &LAMBDA
    }
}

/// Finds the operation for a request's method and path, with the members in the path. If several fit, the longest route
/// wins.
pub(super) fn routed(
    entries: impl Iterator<Item = &'static Entry>,
    head: &Head,
) -> Option<(&'static Entry, Route, Labels)> {
    entries
        .filter(|entry| entry.route.starts_with(&head.method))
        .filter_map(|entry| {
            let route = entry.routed();
            let labels = route.labels(&head.method, &head.path, &head.query)?;
            Some((entry, route, labels))
        })
        .max_by_key(|(_, route, _)| route.weight())
}

/// The refusal of a request for another service. If the head and the start of the body show the operation, the refusal
/// names it.
pub(super) fn stranger(signing: &str, head: &Head, start: &[u8]) -> Front {
    let asked = asked(None, head, start);
    let asked = asked.unwrap_or_else(|| format!("{} {}", head.method, head.raw_path));
    Front::NotSimulated(format!("{signing} {asked}"))
}

/// The name of the operation that a request asks for, if its target, its form or its route shows it.
pub(super) fn asked(known: Option<&Known>, head: &Head, start: &[u8]) -> Option<String> {
    let plain = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
    let target = head.header("x-amz-target");
    if let Some((_, operation)) = target.and_then(|target| target.rsplit_once('.')) {
        return Some(operation.to_owned());
    }
    let form = String::from_utf8_lossy(start);
    let action = form
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="));
    let action = head.parameter("Action").or(action).filter(plain);
    let routed = || {
        let known = known?;
        let ours = routed(known.service().entries(), head).map(|(entry, ..)| entry.name);
        ours.or_else(|| of_route(known.word, head))
            .map(str::to_owned)
    };
    action.map(str::to_owned).or_else(routed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_service_has_operations() {
        for known in KNOWN {
            assert!(known.service().entries().count() > 0, "{}", known.word);
        }
    }
}
