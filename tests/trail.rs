//! Imports CloudTrail's events with the binary. In each of their forms, the events become the past of an imported
//! function. Contradictions to the snapshot are reported. An unreadable file is refused by name, and nothing is stored.
#![cfg(unix)]

mod common;

use std::{fs, io::Write as _};

use common::Sandbox;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

/// Runs a script in a shell. Returns its exit code, stdout and stderr.
fn end(sandbox: &Sandbox, script: &str) -> (i32, String, String) {
    let output = sandbox
        .command("sh")
        .env("AWS_REGION", "eu-west-1")
        .env("LAMBDRY_ACCOUNT_ID", "111122223333")
        .env("LAMBDRY_SETTLE", "0")
        .args(["-euc", script])
        .output()
        .expect("a shell");
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn sh(sandbox: &Sandbox, script: &str) -> String {
    let (code, out, err) = end(sandbox, script);
    assert_eq!(code, 0, "{script}\n{out}\n{err}");
    out
}

/// Makes `pay` with two versions and `live` on the second, and exports it into a folder.
fn exported() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", "one");
    sandbox.zip("two.zip", "two");
    sh(
        &sandbox,
        "aws lambda create-function --function-name pay --runtime python3.12 --handler app.handler \
           --role arn:aws:iam::111122223333:role/r --zip-file fileb://one.zip --publish --output off
         aws lambda update-function-code --function-name pay --zip-file fileb://two.zip --publish --output off
         aws lambda create-alias --function-name pay --name live --function-version 2 --output off
         lambdry export exported",
    );
    sandbox
}

fn event(id: &str, time: &str, name: &str, request: Value, response: Value) -> Value {
    json!({
        "eventVersion": "1.09", "eventID": id, "eventTime": format!("2026-09-{time}Z"), "eventSource": "lambda.amazonaws.com",
        "eventName": name, "awsRegion": "eu-west-1", "recipientAccountId": "111122223333", "readOnly": false,
        "userIdentity": { "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/x" },
        "requestParameters": request, "responseElements": response, "eventType": "AwsApiCall", "managementEvent": true,
    })
}

/// The events that led to the state, in CloudTrail's form. They are in no order, and include failed calls, reads and
/// calls to other services.
fn events(sandbox: &Sandbox) -> Vec<Value> {
    let sha = |version: &str| {
        let text = sh(
            sandbox,
            &format!(
                "aws lambda get-function-configuration --function-name pay:{version} --query CodeSha256 --output text"
            ),
        );
        text.trim().to_owned()
    };
    let (one, two) = (sha("1"), sha("2"));
    let arn = "arn:aws:lambda:eu-west-1:111122223333:function:pay";
    let answer = |version: &str, code: &str, timeout: u64| {
        json!({
            "functionName": "pay", "functionArn": arn, "version": version, "codeSha256": code, "timeout": timeout,
            "memorySize": 128, "lastModified": "2026-09-01T10:00:00.000+0000", "revisionId": format!("{version}{timeout}"),
            "environment": {}, "state": "Active",
        })
    };
    let alias = |version: &str, weights: Value| {
        let mut alias = json!({ "name": "live", "functionVersion": version, "aliasArn": format!("{arn}:live"), "description": "" });
        if !weights.is_null() {
            alias["routingConfig"] = json!({ "additionalVersionWeights": weights });
        }
        alias
    };
    let pay = || json!({ "functionName": "pay" });
    let named = || json!({ "functionName": arn, "name": "live" });
    vec![
        event(
            "e",
            "03T10:00:00",
            "UpdateAlias20150331",
            named(),
            alias("1", json!({ "2": 0.1 })),
        ),
        event(
            "a",
            "01T10:00:00",
            "CreateFunction20150331",
            pay(),
            answer("$LATEST", &one, 9),
        ),
        event(
            "b",
            "01T10:00:05",
            "PublishVersion20150331",
            pay(),
            answer("1", &one, 9),
        ),
        event(
            "b2",
            "01T10:00:06",
            "PublishVersion20150331",
            pay(),
            answer("1", &one, 9),
        ),
        event(
            "c",
            "01T10:01:00",
            "CreateAlias20150331",
            named(),
            alias("1", Value::Null),
        ),
        event(
            "c2",
            "02T09:00:00",
            "UpdateFunctionConfiguration20150331v2",
            json!({ "functionName": "pay", "timeout": 3 }),
            answer("$LATEST", &one, 3),
        ),
        event(
            "d",
            "02T10:00:00",
            "UpdateFunctionCode20150331v2",
            json!({ "functionName": arn, "publish": true, "dryRun": false }),
            answer("2", &two, 3),
        ),
        event(
            "f",
            "04T10:00:00",
            "UpdateAlias20150331",
            named(),
            alias("2", Value::Null),
        ),
        {
            let mut failed = event(
                "g",
                "05T10:00:00",
                "UpdateAlias20150331",
                named(),
                Value::Null,
            );
            failed["errorCode"] = json!("ResourceNotFoundException");
            failed
        },
        event(
            "h",
            "05T10:00:00",
            "GetFunction20150331v2",
            pay(),
            Value::Null,
        ),
        event(
            "i",
            "05T10:00:00",
            "TagResource20170331v2",
            json!({ "resource": arn }),
            Value::Null,
        ),
        event(
            "j",
            "05T10:00:00",
            "UpdateAlias20150331",
            json!({ "functionName": "other", "name": "x" }),
            alias("9", Value::Null),
        ),
        {
            let mut other = event("k", "05T10:00:00", "PutObject", json!({}), Value::Null);
            other["eventSource"] = json!("s3.amazonaws.com");
            other
        },
    ]
}

