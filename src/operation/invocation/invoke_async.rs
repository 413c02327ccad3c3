//! `InvokeAsync`: puts an event into a queue, as Invoke with the type Event does. Deprecated.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::invoke::{InvocationRequest, refuse_unqueued};
use crate::{
    operation::{Lambda, Operation, Result, blob::Blob},
    state::name::NamespacedFunctionName,
};

/// Maximum size of an event in bytes (AWS documentation). Invoke accepts larger queued events.
const LIMIT: u64 = 262_144;

/// Request of InvokeAsync.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct InvokeAsyncRequest {
    /// The name or ARN of the Lambda function.
    function_name: NamespacedFunctionName,
    /// The event, as JSON.
    invoke_args: Blob,
}

/// Response of InvokeAsync.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct InvokeAsyncResponse {
    /// The HTTP status, 202.
    status: u16,
}

impl Operation for InvokeAsyncRequest {
    const NAME: &'static str = "InvokeAsync";
    const ROUTE: &'static str = "POST /2014-11-13/functions/{FunctionName}/invoke-async 202";
    const WIRE: &'static str = "InvokeArgs@payload Status@status";
    const ABOUT: &'static str = "Queues an event for a Lambda function. Deprecated: use invoke with --invocation-type Event.";
    type Response = InvokeAsyncResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<InvokeAsyncResponse> {
        refuse_unqueued(self.invoke_args.0.code_size, LIMIT)?;
        InvocationRequest::queued(self.function_name, self.invoke_args).call(lambda)?;
        Ok(InvokeAsyncResponse { status: 202 })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn an_event_is_queued_and_nothing_is_heard_of_its_answer() {
        let lambda = Sandbox::with("pay");
        let event = lambda.spool(b"{}");
        let request = |name: &str| json!({ "FunctionName": name, "InvokeArgs": event.handle() });
        assert_eq!(
            lambda.call("InvokeAsync", request("pay")),
            json!({ "Status": 202 })
        );
        assert_eq!(
            lambda.error("InvokeAsync", request("nope")),
            "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope:$LATEST"
        );
    }

    #[test]
    fn an_event_is_json_and_has_at_most_262144_bytes() {
        let lambda = Sandbox::with("pay");
        let told = |bytes: &[u8]| {
            let event = lambda.spool(bytes);
            lambda.error(
                "InvokeAsync",
                json!({ "FunctionName": "pay", "InvokeArgs": event.handle() }),
            )
        };
        assert!(told(b"{").starts_with(
            "(InvalidRequestContentException): Could not parse request body into json: Could not parse payload into json: "
        ));
        assert_eq!(
            told(&[b' '; 262_145]),
            "(RequestEntityTooLargeException): 262145 byte payload is too large for the Event invocation type (limit 262144 \
             bytes)"
        );
    }
}
