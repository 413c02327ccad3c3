//! Refuses execution roles that lack something, in the calls in which Lambda looks at the role. Lambda looks for the
//! trust in Lambda, and for the actions that a VPC, a dead-letter target and an event source need.
//!
//! A role is judged only if this state knows the role and the role has a policy. A script may have created a role without
//! policies for its ARN alone. A policy of AWS's that is not in `MANAGED` may allow everything, and so may a statement
//! that names what it does not allow. Resources, conditions and denials are not looked at. A queue may have a policy that
//! lets the role in. A queue that this state does not know counts as one without.

use serde_json::Value;

use super::{policy, role};
use crate::{
    operation::{Lambda, Result, ready::queue::queue, resolve::invalid},
    state::{
        error::ServiceError,
        event_source::Source,
        function::Configuration,
        iam::{Policies, Role, Roles, policy_key},
    },
    store::stubs::glob,
};

/// Policies of AWS's, by the part of their ARNs after `policy/`, with all the actions outside of logs that they allow
/// and that a check here asks for (AWS managed policy reference).
const MANAGED: &[(&str, &[&str])] = &[
    ("service-role/AWSLambdaBasicExecutionRole", &[]),
    ("AWSXRayDaemonWriteAccess", &[]),
    ("AmazonS3ReadOnlyAccess", &[]),
    ("AmazonS3FullAccess", &[]),
    ("AmazonSSMReadOnlyAccess", &[]),
    ("CloudWatchLogsFullAccess", &[]),
    (
        "service-role/AWSLambdaVPCAccessExecutionRole",
        &["ec2:createnetworkinterface"],
    ),
    (
        "service-role/AWSLambdaENIManagementAccess",
        &["ec2:createnetworkinterface"],
    ),
    (
        "service-role/AWSLambdaSQSQueueExecutionRole",
        &[
            "sqs:receivemessage",
            "sqs:deletemessage",
            "sqs:getqueueattributes",
        ],
    ),
    ("AmazonSQSFullAccess", &["sqs:*"]),
    ("AmazonSNSFullAccess", &["sns:*"]),
    (
        "service-role/AWSLambdaDynamoDBExecutionRole",
        &["dynamodb:*"],
    ),
    ("service-role/AWSLambdaKinesisExecutionRole", &["kinesis:*"]),
];

/// Managed policies of AWS's that are not attachable any more (AWS's page on managed policies for Lambda).
const RETIRED: &[&str] = &["AWSLambdaFullAccess", "AWSLambdaReadOnlyAccess"];

/// Returns true if AWS has no managed policy of that key, because a known one of that name has another path, or was
/// retired.
pub(super) fn is_no_policy_of_aws(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or(key);
    let known = MANAGED
        .iter()
        .find(|(of, _)| of.rsplit('/').next() == Some(name));
    RETIRED.contains(&name) || known.is_some_and(|(of, _)| *of != key)
}

/// The key of AWS's managed policy of that name, wherever it lies.
pub(super) fn policy_of_aws(key: &str) -> Option<&'static str> {
    let name = key.rsplit('/').next();
    let mut keys = MANAGED.iter().map(|(of, _)| *of);
    keys.find(|of| of.rsplit('/').next() == name)
}

/// Refuses a role that does not trust Lambda.
///
/// # Errors
/// InvalidParameterValueException in the words of public reports.
pub fn check_trust(lambda: &Lambda<'_>, arn: &str) -> Result<()> {
    let Some(role) = known(lambda, arn)? else {
        return Ok(());
    };
    let statements = statements(&role.assume_role_policy_document);
    if statements.is_empty() || statements.iter().any(|statement| trusts(statement)) {
        return Ok(());
    }
    Err(
        invalid("The role defined for the function cannot be assumed by Lambda.")
            .with_explanation(format!(
                "No statement in the trust policy of {arn} allows sts:AssumeRole to lambda.amazonaws.com."
            ))
            .with_hint("aws iam update-assume-role-policy gives it another trust policy")
            .into(),
    )
}