fn write(sandbox: &Sandbox, name: &str, bytes: &[u8]) {
    let path = sandbox.work().join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

fn packed(value: &Value) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer
        .write_all(value.to_string().as_bytes())
        .expect("bytes");
    packer.finish().expect("bytes")
}

/// The journal of `pay` in the state of the given name.
fn journal(sandbox: &Sandbox, state: &str) -> Vec<Value> {
    let path = format!("{state}/111122223333/eu-west-1/functions/pay/journal.jsonl");
    let text = fs::read_to_string(sandbox.work().join(path)).expect("a journal");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line"))
        .collect()
}

#[test]
fn events_become_the_past_of_an_imported_function() {
    let sandbox = exported();
    let all = events(&sandbox);
    write(
        &sandbox,
        "events.json.gz",
        &packed(&json!({ "Records": all })),
    );
    let (code, out, err) = end(
        &sandbox,
        "lambdry --state-dir again import exported events.json.gz",
    );
    assert_eq!(code, 0, "{err}");
    assert_eq!(
        out,
        "pay (111122223333, eu-west-1): $LATEST, versions 1-2, alias live; made\n"
    );
    assert_eq!(
        err,
        "note: 1 event is skipped, because no other document has the function: other (111122223333, eu-west-1)\n\
         note: events that change no function, and skipped: 1 TagResource20170331v2\n"
    );
    let lines = journal(&sandbox, "again");
    let calls: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["Call"].as_str())
        .collect();
    assert_eq!(
        calls,
        [
            "CreateFunction",
            "PublishVersion",
            "CreateAlias",
            "UpdateFunctionConfiguration",
            "UpdateFunctionCode",
            "UpdateAlias",
            "UpdateAlias"
        ]
    );
    assert_eq!(lines[3]["Moved"]["$LATEST"], json!(["Timeout"]));
    assert_eq!(lines[4]["Moved"]["$LATEST"], json!(["CodeSha256"]));
    assert_eq!(lines[4]["Moved"]["Published"], "2");
    let at = |moment: &str| {
        sh(
            &sandbox,
            &format!("lambdry --state-dir again history pay --at 2026-09-{moment}Z"),
        )
    };
    let text = at("01T10:00:30");
    assert!(text.contains("$LATEST  the content of version 1"), "{text}");
    assert!(
        !text.contains("live") && !text.contains("parts are not known"),
        "{text}"
    );
    let text = at("03T12:00");
    assert!(
        text.contains(
            "live     1 (90 %), 2 (10 %), since 2026-09-03 10:00:00, until 2026-09-04 10:00:00"
        ),
        "{text}"
    );
    assert!(text.contains("2  2026-09-02 10:00:00  "), "{text}");
    let text = at("04T10:00");
    assert!(
        text.contains("live     2, since 2026-09-04 10:00:00\n"),
        "{text}"
    );
    let (code, _, err) = end(
        &sandbox,
        "lambdry --state-dir again history pay --at 2026-08-31T00:00Z",
    );
    assert!(
        code == 254 && err.contains("it was created 2026-09-01 10:00:00"),
        "{err}"
    );
    // The numbers of later changes follow the imported numbers.
    sh(
        &sandbox,
        "lambdry --state-dir again update-alias --function-name pay --name live --function-version 1 --output off; \
         lambdry --state-dir again doctor",
    );
    let after = journal(&sandbox, "again");
    assert_eq!(after.len(), lines.len() + 1);
    let changes = after.iter().map(|line| line["Change"].as_u64());
    assert!(changes.clone().is_sorted() && changes.clone().all(|change| change > Some(0)));
}

