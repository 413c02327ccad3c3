//! `trigger-not-permitted`: another service is set up to call a function, but the function's policy does not allow the
//! call.

use serde_json::Value;

use super::{Finding, Rule, Severity};
use crate::{
    state::{arn::FunctionRef, function::Function, policy::Statement},
    store::stubs::glob,
    tool::rehearse::evidence::{Evidence, Key, Step, Target, functions_in},
};

pub(super) const RULE: Rule = Rule {
    name: "trigger-not-permitted",
    about: "A service is connected to a function, but no permission allows the calls.",
    aws: "A rule, a subscription, an integration or an alarm can name a function without any permission to invoke \
        it. The policy of the same qualifier has to allow lambda:InvokeFunction to the service. The AWS console adds \
        that permission, the command line does not. The calls succeed, but the service can never invoke the \
        function, and API Gateway answers 500. A permission without --qualifier is for the function itself, not for \
        an alias.",
    severities: "An error if no statement in the qualifier's policy allows the service, or if each one names another \
        source. Not checked: a function that is not in the state, a call that names a role, and a trigger that the \
        script removes again.",
    instead: "aws lambda add-permission --function-name NAME --qualifier ALIAS --statement-id ID --action \
        lambda:InvokeFunction --principal SERVICE.amazonaws.com --source-arn ARN",
    seen: "github.com/aws/aws-sdk-js-v3/issues/2272, github.com/boto/boto3/issues/1051, and AWS's page on resource-based \
        policies of functions.",
    check,
};

/// A call that sets up another service to call functions.
struct Trigger {
    service: &'static str,
    operation: &'static str,
    /// The caller's principal: `events.amazonaws.com`.
    principal: &'static str,
    /// The member that names a role. If a request has it, the service calls the function with that role.
    role: &'static str,
    /// The first parts of the names of operations that remove the trigger.
    undone_by: &'static [&'static str],
}

const TRIGGERS: [Trigger; 9] = [
    Trigger {
        service: "events",
        operation: "PutTargets",
        principal: "events.amazonaws.com",
        role: "RoleArn",
        undone_by: &["RemoveTargets", "DeleteRule"],
    },
    Trigger {
        service: "sns",
        operation: "Subscribe",
        principal: "sns.amazonaws.com",
        role: "",
        undone_by: &["Unsubscribe", "DeleteTopic"],
    },
    Trigger {
        service: "logs",
        operation: "PutSubscriptionFilter",
        principal: "logs.amazonaws.com",
        role: "roleArn",
        undone_by: &["DeleteSubscriptionFilter", "DeleteLogGroup"],
    },
    Trigger {
        service: "cloudwatch",
        operation: "PutMetricAlarm",
        principal: "lambda.alarms.cloudwatch.amazonaws.com",
        role: "",
        undone_by: &["DeleteAlarms"],
    },
    Trigger {
        service: "apigateway",
        operation: "PutIntegration",
        principal: "apigateway.amazonaws.com",
        role: "credentials",
        undone_by: &["Delete"],
    },
    Trigger {
        service: "apigateway",
        operation: "CreateAuthorizer",
        principal: "apigateway.amazonaws.com",
        role: "authorizerCredentials",
        undone_by: &["Delete"],
    },
    Trigger {
        service: "apigatewayv2",
        operation: "CreateApi",
        principal: "apigateway.amazonaws.com",
        role: "CredentialsArn",
        undone_by: &["Delete"],
    },
    Trigger {
        service: "apigatewayv2",
        operation: "CreateIntegration",
        principal: "apigateway.amazonaws.com",
        role: "CredentialsArn",
        undone_by: &["Delete"],
    },
    Trigger {
        service: "apigatewayv2",
        operation: "CreateAuthorizer",
        principal: "apigateway.amazonaws.com",
        role: "AuthorizerCredentialsArn",
        undone_by: &["Delete"],
    },
];

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut told: Vec<(&str, Target)> = Vec::new();
    for step in evidence.steps() {
        let trigger = TRIGGERS.iter().find(|trigger| {
            (trigger.service, trigger.operation) == (step.service(), step.operation())
        });
        let Some(trigger) = trigger.filter(|_| step.answer().is_some()) else {
            continue;
        };
        let undone = evidence.steps().any(|later| {
            let undoes = |name: &&str| later.operation().starts_with(*name);
            later.index > step.index
                && later.service() == trigger.service
                && trigger.undone_by.iter().any(undoes)
        });
        if undone {
            continue;
        }
        for target in called(&step, trigger) {
            let Some(head) = evidence.after(&target.key) else {
                continue;
            };
            let assumed = format!("function {}", target.key);
            let is_assumed = evidence
                .steps()
                .any(|step| step.exchange.assumed.contains(&assumed));
            let about = (trigger.principal, target);
            if is_assumed || told.contains(&about) || allows(head, &about.1, trigger, &step) {
                continue;
            }
            found.push(finding(evidence, &step, head, &about.1, trigger));
            told.push(about);
        }
    }
    found
}