/// Refuses a configuration whose role may not do what its VPC or its dead-letter target needs.
///
/// # Errors
/// InvalidParameterValueException in the words of public reports.
pub fn check_needs(lambda: &Lambda<'_>, of: &Configuration) -> Result<()> {
    let in_vpc = of.vpc_config.as_ref();
    let in_vpc = in_vpc.is_some_and(|vpc| !vpc.subnet_ids.is_empty());
    let dead_letters = of.dead_letter_config.as_ref();
    let dead_letters = dead_letters.and_then(|config| config.target_arn.as_deref());
    // A policy of the queue's own may let the role in.
    let queue = dead_letters.map(|arn| queue(lambda, arn)).transpose()?;
    let has_policy = queue.flatten().is_some_and(|queue| queue.has_policy);
    let dead_letters = dead_letters
        .filter(|_| !has_policy)
        .and_then(|arn| arn.split(':').nth(2));
    let needs = [
        (in_vpc, "ec2", "CreateNetworkInterface", "EC2"),
        (dead_letters == Some("sqs"), "sqs", "SendMessage", "SQS"),
        (dead_letters == Some("sns"), "sns", "Publish", "SNS"),
    ];
    for (needed, service, action, shown) in needs {
        if needed && lacks(lambda, &of.role, &format!("{service}:{action}"))? {
            return Err(may_not(&of.role, action, shown).into());
        }
    }
    Ok(())
}

/// Refuses a source that the function's role may not read.
///
/// # Errors
/// InvalidParameterValueException in the words of public reports.
pub fn check_source(lambda: &Lambda<'_>, source: Source, arn: &str, role: &str) -> Result<()> {
    let (service, actions): (_, &[&str]) = match source {
        Source::Sqs | Source::SqsFifo => (
            "sqs",
            &["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"],
        ),
        Source::DynamoDb => (
            "dynamodb",
            &[
                "GetRecords",
                "GetShardIterator",
                "DescribeStream",
                "ListStreams",
            ],
        ),
        Source::Kinesis => ("kinesis", &["GetRecords", "GetShardIterator"]),
        Source::Msk | Source::Kafka | Source::Mq | Source::DocumentDb => return Ok(()),
    };
    for action in actions {
        if !lacks(lambda, role, &format!("{service}:{action}"))? {
            continue;
        }
        return Err(match service {
            "sqs" => may_not(role, action, "SQS"),
            _ => invalid(format!(
                "Cannot access stream {arn}. Please ensure the role can perform the GetRecords, GetShardIterator, \
                 DescribeStream, and ListStreams Actions on your stream in IAM."
            ))
            .with_hint(why(role, &format!("{service}:{action}"))),
        }
        .into());
    }
    Ok(())
}

fn may_not(role: &str, action: &str, service: &str) -> ServiceError {
    invalid(format!(
        "The provided execution role does not have permissions to call {action} on {service}"
    ))
    .with_hint(why(
        role,
        &format!("{}:{action}", service.to_ascii_lowercase()),
    ))
}

fn why(role: &str, action: &str) -> String {
    format!("no policy of {role} allows {action}: attach one that does before this call")
}

/// The role of that ARN, if this account's state knows it.
fn known(lambda: &Lambda<'_>, arn: &str) -> Result<Option<Role>> {
    let Some((_, name)) = arn.rsplit_once('/') else {
        return Ok(None);
    };
    let mut kept: Roles = lambda.place.store.document(&role::kept(lambda))?;
    let role = kept.roles.remove(name);
    Ok(role.filter(|role| {
        let resource = format!("role{}{name}", role.path);
        lambda.place.scope.global("iam", &resource) == arn
    }))
}

/// Returns true if this state knows the role and all its policies, it has some, and none allows the action.
fn lacks(lambda: &Lambda<'_>, arn: &str, action: &str) -> Result<bool> {
    let Some(role) = known(lambda, arn)? else {
        return Ok(false);
    };
    if role.attached_policies.is_empty() && role.policies.is_empty() {
        return Ok(false);
    }
    let action = action.to_ascii_lowercase();
    let own: Policies = lambda.place.store.document(&policy::kept(lambda))?;
    let attached = role.attached_policies.iter();
    let by_attached = attached.map(|arn| match policy_key(arn) {
        Some(key) => own.policies.get(key).is_none_or(|policy| {
            let in_force = policy.versions.get(&policy.default_version);
            in_force.is_none_or(|version| allows(&version.document, &action))
        }),
        None => {
            let key = arn.split_once(":policy/").map_or("", |(_, key)| key);
            let known = MANAGED.iter().find(|(of, _)| *of == key);
            known.is_none_or(|(_, actions)| actions.iter().any(|it| glob(it, &action)))
        }
    });
    let inline = role.policies.values();
    let may = by_attached
        .chain(inline.map(|document| allows(document, &action)))
        .any(|may| may);
    Ok(!may)
}

