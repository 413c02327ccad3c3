//! A function's answer. It is the content of a response file. Without such a file, it is the output of a command that
//! runs the function's code. Without a command, it is `null`.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    ffi::OsString,
    path::PathBuf,
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::process::{self, Ended};
use crate::state::plain::plain;
use crate::{
    operation::{
        Lambda, Result,
        logs::keep::{Pending, events},
    },
    state::{
        error::{Code, ServiceError},
        function::Configuration,
        logs::{self, Log},
    },
    store::{StoreError, package::unpack},
};

/// Maximum size of an answer in bytes. It is slightly larger than the maximum size of an event (AWS documentation of
/// the error).
const ANSWER_LIMIT: usize = 6_291_556;

/// Maximum size, in bytes, of the log that comes with an answer (AWS documentation).
const LOG_LIMIT: usize = 4096;

/// The settings for running functions. All calls of one command line share them.
#[derive(Debug, Default)]
pub struct Runner {
    /// The shell command that produces answers, from `LAMBDRY_INVOKE`. It has precedence over the command in the state
    /// directory.
    pub command: Option<String>,
    /// The environment of the command. AWS's variables are not passed on to the command.
    pub environment: BTreeMap<OsString, OsString>,
    /// True after the user was told that neither a response file nor a command is set.
    pub told: Cell<bool>,
    /// The response file that a user could write. It is set when an invocation finds neither a response file nor a
    /// command.
    pub unanswered: RefCell<Option<PathBuf>>,
    /// The logs of invocations that are not written yet.
    pub logs: Pending,
}

/// An invocation of one version of a function.
#[derive(Debug)]
pub struct Invocation {
    /// The id of this invocation.
    pub request_id: String,
    /// The function's name.
    pub name: String,
    /// The number of the version, or `$LATEST`.
    pub version: String,
    /// The version's configuration.
    pub configuration: Configuration,
}

/// The answer of a function.
#[derive(Debug)]
pub struct Answer {
    /// The bytes of the answer.
    pub payload: Vec<u8>,
    /// True if the bytes describe an error of the function.
    pub failed: bool,
    /// The last 4 KB of the log. The log group gets the complete log.
    pub log: Vec<u8>,
}

impl Invocation {
    /// Runs the version, stores its log and returns its answer. No lock is held while the version runs.
    ///
    /// # Errors
    /// The package cannot be unpacked, or an error of the disk.
    pub fn answer(&self, lambda: &Lambda<'_>, event: Vec<u8>) -> Result<Answer> {
        let clock = &lambda.place.store.clock;
        let began = clock.now();
        let mut answer = self.answered(lambda, event, began)?;
        let log = Log {
            group: self.configuration.logging_config.log_group.clone(),
            stream: self.log_stream(lambda, began),
            began,
            events: events(&answer.log, began, clock.now()),
        };
        lambda.runner.logs.keep(lambda, log)?;
        let over = answer.log.len().saturating_sub(LOG_LIMIT);
        answer.log.drain(..over);
        Ok(answer)
    }

    fn answered(&self, lambda: &Lambda<'_>, event: Vec<u8>, began: Timestamp) -> Result<Answer> {
        let place = lambda.place;
        if let Some(bytes) = place.response(&self.name, &self.version)? {
            return Ok(self.told(Duration::ZERO, tidy(bytes), None, &[]));
        }
        let command = match &lambda.runner.command {
            Some(command) => Some(command.clone()),
            None => place.store.invoke_command()?,
        };
        if let Some(command) = command {
            return self.run(lambda, &command, event, began);
        }
        let file = place.response_file(&self.name);
        if !lambda.runner.told.replace(true) {
            (place.store.patience.notice)(&format!(
                "nothing says what {} answers, so it is null: write the answer to {}, or name a command in LAMBDRY_INVOKE or \
                 {}",
                self.name,
                file.display(),
                place.store.invoke_file().display()
            ));
        }
        *lambda.runner.unanswered.borrow_mut() = Some(file);
        Ok(self.told(Duration::ZERO, b"null".to_vec(), None, &[]))
    }