/// The functions that a call sets up as targets. A function with a role of its own is left out.
fn called(step: &Step<'_>, trigger: &Trigger) -> Vec<Target> {
    let of = |value: &Value| -> Vec<Target> {
        let has_role = value.get(trigger.role).and_then(Value::as_str);
        if has_role.is_some_and(|role| !role.is_empty()) {
            return Vec::new();
        }
        let functions = functions_in(value).into_iter();
        functions.filter_map(|named| target(step, named)).collect()
    };
    // Each target may have its own role.
    match step
        .exchange
        .request
        .get("Targets")
        .and_then(Value::as_array)
    {
        Some(targets) => targets.iter().flat_map(of).collect(),
        None => of(&step.exchange.request),
    }
}

fn target(step: &Step<'_>, named: FunctionRef) -> Option<Target> {
    Some(Target {
        key: Key {
            function_name: named.name,
            account: named.account?,
            region: named.region?,
        },
        qualifier: named.qualifier.filter(|qualifier| qualifier != "$LATEST"),
    })
    .filter(|target| target.key.region == step.exchange.region)
}

/// Returns true if the policy of the function or of the given qualifier allows the service to make the call.
fn allows(head: &Function, target: &Target, trigger: &Trigger, step: &Step<'_>) -> bool {
    let qualifier = target.qualifier.as_deref().unwrap_or("$LATEST");
    let attached = head.attached.get(qualifier);
    let policy = attached.and_then(|attached| attached.policy.as_ref());
    let mut statements = policy.iter().flat_map(|policy| &policy.statements);
    statements.any(|statement| lets(statement, trigger, step))
}

fn lets(statement: &Statement, trigger: &Trigger, step: &Step<'_>) -> bool {
    let action = matches!(
        statement.action.as_str(),
        "lambda:InvokeFunction" | "lambda:*" | "*"
    );
    let service = statement.principal.get("Service").and_then(Value::as_str);
    let everybody =
        statement.principal == "*" || statement.principal.get("AWS").is_some_and(|it| it == "*");
    let who = everybody || service == Some(trigger.principal);
    action && who && from(statement, trigger, step)
}

/// Returns false if the statement names another source. Returns true if that cannot be known.
fn from(statement: &Statement, trigger: &Trigger, step: &Step<'_>) -> bool {
    let sources = statement.condition.values();
    let source = sources
        .filter_map(|condition| condition.get("AWS:SourceArn")?.as_str())
        .next();
    let Some(source) = source else {
        return true;
    };
    let exchange = step.exchange;
    let own = match trigger.service {
        "events" => {
            let bus = step.asked("EventBusName").filter(|bus| *bus != "default");
            let bus = bus.map_or_else(String::new, |bus| format!("{bus}/"));
            let rule = step.asked("Rule").unwrap_or_default();
            format!(
                "arn:aws:events:{}:{}:rule/{bus}{rule}",
                exchange.region, exchange.account
            )
        }
        "sns" => step.asked("TopicArn").unwrap_or_default().to_owned(),
        _ => return true,
    };
    // AWS compares with ArnLike. ArnLike also has `?`, which is not needed here, because no real ARN contains it.
    glob(source, &own)
}