#[test]
fn every_form_of_the_same_events_makes_the_same_journal() {
    let sandbox = exported();
    let all = events(&sandbox);
    let looked = |events: &[Value]| {
        let events: Vec<Value> = events
            .iter()
            .map(|event| {
                json!({
                    "EventId": event["eventID"], "EventName": event["eventName"], "EventTime": "2026-09-01T10:00:00+00:00",
                    "EventSource": event["eventSource"], "Username": "x", "Resources": [], "CloudTrailEvent": event.to_string(),
                })
            })
            .collect();
        json!({ "Events": events })
    };
    let backwards: Vec<&Value> = all.iter().rev().collect();
    write(
        &sandbox,
        "one/all.json",
        json!({ "Records": all }).to_string().as_bytes(),
    );
    write(
        &sandbox,
        "two/lookup.json",
        looked(&all).to_string().as_bytes(),
    );
    // Log files overlap, and their order has no meaning.
    write(
        &sandbox,
        "three/AWSLogs/b.json.gz",
        &packed(&json!({ "Records": &all[..8] })),
    );
    write(
        &sandbox,
        "three/AWSLogs/a.json.gz",
        &packed(&json!({ "Records": &all[4..] })),
    );
    write(
        &sandbox,
        "three/lookup.json",
        looked(&all).to_string().as_bytes(),
    );
    let lines: Vec<String> = backwards.iter().map(|event| event.to_string()).collect();
    write(&sandbox, "four/lines.json", lines.join("\n").as_bytes());
    write(
        &sandbox,
        "four/list.json",
        json!(backwards).to_string().as_bytes(),
    );
    let journals: Vec<Vec<Value>> = ["one", "two", "three", "four"]
        .iter()
        .map(|folder| {
            sh(
                &sandbox,
                &format!("lambdry --state-dir {folder}.state import exported {folder} 2>/dev/null"),
            );
            journal(&sandbox, &format!("{folder}.state"))
        })
        .collect();
    assert_eq!(journals[0].len(), 7);
    for other in &journals[1..] {
        assert_eq!(other, &journals[0]);
    }
}

#[test]
fn what_contradicts_the_snapshot_is_told_and_the_snapshot_counts() {
    let sandbox = exported();
    let mut all = events(&sandbox);
    let pay = |more: Value| {
        let mut request = json!({ "functionName": "pay" });
        for (name, value) in more.as_object().into_iter().flatten() {
            request[name.as_str()] = value.clone();
        }
        request
    };
    all.extend([
        event(
            "p",
            "06T10:00:00",
            "PublishVersion20150331",
            pay(json!({})),
            json!({ "version": "3", "codeSha256": "x" }),
        ),
        event(
            "q",
            "06T10:00:01",
            "DeleteFunction20150331",
            pay(json!({ "qualifier": "1" })),
            Value::Null,
        ),
        event(
            "r",
            "06T10:00:02",
            "UpdateAlias20150331",
            pay(json!({ "name": "live", "functionVersion": "3" })),
            Value::Null,
        ),
        event(
            "s",
            "06T10:00:03",
            "CreateAlias20150331",
            pay(json!({ "name": "beta", "functionVersion": "2" })),
            Value::Null,
        ),
        event(
            "t",
            "06T10:00:04",
            "UpdateFunctionCode20150331v2",
            pay(json!({})),
            json!({ "version": "$LATEST", "codeSha256": "other" }),
        ),
    ]);
    write(
        &sandbox,
        "events.json",
        json!({ "Records": all }).to_string().as_bytes(),
    );
    let (code, _, err) = end(
        &sandbox,
        "lambdry --state-dir again import exported events.json",
    );
    assert_eq!(code, 0, "{err}");
    for told in [
        "pay: event p (PublishVersion, 2026-09-06T10:00:00Z) publishes version 3, but the snapshot does not have it",
        "pay: event q (DeleteFunction, 2026-09-06T10:00:01Z) deletes version 1, but the snapshot has it",
        "pay: event r (UpdateAlias, 2026-09-06T10:00:02Z) points live at 3, but the snapshot says 2",
        "pay: event s (CreateAlias, 2026-09-06T10:00:03Z) points beta at 2, but the snapshot does not have it",
        "pay: event t (UpdateFunctionCode, 2026-09-06T10:00:04Z) leaves $LATEST with the code other, but the snapshot says ",
    ] {
        assert!(err.contains(&format!("note: {told}")), "{told}\n{err}");
    }
    let lines = journal(&sandbox, "again");
    let last = lines.last().expect("a line");
    assert_eq!(last["Call"], "Import");
    assert_eq!(
        last["Moved"]["Aliases"]["live"]["To"]["FunctionVersion"],
        "2"
    );
    assert_eq!(last["Moved"]["Aliases"]["beta"]["To"], Value::Null);
    let shown = sh(
        &sandbox,
        "lambdry --state-dir again get-alias --function-name pay --name live --query FunctionVersion --output text; \
         lambdry --state-dir again history pay --at 2026-09-06T11:00Z; lambdry --state-dir again doctor >/dev/null; \
         lambdry --state-dir again update-function-configuration --function-name pay --timeout 5 --output off; \
         lambdry --state-dir again publish-version --function-name pay --query Version --output text",
    );
    assert!(shown.starts_with("2\n"), "{shown}");
    assert!(
        shown.contains("live     3, since 2026-09-06 10:00:02"),
        "{shown}"
    );
    // Version 3 was used, and a number is never used twice.
    assert!(shown.ends_with("\n4\n"), "{shown}");
    // After a deletion, a function with the same name is a different function.
    all.push(event(
        "z",
        "07T10:00:00",
        "DeleteFunction20150331",
        pay(json!({})),
        Value::Null,
    ));
    write(
        &sandbox,
        "events.json",
        json!({ "Records": all }).to_string().as_bytes(),
    );
    let (_, _, err) = end(
        &sandbox,
        "lambdry --state-dir gone import exported events.json",
    );
    assert!(
        err.contains("pay: event z (DeleteFunction, 2026-09-07T10:00:00Z) deletes the function, but the snapshot has it"),
        "{err}"
    );
    assert!(
        journal(&sandbox, "gone")
            .iter()
            .all(|line| line["Call"] == "Import")
    );
}