    fn run(
        &self,
        lambda: &Lambda<'_>,
        command: &str,
        event: Vec<u8>,
        moment: Timestamp,
    ) -> Result<Answer> {
        let folder = tempfile::Builder::new()
            .prefix("lambdry-")
            .tempdir()
            .map_err(|error| StoreError::io("make a folder in", &std::env::temp_dir(), error))?;
        let store = lambda.place.store;
        let kept = &self.configuration;
        if let Some(package) = store.package(&kept.code_sha256)
            && kept.package_type == "Zip"
        {
            let limit = lambda.place.limits()?.code_size_unzipped;
            if !package.is_file() {
                return Err(StoreError::content(&package, "the function's code is not here")
                    .with_hint("the function was imported without its zip: import it again with the zip and \
                        --replace")
                    .into());
            }
            if !unpack(&package, folder.path(), limit)? {
                return Err(ServiceError::new(
                    Code::InvalidZipFileException,
                    "Lambda could not unzip the deployment package.",
                )
                .into());
            }
        }
        let mut shell = shell(command);
        shell.current_dir(folder.path()).env_clear();
        for (name, value) in &lambda.runner.environment {
            if !name.to_string_lossy().starts_with("AWS_") {
                shell.env(name, value);
            }
        }
        shell.envs(kept.environment.iter().flatten());
        shell.envs(self.variables(lambda, moment));
        shell.env("LAMBDA_TASK_ROOT", folder.path());
        let timeout = Duration::from_secs(kept.timeout);
        let began = Instant::now();
        let ended = process::run(shell, event, timeout, ANSWER_LIMIT, logs::INVOCATION);
        let took = if store.clock.is_frozen() {
            Duration::ZERO
        } else {
            began.elapsed()
        };
        let id = &self.request_id;
        let failed = |kind: &str, text: &str, stderr: &[u8]| {
            let payload = json!({ "errorType": kind, "errorMessage": format!("RequestId: {id} Error: {text}") });
            let note = format!("RequestId: {id} Error: {text}\n{kind}\n");
            self.told(took, payload.to_string().into_bytes(), Some(&note), stderr)
        };
        Ok(match ended {
            Err(error) => failed(
                "Runtime.ExitError",
                &format!("the command did not start: {}", plain(&error)),
                &[],
            ),
            Ok(Ended {
                status: None,
                stderr,
                ..
            }) => failed(
                "Sandbox.Timedout",
                &format!("Task timed out after {}.00 seconds", kept.timeout),
                &stderr,
            ),
            Ok(Ended {
                status: Some(status),
                stdout,
                stderr,
            }) if !status.success() => {
                match serde_json::from_slice::<Value>(&stdout) {
                    // The command reported its error in Lambda's own form.
                    Ok(Value::Object(told)) if told.contains_key("errorMessage") => {
                        self.told(took, tidy(stdout), Some(""), &stderr)
                    }
                    _ => failed(
                        "Runtime.ExitError",
                        &format!("Runtime exited with error: {}", ending(status)),
                        &stderr,
                    ),
                }
            }
            Ok(Ended { stdout, stderr, .. }) if stdout.len() > ANSWER_LIMIT => failed(
                "Function.ResponseSizeTooLarge",
                &format!(
                    "Response payload size exceeded maximum allowed payload size ({ANSWER_LIMIT} bytes)."
                ),
                &stderr,
            ),
            Ok(Ended { stdout, stderr, .. }) => self.told(took, tidy(stdout), None, &stderr),
        })
    }