fn finding(
    evidence: &Evidence<'_>,
    step: &Step<'_>,
    head: &Function,
    target: &Target,
    trigger: &Trigger,
) -> Finding {
    let key = &target.key;
    let option = target.qualifier.as_ref();
    let option = option.map_or_else(String::new, |name| format!(" --qualifier {name}"));
    let named = |attached: &str| attached != target.qualifier.as_deref().unwrap_or("$LATEST");
    let elsewhere = head.attached.iter().find(|(name, attached)| {
        let mut statements = attached.policy.iter().flat_map(|policy| &policy.statements);
        named(name) && statements.any(|statement| lets(statement, trigger, step))
    });
    let own = target.qualifier.as_deref().unwrap_or("the function itself");
    Finding::at(evidence, step, Severity::Error)
        .titled(format!("{} may not invoke {key}{option}", trigger.principal))
        .explained(match elsewhere {
            Some((name, _)) => format!(
                "{} names {own}. The policy of {own} does not allow lambda:InvokeFunction; only the policy of {name} \
                 does.",
                evidence.name(step.index)
            ),
            None => format!(
                "No statement in the policy of {own} allows lambda:InvokeFunction to {} for this source.",
                trigger.principal
            ),
        })
        .fixed_by(format!(
            "aws lambda add-permission --function-name {key}{option} --statement-id {} --action lambda:InvokeFunction \
             --principal {}",
            trigger.service, trigger.principal
        ))
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const RULE: &str = "events put-rule --name nightly --schedule-expression 'rate(1 day)'";
    const TARGETS: &str = "events put-targets --rule nightly --targets Id=1,Arn=arn:aws:lambda:eu-west-1:123456789012:function:pay:live";
    const ALLOW: &str = "add-permission --function-name pay --qualifier live --statement-id events --action \
        lambda:InvokeFunction --principal events.amazonaws.com";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_rule_whose_function_does_not_let_it_call_is_an_error() {
        assert_eq!(found(&[RULE, TARGETS]), ["error trigger-not-permitted 2"]);
        let functions_own = ALLOW.replace(" --qualifier live", "");
        assert_eq!(
            found(&[RULE, TARGETS, &functions_own]),
            ["error trigger-not-permitted 2"]
        );
        let another =
            format!("{ALLOW} --source-arn arn:aws:events:eu-west-1:123456789012:rule/hourly");
        assert_eq!(
            found(&[RULE, TARGETS, &another]),
            ["error trigger-not-permitted 2"]
        );
    }

    #[test]
    fn a_permission_before_or_after_and_a_target_taken_away_are_sound() {
        assert_eq!(found(&[RULE, ALLOW, TARGETS]), [""; 0]);
        assert_eq!(found(&[RULE, TARGETS, ALLOW]), [""; 0]);
        let own = format!("{ALLOW} --source-arn arn:aws:events:eu-west-1:123456789012:rule/night*");
        assert_eq!(found(&[RULE, TARGETS, &own]), [""; 0]);
        assert_eq!(
            found(&[
                RULE,
                TARGETS,
                "events remove-targets --rule nightly --ids 1"
            ]),
            [""; 0]
        );
        let unknown = TARGETS.replace("function:pay:live", "function:elsewhere");
        assert_eq!(found(&[RULE, &unknown]), [""; 0]);
    }

    #[test]
    fn so_are_topics_and_apis() {
        let topic = "sns create-topic --name alerts";
        let subscribe = "sns subscribe --topic-arn arn:aws:sns:eu-west-1:123456789012:alerts --protocol lambda \
            --notification-endpoint arn:aws:lambda:eu-west-1:123456789012:function:pay";
        assert_eq!(
            found(&[topic, subscribe]),
            ["error trigger-not-permitted 2"]
        );
        let api = "apigatewayv2 create-api --name pay --protocol-type HTTP --target \
            arn:aws:lambda:eu-west-1:123456789012:function:pay:live";
        assert_eq!(found(&[api]), ["error trigger-not-permitted 1"]);
        let allow = ALLOW.replace("events.amazonaws.com", "apigateway.amazonaws.com");
        assert_eq!(found(&[api, &allow]), [""; 0]);
    }
}