#[test]
fn whether_it_was_updated_since_the_last_publish_is_known_from_events() {
    let sandbox = exported();
    let mut all = events(&sandbox);
    let publish = "publish-version --function-name pay --query Version --output text";
    write(
        &sandbox,
        "events.json",
        json!({ "Records": all }).to_string().as_bytes(),
    );
    let made = sh(
        &sandbox,
        &format!(
            "lambdry --state-dir one import exported events.json >/dev/null 2>&1; lambdry --state-dir one {publish}"
        ),
    );
    assert_eq!(made, "2\n", "nothing was updated since");
    let answer = all[6]["responseElements"].clone();
    let mut answer = answer.as_object().expect("members").clone();
    answer.insert("version".to_owned(), json!("$LATEST"));
    all.push(event(
        "u",
        "08T10:00:00",
        "UpdateFunctionConfiguration20150331v2",
        json!({ "functionName": "pay" }),
        answer.into(),
    ));
    write(
        &sandbox,
        "events.json",
        json!({ "Records": all }).to_string().as_bytes(),
    );
    let made = sh(
        &sandbox,
        &format!(
            "lambdry --state-dir two import exported events.json >/dev/null 2>&1; lambdry --state-dir two {publish}"
        ),
    );
    assert_eq!(made, "3\n", "an update that changed nothing is one");
}

#[test]
fn files_that_cannot_be_read_are_refused_by_name_and_leave_nothing() {
    let sandbox = exported();
    let all = json!({ "Records": events(&sandbox) });
    let whole = packed(&all);
    let mut spoilt = whole.clone();
    let middle = spoilt.len() / 2;
    spoilt[middle] ^= 0xff;
    let text = all.to_string();
    let mut timeless = all;
    timeless["Records"][0]["eventTime"] = json!("yesterday");
    let files: [(&str, Vec<u8>, &str); 7] = [
        ("cut.json.gz", whole[..whole.len() / 2].to_vec(), ""),
        ("spoilt.json.gz", spoilt, ""),
        ("head.json.gz", whole[..6].to_vec(), ""),
        (
            "cut.json",
            text.as_bytes()[..text.len() / 2].to_vec(),
            "it is not JSON",
        ),
        (
            "timeless.json",
            timeless.to_string().into_bytes(),
            "event e: its eventTime is not a time: \"yesterday\"",
        ),
        (
            "no-list.json",
            br#"{"Records": {"a": 1}}"#.to_vec(),
            "a list of events",
        ),
        (
            "text.json.gz",
            {
                let mut packer = GzEncoder::new(Vec::new(), Compression::default());
                packer.write_all(b"hello").expect("bytes");
                packer.finish().expect("bytes")
            },
            "it is not JSON",
        ),
    ];
    for (name, bytes, why) in files {
        write(&sandbox, name, &bytes);
        let (code, out, err) = end(
            &sandbox,
            &format!("lambdry --state-dir again import exported {name}"),
        );
        assert_eq!((code, out.as_str()), (255, ""), "{name}: {err}");
        assert!(
            err.contains(&format!("cannot read {name}: ")) && err.contains(why),
            "{name}: {err}"
        );
        assert!(!sandbox.work().join("again").exists(), "{name}");
    }
    // Events without a snapshot do not make a function.
    write(&sandbox, "events.json", text.as_bytes());
    let (code, _, err) = end(&sandbox, "lambdry --state-dir again import events.json");
    assert!(
        code == 255
            && err.contains("the sources contain nothing to import")
            && err.contains("pay (111122223333"),
        "{err}"
    );
}