/// Returns true if a statement of a document may allow the action.
fn allows(document: &Value, action: &str) -> bool {
    statements(document).iter().any(|statement| {
        let named = |text: &str| glob(&text.to_ascii_lowercase(), action);
        statement["Effect"] == "Allow"
            && match statement.get("Action") {
                Some(actions) => texts(actions).any(named),
                None => true,
            }
    })
}

/// Returns true if a statement of a trust policy may let Lambda take the role.
fn trusts(statement: &Value) -> bool {
    let Some(principal) = statement.get("Principal") else {
        return true;
    };
    let named = ["Service", "AWS"].map(|kind| principal.get(kind));
    let named = named.into_iter().flatten().flat_map(texts);
    let mut who = named.chain(texts(principal));
    statement["Effect"] == "Allow" && who.any(|who| who.starts_with("lambda.") || who == "*")
}

fn statements(document: &Value) -> Vec<&Value> {
    match &document["Statement"] {
        Value::Array(statements) => statements.iter().collect(),
        Value::Object(_) => vec![&document["Statement"]],
        _ => Vec::new(),
    }
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().into_iter().flatten();
    list.chain(value.is_string().then_some(value))
        .filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ROLE: &str = "arn:aws:iam::123456789012:role/work";
    const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:work";

    /// A function `pay`, and a role that trusts that service.
    fn with_role(service: Value) -> Sandbox {
        let lambda = Sandbox::with("pay");
        let statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": service } });
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        lambda.call(
            "CreateRole",
            json!({ "RoleName": "work", "AssumeRolePolicyDocument": document }),
        );
        lambda
    }

    fn attach(lambda: &Sandbox, arn: &str) {
        let request = json!({ "RoleName": "work", "PolicyArn": arn });
        lambda.call("AttachRolePolicy", request);
    }

    fn set(lambda: &Sandbox, members: Value) -> Result<Value, String> {
        let mut request = members;
        request["FunctionName"] = json!("pay");
        let answer = lambda.try_call("UpdateFunctionConfiguration", request);
        answer.map_err(|failure| failure.to_string())
    }

    fn read(lambda: &Sandbox, source: &str) -> Result<Value, String> {
        let request = json!({ "FunctionName": "pay", "EventSourceArn": source, "StartingPosition": source.contains(":sqs:").then_some(Value::Null).unwrap_or(json!("LATEST")) });
        let answer = lambda.try_call("CreateEventSourceMapping", request);
        answer.map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_role_that_trusts_others_is_refused_and_one_that_nobody_knows_is_not() {
        for service in [json!("ec2.amazonaws.com"), json!(["ecs.amazonaws.com"])] {
            let told = set(&with_role(service), json!({ "Role": ROLE })).expect_err("refused");
            assert_eq!(
                told,
                "(InvalidParameterValueException): The role defined for the function cannot be assumed by Lambda."
            );
        }
        for service in [
            json!("lambda.amazonaws.com"),
            json!(["edgelambda.amazonaws.com", "lambda.amazonaws.com"]),
        ] {
            set(&with_role(service), json!({ "Role": ROLE })).expect("taken");
        }
        let elsewhere = "arn:aws:iam::123456789012:role/path/work";
        let other = with_role(json!("ec2.amazonaws.com"));
        set(&other, json!({ "Role": elsewhere })).expect("nobody knows it");
    }

    #[test]
    fn a_queue_needs_a_policy_that_reads_it() {
        let lambda = with_role(json!("lambda.amazonaws.com"));
        set(&lambda, json!({ "Role": ROLE })).expect("taken");
        let made = read(&lambda, QUEUE).expect("a role without any policy is not judged");
        lambda.call("DeleteEventSourceMapping", json!({ "UUID": made["UUID"] }));
        attach(&lambda, BASIC);
        assert_eq!(
            read(&lambda, QUEUE).expect_err("refused"),
            "(InvalidParameterValueException): The provided execution role does not have permissions to call \
             ReceiveMessage on SQS"
        );
        for (stream, word) in [
            (
                "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-01-01T00:00:00.000",
                "dynamodb",
            ),
            ("arn:aws:kinesis:us-east-1:123456789012:stream/s", "kinesis"),
        ] {
            let told = read(&lambda, stream).expect_err("refused");
            assert!(told.contains("Cannot access stream") && told.contains(word));
        }
        let own = json!({ "Statement": { "Effect": "Allow", "Action": ["sqs:Receive*", "SQS:DeleteMessage", "sqs:Get*"], "Resource": "*" } });
        let request =
            json!({ "RoleName": "work", "PolicyName": "q", "PolicyDocument": own.to_string() });
        lambda.call("PutRolePolicy", request);
        read(&lambda, QUEUE).expect("allowed");
    }

    #[test]
    fn so_do_a_vpc_and_a_dead_letter_target_and_a_policy_nobody_knows_may_allow_all() {
        let lambda = with_role(json!("lambda.amazonaws.com"));
        attach(&lambda, BASIC);
        set(&lambda, json!({ "Role": ROLE })).expect("taken");
        let vpc = json!({ "SubnetIds": ["subnet-0a1b2c3d"], "SecurityGroupIds": ["sg-0a1b2c3d"] });
        for (members, word) in [
            (json!({ "VpcConfig": vpc }), "CreateNetworkInterface on EC2"),
            (
                json!({ "DeadLetterConfig": { "TargetArn": QUEUE } }),
                "SendMessage on SQS",
            ),
            (
                json!({ "DeadLetterConfig": { "TargetArn": "arn:aws:sns:us-east-1:123456789012:t" } }),
                "Publish on SNS",
            ),
        ] {
            let told = set(&lambda, members).expect_err("refused");
            assert!(told.ends_with(word), "{told}");
        }
        attach(&lambda, "arn:aws:iam::aws:policy/PowerUserAccess");
        set(&lambda, json!({ "VpcConfig": vpc })).expect("allowed");
    }

    #[test]
    fn a_queue_with_a_policy_of_its_own_may_take_dead_letters() {
        let lambda = with_role(json!("lambda.amazonaws.com"));
        attach(&lambda, BASIC);
        set(&lambda, json!({ "Role": ROLE })).expect("taken");
        let dead = json!({ "DeadLetterConfig": { "TargetArn": QUEUE } });
        let hold = |attributes: Value| {
            let made = "2026-11-22T12:00:00Z";
            let members = json!({ "QueueName": "work", "Attributes": attributes });
            let queue = json!({ "Made": made, "Changed": made, "Changes": 1, "Members": members });
            let things = json!({ "Things": { "sqs queue work": queue } }).to_string();
            let file = lambda.root().join("123456789012/us-east-1/ready.json");
            std::fs::write(file, things).expect("a file");
        };
        hold(json!({}));
        set(&lambda, dead.clone()).expect_err("the queue has no policy");
        hold(json!({ "Policy": "{\"Statement\":[]}" }));
        set(&lambda, dead).expect("its policy may let the role in");
    }

    #[test]
    fn a_trust_in_everybody_is_a_trust_in_lambda() {
        let lambda = with_role(json!("lambda.amazonaws.com"));
        for principal in [json!("*"), json!({ "AWS": "*" }), json!({ "AWS": ["*"] })] {
            let statement =
                json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal });
            let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
            lambda.call(
                "UpdateAssumeRolePolicy",
                json!({ "RoleName": "work", "PolicyDocument": document }),
            );
            set(&lambda, json!({ "Role": ROLE })).expect("it may be assumed");
        }
    }

    #[test]
    fn a_policy_of_aws_has_its_path() {
        let lambda = with_role(json!("lambda.amazonaws.com"));
        for key in [
            "AWSLambdaBasicExecutionRole",
            "service-role/AmazonS3ReadOnlyAccess",
            "AWSLambdaFullAccess",
        ] {
            let arn = format!("arn:aws:iam::aws:policy/{key}");
            let request = json!({ "RoleName": "work", "PolicyArn": arn });
            assert_eq!(
                lambda.error("AttachRolePolicy", request),
                format!("(NoSuchEntity): Policy {arn} does not exist or is not attachable.")
            );
        }
        for key in [
            "AWSLambda_FullAccess",
            "aws-service-role/AWSLambdaReplicator",
            "Unheard",
        ] {
            attach(&lambda, &format!("arn:aws:iam::aws:policy/{key}"));
        }
    }
}
