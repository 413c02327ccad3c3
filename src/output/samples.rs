//! Sample values for the tests of all formats: answers of Lambda, and random values.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

pub(super) fn publish_version() -> Value {
    json!({
        "FunctionName": "fA",
        "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:fA:4",
        "Runtime": "python3.12",
        "Role": "arn:aws:iam::123456789012:role/r1",
        "Handler": "app.handler",
        "CodeSize": 137,
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "LastModified": "2024-05-01T12:00:00.000+0000",
        "CodeSha256": "V3Md2eBr4hQrLhvXOCPDwNq6U4mlKx8Kf6nyljBXoPw=",
        "Version": "4",
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": "aaaaaaaa-0000-0000-0000-000000000004",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/fA"},
    })
}

pub(super) fn account_settings() -> Value {
    json!({
        "AccountLimit": {
            "TotalCodeSize": 80530636800_u64,
            "CodeSizeUnzipped": 262144000,
            "CodeSizeZipped": 52428800,
            "ConcurrentExecutions": 1000,
            "UnreservedConcurrentExecutions": 1000,
        },
        "AccountUsage": {"TotalCodeSize": 4567, "FunctionCount": 3},
    })
}

pub(super) fn list_aliases() -> Value {
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:fA";
    let alias = |name: &str, version: &str| {
        json!({
            "AliasArn": format!("{arn}:{name}"),
            "Name": name,
            "FunctionVersion": version,
            "Description": "",
            "RevisionId": format!("r-{name}"),
        })
    };
    let live = json!({
        "AliasArn": format!("{arn}:live"),
        "Name": "live",
        "FunctionVersion": "1",
        "Description": "",
        "RoutingConfig": {"AdditionalVersionWeights": {"3": 0.1, "2": 0.25}},
        "RevisionId": "r-live",
    });
    json!({"Aliases": [alias("beta", "3"), live, alias("prod", "2")]})
}

/// A strategy for any string. Strings that are hard for a format are frequent.
pub(super) fn any_string() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 .:_/-]{0,12}",
        "[-?:,\\[\\]{}#&*!|>'\"%@` \t\n\r\u{0}\u{1b}\u{7f}\u{85}\u{a0}\u{2028}\u{3000}aé界😀\u{301}\u{200d}\u{fe0f}\u{feff}\u{202e}]{0,8}",
        "[0-9.eE+x_o:~-]{1,8}",
        "([a-z]{1,12} {1,3}){0,30}",
        ".{0,20}",
        Just("null".to_owned()),
        Just("True".to_owned()),
    ]
}

/// Any scalar of JSON.
pub(super) fn any_scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-20..20_i32).prop_map(|e| Value::from(10_f64.powi(e))),
        any_string().prop_map(Value::from),
    ]
}

/// Any value, about six levels deep.
pub(super) fn any_value() -> impl Strategy<Value = Value> {
    any_scalar().prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any_string(), inner.clone()), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            // Most objects in a list have the same keys.
            prop::collection::vec(
                prop::collection::vec(("[abc]", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
                0..4
            )
            .prop_map(Value::Array),
        ]
    })
}