    /// The variables that Lambda sets (AWS documentation, "Defined runtime environment variables"), except access keys.
    fn variables(&self, lambda: &Lambda<'_>, moment: Timestamp) -> Vec<(&'static str, String)> {
        let region = &lambda.place.scope.region;
        let kept = &self.configuration;
        let mut variables = vec![
            ("AWS_REGION", region.clone()),
            ("AWS_DEFAULT_REGION", region.clone()),
            ("AWS_LAMBDA_FUNCTION_NAME", self.name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", self.version.clone()),
            (
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                kept.memory_size.to_string(),
            ),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            (
                "AWS_LAMBDA_LOG_GROUP_NAME",
                kept.logging_config.log_group.clone(),
            ),
            (
                "AWS_LAMBDA_LOG_STREAM_NAME",
                self.log_stream(lambda, moment),
            ),
        ];
        if let Some(handler) = &kept.handler {
            variables.push(("_HANDLER", handler.clone()));
        }
        if let Some(runtime) = &kept.runtime {
            variables.push(("AWS_EXECUTION_ENV", format!("AWS_Lambda_{runtime}")));
        }
        variables
    }

    /// The name of the log stream. A version gets a new stream every day, and after each update, because the update
    /// starts a new sandbox.
    fn log_stream(&self, lambda: &Lambda<'_>, moment: Timestamp) -> String {
        let kept = &self.configuration;
        let day = moment.strftime("%Y/%m/%d");
        let (name, version) = (&self.name, &self.version);
        let scope = &lambda.place.scope;
        let sandbox = format!(
            "{}/{} {name} {version} {} {} {day}",
            scope.account, scope.region, kept.code_sha256, kept.last_modified
        );
        let id = lambda.place.store.ids.alike(&sandbox, 0);
        format!("{day}/[{version}]{}", id.replace('-', ""))
    }

    /// The function's answer with its log. The log consists of START, the output of the code, END and REPORT. `note` is
    /// the text that Lambda adds to the log if the function failed.
    fn told(&self, took: Duration, payload: Vec<u8>, note: Option<&str>, stderr: &[u8]) -> Answer {
        let id = &self.request_id;
        if self.configuration.logging_config.log_format == "JSON" {
            return self.told_in_json(took, payload, note, stderr);
        }
        let mut log = format!("START RequestId: {id} Version: {}\n", self.version).into_bytes();
        log.extend_from_slice(stderr);
        if !log.ends_with(b"\n") {
            log.push(b'\n');
        }
        log.extend_from_slice(note.unwrap_or_default().as_bytes());
        // REPORT has only the time that the code ran.
        let milliseconds = took.as_secs_f64() * 1000.0;
        log.extend_from_slice(
            format!(
                "END RequestId: {id}\nREPORT RequestId: {id}\tDuration: {milliseconds:.2} ms\tBilled Duration: {:.0} ms\t\
                 Memory Size: {memory} MB\tMax Memory Used: {memory} MB\t\n",
                milliseconds.ceil().max(1.0),
                memory = self.configuration.memory_size,
            )
            .as_bytes(),
        );
        Answer {
            payload,
            failed: note.is_some(),
            log,
        }
    }

    /// The answer with its log in the format JSON (AWS documentation, "System log events"). At the level WARN, Lambda
    /// itself writes lines only for failures.
    fn told_in_json(
        &self,
        took: Duration,
        payload: Vec<u8>,
        note: Option<&str>,
        stderr: &[u8],
    ) -> Answer {
        let milliseconds = took.as_secs_f64() * 1000.0;
        let level = self
            .configuration
            .logging_config
            .system_log_level
            .as_deref();
        let warns_alone = level == Some("WARN");
        let start = json!({
            "type": "platform.start",
            "record": { "requestId": self.request_id, "version": self.version },
        });
        let report = json!({
            "type": "platform.report",
            "record": {
                "requestId": self.request_id,
                "metrics": {
                    "durationMs": milliseconds,
                    "billedDurationMs": milliseconds.ceil().max(1.0) as u64,
                    "memorySizeMB": self.configuration.memory_size,
                    "maxMemoryUsedMB": self.configuration.memory_size,
                },
                "status": if note.is_some() { "error" } else { "success" },
            },
        });
        let mut log = Vec::new();
        if !warns_alone {
            log.extend_from_slice(format!("{start}\n").as_bytes());
        }
        log.extend_from_slice(stderr);
        if !log.is_empty() && !log.ends_with(b"\n") {
            log.push(b'\n');
        }
        if !warns_alone || note.is_some() {
            log.extend_from_slice(format!("{report}\n").as_bytes());
        }
        Answer {
            payload,
            failed: note.is_some(),
            log,
        }
    }
}

fn shell(command: &str) -> Command {
    let (program, option) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("sh", "-c")
    };
    let mut shell = Command::new(program);
    shell.args([option, command]);
    shell
}

/// Lambda's words for the way in which a process ended.
fn ending(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal: {signal}");
    }
    format!("exit status {}", status.code().unwrap_or(-1))
}

