//! A release with the AWS SDK for Rust. The address and the key come from the environment; `lambdry serve` prints the
//! lines that set them.

use std::{env, error::Error, time::Duration};

use aws_sdk_lambda::{
    Client,
    client::Waiters as _,
    config::{BehaviorVersion, Credentials, Region},
    error::{DisplayErrorContext, ProvideErrorMetadata as _},
    primitives::Blob,
    types::{AliasRoutingConfiguration, EventSourcePosition, FunctionCode, Runtime, State},
};

const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";
const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:orders";
const STREAM: &str = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks";
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let released = runtime.block_on(release());
    released.map_err(|error| DisplayErrorContext(&*error).to_string())?;
    println!(
        "aws-sdk-lambda for Rust {}",
        aws_sdk_lambda::meta::PKG_VERSION
    );
    Ok(())
}

fn client() -> Result<Client, Box<dyn Error>> {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(env::var("AWS_ENDPOINT_URL")?)
        .region(Region::new(env::var("AWS_REGION")?))
        .credentials_provider(Credentials::new(
            env::var("AWS_ACCESS_KEY_ID")?,
            env::var("AWS_SECRET_ACCESS_KEY")?,
            None,
            None,
            "environment",
        ))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Ok(Client::from_conf(config))
}

async fn release() -> Result<(), Box<dyn Error>> {
    let lambda = client()?;
    let zip = |name: &str| env::var(name).map(|text| Blob::new(decoded(&text)));

    let absent = lambda.get_function().function_name("pay").send().await;
    let absent = absent.expect_err("there is none").into_service_error();
    assert!(absent.is_resource_not_found_exception(), "{absent}");

    let made = lambda
        .create_function()
        .function_name("pay")
        .runtime(Runtime::Python312)
        .handler("app.handler")
        .role(ROLE)
        .code(FunctionCode::builder().zip_file(zip("zip")?).build())
        .tags("team", "é")
        .send()
        .await?;
    assert_eq!(made.state(), Some(&State::Pending));
    let ready = lambda.wait_until_function_active_v2().function_name("pay");
    ready.wait(PATIENCE).await?;

    let one = lambda.publish_version().function_name("pay").send().await?;
    assert_eq!(one.version(), Some("1"));
    let twice = lambda
        .publish_version()
        .function_name("pay")
        .revision_id("stale")
        .send()
        .await;
    let twice = twice.expect_err("a stale guard").into_service_error();
    assert_eq!(twice.code(), Some("PreconditionFailedException"));
    assert!(twice.is_precondition_failed_exception(), "{twice}");

    lambda
        .update_function_code()
        .function_name("pay")
        .zip_file(zip("other")?)
        .send()
        .await?;
    let busy = lambda.publish_version().function_name("pay").send().await;
    let busy = busy
        .expect_err("an update is in progress")
        .into_service_error();
    assert!(busy.is_resource_conflict_exception(), "{busy}");
    let updated = lambda.wait_until_function_updated_v2().function_name("pay");
    updated.wait(PATIENCE).await?;
    let two = lambda.publish_version().function_name("pay").send().await?;
    assert_eq!(two.version(), Some("2"));
    let sha = two.code_sha256().unwrap_or_default();
    assert_ne!(one.code_sha256().unwrap_or_default(), sha);

    let weights = AliasRoutingConfiguration::builder().additional_version_weights("2", 0.25);
    let alias = lambda
        .create_alias()
        .function_name("pay")
        .name("live")
        .function_version("1")
        .routing_config(weights.build())
        .send()
        .await?;
    let shown = alias
        .routing_config()
        .and_then(|routing| routing.additional_version_weights());
    assert_eq!(shown.and_then(|weights| weights.get("2")), Some(&0.25));
    let mut pages = lambda
        .list_versions_by_function()
        .function_name("pay")
        .into_paginator()
        .page_size(1)
        .send();
    let mut versions = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page?;
        versions.extend(
            page.versions()
                .iter()
                .filter_map(|version| version.version().map(str::to_owned)),
        );
    }
    assert_eq!(versions, ["$LATEST", "1", "2"]);

    let answer = lambda
        .invoke()
        .function_name("pay")
        .qualifier("2")
        .payload(Blob::new(b"{\"a\": 1}".to_vec()))
        .send()
        .await?;
    assert_eq!(
        (answer.status_code(), answer.executed_version()),
        (200, Some("2"))
    );

    let queue = lambda
        .create_event_source_mapping()
        .function_name("pay:live")
        .event_source_arn(QUEUE)
        .batch_size(5)
        .send()
        .await?;
    assert_eq!(queue.batch_size(), Some(5));
    assert!(queue.last_modified().is_some());
    let stream = lambda
        .create_event_source_mapping()
        .function_name("pay")
        .event_source_arn(STREAM)
        .starting_position(EventSourcePosition::TrimHorizon)
        .enabled(false)
        .send()
        .await?;
    let in_use = lambda
        .delete_event_source_mapping()
        .uuid(stream.uuid().unwrap_or_default())
        .send()
        .await;
    let in_use = in_use.expect_err("it is being made").into_service_error();
    assert!(in_use.is_resource_in_use_exception(), "{in_use}");
    let listed = lambda
        .list_event_source_mappings()
        .function_name("pay:live")
        .send()
        .await?;
    assert_eq!(listed.event_source_mappings().len(), 1);

    let refused = lambda.list_capacity_providers().send().await;
    let refused = refused.expect_err("it is not simulated");
    assert_eq!(
        refused
            .raw_response()
            .map(|response| response.status().as_u16()),
        Some(501)
    );

    lambda
        .delete_alias()
        .function_name("pay")
        .name("live")
        .send()
        .await?;
    lambda.delete_function().function_name("pay").send().await?;
    let gone = lambda.get_function().function_name("pay").send().await;
    assert!(gone.is_err());
    Ok(())
}

/// Decodes base64. Other characters, such as padding, are ignored.
fn decoded(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}