/// Removes blanks around JSON. An empty answer becomes `null`. Bytes that are not JSON are not changed.
fn tidy(bytes: Vec<u8>) -> Vec<u8> {
    let bare = bytes.trim_ascii();
    if bare.is_empty() {
        return b"null".to_vec();
    }
    if bare.len() < bytes.len() && serde_json::from_slice::<IgnoredAny>(bare).is_ok() {
        return bare.to_vec();
    }
    bytes
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, io::Write as _};

    use base64::{Engine as _, prelude::BASE64_STANDARD};

    use super::*;
    use crate::operation::sandbox::Sandbox;

    /// A sandbox with the function `pay`. That command produces the answers of `pay`.
    fn answering(command: &str) -> Sandbox {
        let mut lambda = Sandbox::new();
        lambda.runner.command = Some(command.to_owned());
        let path = ("PATH", "/usr/local/bin:/usr/bin:/bin");
        for (name, value) in [
            path,
            ("HOME", "/home/me"),
            ("AWS_ACCESS_KEY_ID", "secret"),
            ("AWS_PROFILE", "me"),
        ] {
            lambda.runner.environment.insert(name.into(), value.into());
        }
        lambda.create_with(
            "pay",
            json!({ "Timeout": 1, "Environment": { "Variables": { "STAGE": "live" } } }),
        );
        lambda
    }

    fn invoke(lambda: &Sandbox, name: &str, event: &str) -> (Value, Vec<u8>, String) {
        let spool = lambda.spool(event.as_bytes());
        let mut answer = lambda.call(
            "Invoke",
            json!({ "FunctionName": name, "Payload": spool.handle(), "LogType": "Tail" }),
        );
        let decoded = |text: &Value| {
            BASE64_STANDARD
                .decode(text.as_str().expect("base64"))
                .expect("base64")
        };
        let payload = decoded(&answer["Payload"]);
        let log = String::from_utf8(decoded(&answer["LogResult"])).expect("text");
        let members = answer.as_object_mut().expect("members");
        members.shift_remove("Payload");
        members.shift_remove("LogResult");
        (answer, payload, log)
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn the_command_reads_the_event_beside_the_version_s_code() {
        let lambda = answering("cat index.py - >&2; echo '{\"ok\": true}'");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        let (answer, payload, log) = invoke(&lambda, "pay:1", "{\"a\": 1}");
        assert_eq!(answer, json!({ "StatusCode": 200, "ExecutedVersion": "1" }));
        assert_eq!(text(payload), "{\"ok\": true}");
        assert!(
            log.contains("Version: 1\npay{\"a\": 1}\nEND RequestId: "),
            "{log}"
        );
        let (_, _, log) = invoke(&lambda, "pay", "[]");
        assert!(log.contains("Version: $LATEST\ntwo[]\nEND"), "{log}");
    }

    #[test]
    fn the_command_sees_lambda_s_variables_and_none_of_the_caller_s_keys() {
        let lambda = answering("env; pwd");
        lambda.publish("pay");
        let (_, payload, _) = invoke(&lambda, "pay:1", "{}");
        let told = text(payload);
        for line in [
            "AWS_LAMBDA_FUNCTION_NAME=pay",
            "AWS_LAMBDA_FUNCTION_VERSION=1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
            "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/pay",
            "AWS_EXECUTION_ENV=AWS_Lambda_python3.12",
            "AWS_REGION=us-east-1",
            "_HANDLER=index.handler",
            "STAGE=live",
            "HOME=/home/me",
        ] {
            assert!(told.lines().any(|other| other == line), "{line} in {told}");
        }
        assert!(
            !told.contains("secret") && !told.contains("AWS_PROFILE"),
            "{told}"
        );
        let root = told
            .lines()
            .find_map(|line| line.strip_prefix("LAMBDA_TASK_ROOT="))
            .expect("a folder");
        assert!(!std::path::Path::new(root).exists(), "the folder is gone");
    }

    #[test]
    fn a_failure_is_the_function_s_error() {
        let lambda = answering("echo out; echo trouble >&2; exit 3");
        let (answer, payload, log) = invoke(&lambda, "pay", "{}");
        assert_eq!(
            answer,
            json!({ "StatusCode": 200, "FunctionError": "Unhandled", "ExecutedVersion": "$LATEST" })
        );
        let told: Value = serde_json::from_slice(&payload).expect("JSON");
        assert_eq!(told["errorType"], "Runtime.ExitError");
        let message = told["errorMessage"].as_str().expect("text");
        assert!(
            message.ends_with("Error: Runtime exited with error: exit status 3"),
            "{message}"
        );
        assert!(log.contains("\ntrouble\nRequestId: "), "{log}");
        let lambda = answering("kill -9 $$");
        let (_, payload, _) = invoke(&lambda, "pay", "{}");
        assert!(text(payload).contains("signal: 9"));
    }

    #[test]
    fn a_failure_may_be_told_in_lambda_s_own_form() {
        let own = r#"{"errorMessage": "no money", "errorType": "ValueError"}"#;
        let lambda = answering(&format!("echo '{own}'; exit 1"));
        let (answer, payload, _) = invoke(&lambda, "pay", "{}");
        assert_eq!(answer["FunctionError"], "Unhandled");
        assert_eq!(text(payload), own);
    }

    #[test]
    fn a_command_that_takes_too_long_is_stopped() {
        let lambda = answering("sleep 60 & sleep 60");
        let began = Instant::now();
        let (answer, payload, _) = invoke(&lambda, "pay", "{}");
        assert!(began.elapsed() < Duration::from_secs(20));
        assert_eq!(answer["FunctionError"], "Unhandled");
        let told: Value = serde_json::from_slice(&payload).expect("JSON");
        assert_eq!(told["errorType"], "Sandbox.Timedout");
        let message = told["errorMessage"].as_str().expect("text");
        assert!(
            message.ends_with("Error: Task timed out after 1.00 seconds"),
            "{message}"
        );
    }

    #[test]
    fn no_lock_is_held_while_it_runs() {
        let lambda = answering("");
        let path = lambda.here().join("locks/functions/pay.lock");
        let mut lambda = lambda;
        lambda.runner.command = Some(format!(
            "flock --nonblock --exclusive '{}' true",
            path.display()
        ));
        if Command::new("flock").arg("--version").output().is_ok() {
            let (answer, _, log) = invoke(&lambda, "pay", "{}");
            assert_eq!(answer.get("FunctionError"), None, "{log}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_arrive_as_they_are() {
        let lambda = answering(r"printf '\377\000\n'");
        assert_eq!(invoke(&lambda, "pay", "{}").1, b"\xff\0\n");
        let lambda = answering("true");
        assert_eq!(invoke(&lambda, "pay", "{}").1, b"null");
    }

    #[test]
    fn an_answer_may_be_too_large() {
        let lambda = answering("head -c 6291557 /dev/zero");
        let (answer, payload, _) = invoke(&lambda, "pay", "{}");
        assert_eq!(answer["FunctionError"], "Unhandled");
        let told: Value = serde_json::from_slice(&payload).expect("JSON");
        assert_eq!(told["errorType"], "Function.ResponseSizeTooLarge");
    }

    #[test]
    fn the_command_may_stand_in_the_state_directory() {
        let mut lambda = answering("");
        lambda.runner.command = None;
        fs::write(lambda.root().join("invoke"), "#!/bin/sh\necho '\"file\"'\n").expect("a file");
        assert_eq!(text(invoke(&lambda, "pay", "{}").1), "\"file\"");
        lambda.runner.command = Some("echo '\"variable\"'".to_owned());
        assert_eq!(text(invoke(&lambda, "pay", "{}").1), "\"variable\"");
    }

    #[test]
    fn a_package_that_leads_out_of_its_folder_or_is_spoilt_runs_nothing() {
        let lambda = answering("touch ran");
        let spool = lambda.spool(&crate::operation::sandbox::zip(&[(
            "../../escaped.py",
            b"x",
        )]));
        lambda.call(
            "UpdateFunctionCode",
            json!({ "FunctionName": "pay", "ZipFile": spool.handle() }),
        );
        assert_eq!(
            lambda.error("Invoke", json!({ "FunctionName": "pay" })),
            "(InvalidZipFileException): Lambda could not unzip the deployment package."
        );
    }

    #[test]
    fn compressed_code_is_unpacked_and_what_may_run_may_run() {
        let lambda = answering("./bootstrap");
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .unix_permissions(0o755);
        writer.start_file("bootstrap", options).expect("a name");
        let script = format!("#!/bin/sh\n# {}\necho '\"ran\"'\n", "x".repeat(5000));
        writer.write_all(script.as_bytes()).expect("bytes");
        let spool = lambda.spool(&writer.finish().expect("a zip").into_inner());
        assert!(spool.size < 1000);
        lambda.call(
            "UpdateFunctionCode",
            json!({ "FunctionName": "pay", "ZipFile": spool.handle() }),
        );
        let (answer, payload, log) = invoke(&lambda, "pay", "{}");
        assert_eq!(
            (answer.get("FunctionError"), text(payload)),
            (None, "\"ran\"".to_owned()),
            "{log}"
        );
        fs::write(
            lambda.here().join("account.json"),
            r#"{ "CodeSizeUnzipped": 100 }"#,
        )
        .expect("limits");
        assert_eq!(
            lambda.error("Invoke", json!({ "FunctionName": "pay" })),
            "(InvalidZipFileException): Lambda could not unzip the deployment package."
        );
    }
}
