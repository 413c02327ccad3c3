//! The things that a script takes for granted. If the state has no functions, a function is made when a call first
//! reads or updates it. The ordinary operations make it: an active function with three published versions
//! (`--assume-versions`), `$LATEST` with newer changes, and the requested aliases on the second newest version. If a
//! call requests a version by its number, all versions up to it are published. An S3 bucket is made in the same way. If
//! a function reads a package from a bucket into which nothing was put, the package is made too. A thing is not made if
//! the script itself creates it, deletes it or failed to create it, or if the script's text creates it when it is
//! missing. The first call that shows the package type decides it.
//!
//! Things are made before the call and outside the fault plan. Faults are therefore counted as if the thing had always
//! existed.

use std::{io::Write as _, path::Path, time::Duration};

use serde_json::{Value, json};

use super::{calls::Call, stage::Rehearsal};
use crate::{
    operation::{
        self, Entry, Lambda, Result, find, function::code::assumed_digest,
        invocation::answer::Runner, resolve::Target, version::publish::Publishing,
    },
    state::{
        arn::Scope,
        function::{Configuration, Function, Image},
        pattern,
        version::Version,
    },
    store::{
        Place, Store,
        collection::View,
        package::{Handle, Spool, names},
        stubs,
    },
};

/// The operations that do not expect a function or a bucket to exist. Nothing is made for them.
const OWN_BUSINESS: [&str; 4] = [
    "CreateFunction",
    "DeleteFunction",
    "CreateBucket",
    "DeleteBucket",
];

/// The operations whose `Name` is an alias that is expected to exist.
const OF_ALIASES: [&str; 2] = ["GetAlias", "UpdateAlias"];

/// The number of versions of an assumed function if `--assume-versions` is not given.
pub(crate) const VERSIONS: u64 = 3;

/// The highest version number that is assumed. A higher version counts as one that was never published.
const MOST_VERSIONS: u64 = 1000;

/// The assumptions of a rehearsal.
#[derive(Debug)]
pub(crate) struct Assumptions {
    /// The number of versions that a function gets.
    versions: u64,
    /// Name patterns from the user. The things with matching names exist.
    expected: Vec<String>,
    /// Name patterns from the user. The things with matching names do not exist.
    absent: Vec<String>,
    /// Name patterns from the user. Only things with matching names exist; `None` if things of any name exist.
    only: Option<Vec<String>>,
}

impl Assumptions {
    /// The assumptions of a rehearsal; `None` if the rehearsal assumes nothing.
    pub(crate) fn of(rehearsal: &Rehearsal) -> Option<Self> {
        let is_asked = rehearsal.assume || !rehearsal.expected.is_empty();
        is_asked.then(|| Self {
            versions: rehearsal.assume_versions.unwrap_or(VERSIONS),
            expected: rehearsal.expected.clone(),
            absent: rehearsal.absent.clone(),
            only: (!rehearsal.assume).then(|| rehearsal.expected.clone()),
        })
    }

    /// Makes the things that an operation takes for granted, then calls the operation. Returns the answer and the
    /// things made. `is_its_own` is true if the script itself creates the function that the call names.
    pub(crate) fn call(
        &self,
        lambda: &Lambda<'_>,
        entry: &Entry,
        request: Value,
        is_its_own: &dyn Fn() -> bool,
    ) -> (Vec<String>, Result<Value>) {
        let target = target(lambda, &request);
        let prepared = self
            .prepare_bucket(lambda, entry, &request)
            .and_then(|mut assumed| {
                if let Some(target) = &target {
                    assumed.extend(self.prepare(lambda, entry, &request, target, is_its_own)?);
                }
                Ok(assumed)
            });
        let assumed = match prepared {
            Ok(assumed) => assumed,
            Err(failure) => return (Vec::new(), Err(failure)),
        };
        let text = |name: &str| request.get(name).and_then(Value::as_str);
        let gone = match (entry.name, &target) {
            ("DeleteFunction", Some(target)) if target.qualifier.is_none() => {
                Some(target.name().to_owned())
            }
            ("DeleteAlias", Some(target)) => {
                text("Name").map(|alias| format!("{}:{alias}", target.name()))
            }
            ("DeleteBucket", _) => text("Bucket").map(|bucket| format!("s3://{bucket}")),
            _ => None,
        };
        let wanted = match (entry.name, &target) {
            ("CreateFunction", Some(target)) => Some(target.name().to_owned()),
            ("CreateAlias", Some(target)) => {
                text("Name").map(|alias| format!("{}:{alias}", target.name()))
            }
            ("CreateBucket", _) => text("Bucket").map(|bucket| format!("s3://{bucket}")),
            _ => None,
        };
        let answer = entry.call(lambda, request);
        if let (Err(operation::Failure::Service(_)), Some(wanted)) = (&answer, wanted) {
            let _ = lambda.place.keep_assumed(&failed(&wanted));
        }
        if let (Ok(_), Some(gone)) = (&answer, gone) {
            // The call has already succeeded, so this error is ignored. If the mark is missing, the thing may be
            // assumed a second time, and the report shows that.
            let _ = lambda.place.keep_assumed(&gone);
        }
        (assumed, answer)
    }

    /// Makes the bucket that the call takes for granted, and the package that the call expects in the bucket.
    fn prepare_bucket(
        &self,
        lambda: &Lambda<'_>,
        entry: &Entry,
        request: &Value,
    ) -> Result<Vec<String>> {
        let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
        let code = ["Code", "Content"]
            .iter()
            .find_map(|name| request.get(name));
        let code = code.unwrap_or(request);
        let package = text(code, "S3Bucket").zip(text(code, "S3Key"));
        let bucket = match &package {
            Some((bucket, _)) => Some(bucket.clone()),
            None if OWN_BUSINESS.contains(&entry.name) => None,
            None => text(request, "Bucket"),
        };
        let store = lambda.place.store;
        let Some(bucket) = bucket.filter(|bucket| !self.is_absent(bucket)) else {
            return Ok(Vec::new());
        };
        let known = format!("s3://{bucket}");
        // An invalid bucket name is left to the operation, which refuses it.
        if !matches!(store.s3_bucket(&bucket), Ok(None)) || is_known(lambda, &known)? {
            return Ok(Vec::new());
        }
        let mut wanted = json!({ "Bucket": bucket });
        let region = &lambda.place.scope.region;
        if region != "us-east-1" {
            wanted["CreateBucketConfiguration"] = json!({ "LocationConstraint": region });
        }
        if !quietly(lambda, "CreateBucket", wanted)? {
            return Ok(Vec::new());
        }
        lambda.place.keep_assumed(&known)?;
        let mut assumed = vec![format!("bucket {bucket}")];
        if let Some((bucket, key)) = package
            && put_package(lambda, &bucket, &key)?
        {
            assumed.push(format!("object s3://{bucket}/{key}"));
        }
        Ok(assumed)
    }

    /// Makes the things that the call takes for granted.
    fn prepare(
        &self,
        lambda: &Lambda<'_>,
        entry: &Entry,
        request: &Value,
        target: &Target,
        is_its_own: &dyn Fn() -> bool,
    ) -> Result<Vec<String>> {
        let mut assumed = Vec::new();
        let name = target.name();
        if OWN_BUSINESS.contains(&entry.name) || self.is_absent(name) {
            return Ok(assumed);
        }
        let versions = |lambda: &Lambda<'_>| {
            lambda
                .functions()
                .view(name, |view| Ok(view.head.last_version))
        };
        if versions(lambda)?.is_none() {
            // If a script can create the function, the script starts on an empty state, unless the user said that the
            // function exists.
            let is_said = is_one_of(&self.expected, name);
            if is_known(lambda, name)? {
                return Ok(assumed);
            }
            if !is_said && is_its_own() {
                lambda.place.keep_assumed(&failed(name))?;
                return Ok(assumed);
            }
            if !self.make(lambda, name, request)? {
                return Ok(assumed);
            }
            assumed.push(format!("function {name}"));
        } else if request.get("ImageUri").is_some_and(Value::is_string)
            && lambda.place.is_assumed(name)?
        {
            turn_into_an_image(lambda, target)?;
        }
        if let Some(number) = numbered(entry, request, target)
            && grow(lambda, target, number)?
        {
            assumed.push(format!("version {name}:{number}"));
        }
        let alias = if OF_ALIASES.contains(&entry.name) {
            request.get("Name").and_then(Value::as_str)
        } else {
            target.qualifier.as_deref()
        };
        let Some(alias) = alias.filter(|alias| pattern::matches(pattern::ALIAS, alias)) else {
            return Ok(assumed);
        };
        let missing = lambda
            .functions()
            .view(name, |view| Ok(!view.head.aliases.contains_key(alias)))?
            .unwrap_or_default();
        let known = format!("{name}:{alias}");
        // If the script created the function, the function has only the aliases that the script created.
        if missing
            && lambda.place.is_assumed(name)?
            && !is_known(lambda, &known)?
            && assume_alias(lambda, name, alias)?
        {
            assumed.push(format!("alias {known}"));
        }
        Ok(assumed)
    }

    /// Makes the function with its published versions. Returns false if another process made the function first.
    fn make(&self, lambda: &Lambda<'_>, name: &str, request: &Value) -> Result<bool> {
        let text = |name: &str| request.get(name).and_then(Value::as_str);
        let account = &lambda.place.scope.account;
        let mut wanted = json!({
            "FunctionName": name,
            "Role": format!("arn:{}:iam::{account}:role/assumed", lambda.place.scope.partition()),
            "Publish": true,
        });
        if let Some(architectures) = request.get("Architectures") {
            wanted["Architectures"] = architectures.clone();
        }
        let mut ahead = json!({ "FunctionName": name });
        // The bytes are held until the operations have made packages of them.
        let mut codes: Vec<Spool> = Vec::new();
        if text("ImageUri").is_some() || request.get("ImageConfig").is_some() {
            wanted["PackageType"] = "Image".into();
            wanted["Code"] = json!({ "ImageUri": image_uri(lambda, "1") });
            ahead["ImageUri"] = image_uri(lambda, "2").into();
        } else {
            let (runtime, handler) = runtime(lambda, request)?;
            wanted["Runtime"] = text("Runtime").unwrap_or(runtime).into();
            wanted["Handler"] = text("Handler").unwrap_or(handler).into();
            let (published, newer) = (
                spool(lambda, name)?,
                spool(lambda, &format!("the newer code of {name}"))?,
            );
            wanted["Code"] = json!({ "ZipFile": published.handle() });
            ahead["ZipFile"] = json!(newer.handle());
            codes.extend([published, newer]);
        }
        if !quietly(lambda, "CreateFunction", wanted)? {
            return Ok(false);
        }
        lambda.place.keep_assumed(name)?;
        lambda.place.keep_assumed_versions(name, 1)?;
        grow(lambda, &lambda.target(name, None)?, self.versions)?;
        quietly(lambda, "UpdateFunctionCode", ahead)?;
        drop(codes);
        let head = |view: &View<'_, Function>| Ok(view.head.latest.configuration.digest());
        if let Some(digest) = lambda.functions().view(name, head)? {
            lambda.place.keep_assumed(&as_made(name, &digest))?;
        }
        Ok(true)
    }

    fn is_absent(&self, name: &str) -> bool {
        is_one_of(&self.absent, name)
            || self
                .only
                .as_ref()
                .is_some_and(|only| !is_one_of(only, name))
    }
}

/// Returns true if one of the patterns matches the name.
fn is_one_of(patterns: &[String], name: &str) -> bool {
    let name = [name.to_owned()];
    let mut patterns = patterns.iter();
    patterns.any(|pattern| pattern == "*" || stubs::means(pattern, &name).unwrap_or_default())
}

/// Returns true if a pattern of the user matches the thing that was made, such as `alias pay:live`.
pub(crate) fn is_expected(patterns: &[String], what: &str) -> bool {
    let name = what.split_once(' ').map_or(what, |(_, name)| name);
    let name = name.strip_prefix("s3://").unwrap_or(name);
    is_one_of(patterns, name.split([':', '/']).next().unwrap_or(name))
}

/// The function that a request names, if the function belongs to this account and region.
fn target(lambda: &Lambda<'_>, request: &Value) -> Option<Target> {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let name = text("FunctionName")
        .or_else(|| text("Resource").filter(|arn| arn.contains(":function:")))?;
    // A request that does not name a function is left to the operation, which refuses it.
    lambda.target(name, text("Qualifier")).ok()
}

/// Adds the things that the calls of a run took for granted to `before`. They are added as they were when lambdry made
/// them. `after` is the state that the run left. The next run then finds these things, and a comparison with `before`
/// does not count them as the script's work.
///
/// # Errors
/// A state cannot be read or written.
pub(crate) fn make_before(
    calls: &[Call],
    versions: Option<u64>,
    before: &Store,
    after: &Store,
) -> Result<()> {
    let exchanges = calls.iter().flat_map(|call| &call.exchanges);
    for exchange in exchanges.filter(|exchange| !exchange.assumed.is_empty()) {
        let scope = Scope {
            region: exchange.region.clone(),
            account: exchange.account.clone(),
        };
        let (place, left) = (before.place(scope.clone()), after.place(scope));
        let (runner, publishing) = (Runner::default(), Publishing::default());
        let lambda = Lambda {
            place: &place,
            settle: Duration::ZERO,
            faults: Some(String::new()),
            runner: &runner,
            explained: None,
            publishing: &publishing,
            caller: &crate::operation::sts::caller::Caller::default(),
        };
        let assumptions = Assumptions {
            versions: versions.unwrap_or(VERSIONS),
            expected: Vec::new(),
            absent: Vec::new(),
            only: None,
        };
        for what in &exchange.assumed {
            let Some((kind, name)) = what.split_once(' ') else {
                continue;
            };
            let of = name.split(':').next().unwrap_or(name);
            match kind {
                "function" => {
                    assumptions.make(&lambda, name, &as_it_was(&left, name)?)?;
                }
                "version" => {
                    let number = name.rsplit(':').next().and_then(|it| it.parse().ok());
                    grow(
                        &lambda,
                        &lambda.target(of, None)?,
                        number.unwrap_or_default(),
                    )?;
                }
                "alias" => {
                    let alias = name.rsplit(':').next().unwrap_or_default();
                    assume_alias(&lambda, of, alias)?;
                }
                "bucket" => {
                    assumptions.prepare_bucket(
                        &lambda,
                        find("HeadBucket").expect("an operation"),
                        &json!({ "Bucket": name }),
                    )?;
                }
                "object" => {
                    let path = name.trim_start_matches("s3://");
                    if let Some((bucket, key)) = path.split_once('/') {
                        put_package(&lambda, bucket, key)?;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// A request that creates a function of the same kind as the assumed function. Its settings are those of the assumed
/// function's first version.
fn as_it_was(left: &Place<'_>, name: &str) -> Result<Value> {
    let first = |view: &View<'_, Function>| view.version(1);
    let version = left.all::<Function>().view(name, first)?.flatten();
    let Some(Version { configuration, .. }) = version else {
        return Ok(json!({}));
    };
    Ok(json!({
        "Runtime": configuration.runtime,
        "Handler": configuration.handler,
        "Architectures": configuration.architectures,
        "ImageUri": configuration.image.map(|image| image.image_uri),
    }))
}

/// Makes an alias of an assumed function. Returns false if the operation refuses to make the alias.
fn assume_alias(lambda: &Lambda<'_>, name: &str, alias: &str) -> Result<bool> {
    // A release moves the alias to the newest version. A rollback needs a version that is older than the alias's
    // version.
    let version = lambda
        .place
        .assumed_versions(name)?
        .saturating_sub(1)
        .max(1);
    let request = json!({
        "FunctionName": name, "Name": alias, "FunctionVersion": version.to_string(),
    });
    let made = quietly(lambda, "CreateAlias", request)?;
    if made {
        lambda.place.keep_assumed(&format!("{name}:{alias}"))?;
    }
    Ok(made)
}

/// Puts an assumed package into a bucket. Returns false if the operation refuses the package.
fn put_package(lambda: &Lambda<'_>, bucket: &str, key: &str) -> Result<bool> {
    let spool = spool(lambda, &format!("s3://{bucket}/{key}"))?;
    let wanted = json!({ "Bucket": bucket, "Key": key, "Body": spool.handle() });
    quietly(lambda, "PutObject", wanted)
}

/// The number of the version that a request takes for granted, because the request reads this version or points an
/// alias to it.
fn numbered(entry: &Entry, request: &Value, target: &Target) -> Option<u64> {
    let leads = matches!(entry.name, "CreateAlias" | "UpdateAlias");
    let led = request.get("FunctionVersion").and_then(Value::as_str);
    let asked = led.filter(|_| leads).or(target.qualifier.as_deref())?;
    asked.parse().ok()
}

/// Makes versions of an assumed function up to the given number, with the code of the newest version. Returns false if
/// the script has published a version itself, or if the function already has enough versions.
fn grow(lambda: &Lambda<'_>, target: &Target, upto: u64) -> Result<bool> {
    let name = target.name();
    let so_far = lambda.place.assumed_versions(name)?;
    if so_far == 0 || so_far >= upto || upto > MOST_VERSIONS {
        return Ok(false);
    }
    let grown = lambda.edit(target, "the assumed versions", |edit| {
        let last = edit.head.last_version;
        let newest = match last == so_far {
            true => edit.version(last)?,
            false => None,
        };
        let Some(newest) = newest else {
            return Ok(false);
        };
        for number in last + 1..=upto {
            let version = Version {
                version: number.to_string(),
                revision_id: edit.next_id(),
                published: edit.now,
                configuration: newest.configuration.clone(),
            };
            edit.publish(number, version);
        }
        let size = newest.configuration.code_size.saturating_mul(upto - last);
        edit.head.code_size = edit.head.code_size.saturating_add(size);
        edit.head.last_version = upto;
        if let Some(published) = &mut edit.head.published {
            published.version = upto.to_string();
        }
        Ok(true)
    })?;
    if grown {
        lambda.place.keep_assumed_versions(name, upto)?;
    }
    Ok(grown)
}

/// The URI of an assumed image.
fn image_uri(lambda: &Lambda<'_>, tag: &str) -> String {
    let scope = &lambda.place.scope;
    format!(
        "{}.dkr.ecr.{}.amazonaws.com/assumed:{tag}",
        scope.account, scope.region
    )
}

/// The mark for a thing that the script failed to create, or creates only if it is missing. lambdry does not assume
/// such a thing. No name begins with this character.
fn failed(name: &str) -> String {
    format!("!{name}")
}

/// Returns true if lambdry has already made the thing, if the script deleted it, or if the script failed to create it.
fn is_known(lambda: &Lambda<'_>, name: &str) -> Result<bool> {
    Ok(lambda.place.is_assumed(name)? || lambda.place.is_assumed(&failed(name))?)
}

/// The mark of the record that keeps the first state of `$LATEST` of an assumed function. No name contains this
/// character.
fn as_made(name: &str, digest: &str) -> String {
    format!("{name}={digest}")
}

/// Turns an assumed function and its versions into an image function, because a later call shows that the function has
/// an image. A function that the script has changed stays as it is.
fn turn_into_an_image(lambda: &Lambda<'_>, target: &Target) -> Result<()> {
    let name = target.name();
    let versions = lambda.place.assumed_versions(name)?;
    let head = |view: &View<'_, Function>| {
        let latest = &view.head.latest.configuration;
        let is_zip = latest.package_type == "Zip" && view.head.last_version == versions;
        Ok(is_zip.then(|| latest.digest()))
    };
    let Some(Some(digest)) = lambda.functions().view(name, head)? else {
        return Ok(());
    };
    if !lambda.place.is_assumed(&as_made(name, &digest))? {
        return Ok(());
    }
    let image = |configuration: &mut Configuration, tag: &str| {
        let image_uri = image_uri(lambda, tag);
        let digest = assumed_digest(&image_uri);
        let repository = image_uri.trim_end_matches(&format!(":{tag}"));
        configuration.package_type = "Image".to_owned();
        (configuration.runtime, configuration.handler) = (None, None);
        (configuration.runtime_version_arn, configuration.code_size) = (None, 0);
        configuration.image = Some(Image {
            resolved_image_uri: format!("{repository}@sha256:{digest}"),
            image_uri,
        });
        configuration.code_sha256 = digest;
    };
    lambda.edit(target, "the assumed kind of package", |edit| {
        for number in 1..=versions {
            // If the script has deleted a version, the version stays deleted.
            let Some(mut version) = edit.version(number)? else {
                continue;
            };
            image(&mut version.configuration, "1");
            if let Some(published) = &mut edit.head.published
                && published.version == version.version
            {
                published.digest = version.configuration.digest();
            }
            edit.publish(number, version);
        }
        edit.head.code_size = 0;
        image(&mut edit.head.latest.configuration, "2");
        Ok(())
    })
}

/// Runs an operation outside the fault plan; its changes complete at once. Returns false if the service refuses the
/// operation.
fn quietly(lambda: &Lambda<'_>, operation: &str, request: Value) -> Result<bool> {
    let quiet = Lambda {
        place: lambda.place,
        settle: Duration::ZERO,
        faults: Some(String::new()),
        runner: lambda.runner,
        explained: None,
        publishing: lambda.publishing,
        caller: lambda.caller,
    };
    let Some(entry) = find(operation) else {
        return Ok(false);
    };
    match entry.call(&quiet, request) {
        Ok(_) => Ok(true),
        Err(operation::Failure::Service(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// The runtime and the handler for the code in a request. They are guessed from the names of the files in the code.
fn runtime(lambda: &Lambda<'_>, request: &Value) -> Result<(&'static str, &'static str)> {
    let zip = request
        .get("ZipFile")
        .and_then(|zip| serde_json::from_value::<Handle>(zip.clone()).ok());
    let files = match zip {
        Some(zip) => names(&lambda.place.store.spooled(&zip))?,
        None => Vec::new(),
    };
    let has = |end: &str| files.iter().any(|file| file.ends_with(end));
    Ok(if files.iter().any(|file| file == "bootstrap") {
        ("provided.al2023", "bootstrap")
    } else if has(".py") {
        ("python3.13", "lambda_function.lambda_handler")
    } else if has(".class") || has(".jar") {
        ("java21", "example.Handler::handleRequest")
    } else if has(".rb") {
        ("ruby3.4", "lambda_function.lambda_handler")
    } else if has(".dll") {
        ("dotnet8", "Function::Function.Function::FunctionHandler")
    } else {
        ("nodejs22.x", "index.handler")
    })
}

fn spool(lambda: &Lambda<'_>, of: &str) -> Result<Spool> {
    let store = lambda.place.store;
    store.spool(&mut package(of).as_slice(), Path::new("the assumed code"))
}

/// The package of an assumed thing. The same thing always gets the same bytes.
fn package(of: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    zip.start_file("assumed.txt", options)
        .and_then(|()| {
            let text =
                format!("A rehearsal assumed {of}. Import the real one to rehearse against it.\n");
            Ok(zip.write_all(text.as_bytes())?)
        })
        .and_then(|()| zip.finish())
        .expect("a zip in memory can be written")
        .into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::sandbox::{Sandbox, zip};

    /// Calls an operation in a rehearsal that assumes things. If the operation refuses the request, the error must be
    /// `ResourceNotFoundException`.
    fn call(
        lambda: &Sandbox,
        absent: &[&str],
        operation: &str,
        request: Value,
    ) -> (Vec<String>, std::result::Result<Value, String>) {
        let assumptions = Assumptions {
            versions: VERSIONS,
            expected: Vec::new(),
            absent: absent.iter().map(|name| (*name).to_owned()).collect(),
            only: None,
        };
        let entry = find(operation).expect("an operation");
        let (assumed, answer) = lambda
            .with_lambda(|lambda| Ok(assumptions.call(lambda, entry, request, &|| false)))
            .expect("a state");
        let refused = |failure| match failure {
            operation::Failure::Service(error) => error.code.name().to_owned(),
            other => other.to_string(),
        };
        (assumed, answer.map_err(refused))
    }

    #[test]
    fn a_function_that_is_read_is_there_active_with_three_versions_and_latest_ahead() {
        let lambda = Sandbox::new();
        lambda.settle.set(Duration::from_secs(2));
        let request = json!({ "FunctionName": "pay" });
        let (assumed, answer) = call(&lambda, &[], "GetFunction", request.clone());
        assert_eq!(assumed, ["function pay"]);
        let configuration = answer.expect("an answer")["Configuration"].take();
        assert_eq!(
            (&configuration["State"], &configuration["LastUpdateStatus"]),
            (&json!("Active"), &json!("Successful"))
        );
        let (assumed, versions) = call(&lambda, &[], "ListVersionsByFunction", request);
        assert!(assumed.is_empty());
        let versions = versions.expect("an answer")["Versions"].take();
        let of = |member: &str| -> Vec<String> {
            let versions = versions.as_array().into_iter().flatten();
            versions
                .map(|version| version[member].to_string())
                .collect()
        };
        assert_eq!(
            of("Version"),
            [r#""$LATEST""#, r#""1""#, r#""2""#, r#""3""#]
        );
        let code = of("CodeSha256");
        assert!(code[0] != code[3] && code[2] == code[3]);
        let request = json!({ "FunctionName": "pay" });
        let (_, published) = call(&lambda, &[], "PublishVersion", request);
        assert_eq!(published.expect("an answer")["Version"], "4");
    }

    #[test]
    fn a_version_that_is_asked_for_by_its_number_was_published_and_all_before_it() {
        let lambda = Sandbox::new();
        let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "7" });
        let (assumed, answer) = call(&lambda, &[], "UpdateAlias", alias);
        assert_eq!(assumed, ["function pay", "version pay:7", "alias pay:live"]);
        assert_eq!(answer.expect("an answer")["FunctionVersion"], "7");
        let read = |number: u64| {
            let request = json!({ "FunctionName": "pay", "Qualifier": number.to_string() });
            call(&lambda, &[], "GetFunction", request)
        };
        for number in 1..=7 {
            let (assumed, answer) = read(number);
            assert!(assumed.is_empty() && answer.is_ok(), "{number}");
        }
        assert_eq!(read(9).0, ["version pay:9"]);
        assert!(read(5000).1.is_err(), "no function has as many");
        // After this, the script itself publishes the versions.
        let request = json!({ "FunctionName": "pay" });
        let (_, published) = call(&lambda, &[], "PublishVersion", request);
        assert_eq!(published.expect("an answer")["Version"], "10");
        let (assumed, answer) = read(11);
        assert!(assumed.is_empty() && answer.is_err());
    }

    #[test]
    fn an_update_finds_a_function_of_its_own_kind_in_progress_afterwards() {
        let lambda = Sandbox::new();
        lambda.settle.set(Duration::from_secs(2));
        let image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/pay:7";
        let request = json!({ "FunctionName": "pay", "ImageUri": image });
        let (_, updated) = call(&lambda, &[], "UpdateFunctionCode", request);
        let updated = updated.expect("an answer");
        assert_eq!(
            (&updated["PackageType"], &updated["LastUpdateStatus"]),
            (&json!("Image"), &json!("InProgress"))
        );
        let spool = lambda.spool(&zip(&[("app.py", b"x")]));
        let request = json!({ "FunctionName": "ship", "ZipFile": spool.handle() });
        let (_, updated) = call(&lambda, &[], "UpdateFunctionCode", request);
        let runtime = updated.expect("an answer")["Runtime"].take();
        assert!(
            runtime
                .as_str()
                .is_some_and(|runtime| runtime.starts_with("python"))
        );
        let (_, published) = call(
            &lambda,
            &[],
            "PublishVersion",
            json!({ "FunctionName": "ship" }),
        );
        assert_eq!(published, Err("ResourceConflictException".to_owned()));
        let request = json!({ "FunctionName": "go", "Runtime": "provided.al2" });
        let (_, updated) = call(&lambda, &[], "UpdateFunctionConfiguration", request);
        assert_eq!(updated.expect("an answer")["Runtime"], "provided.al2");
    }

    #[test]
    fn what_kind_of_package_a_function_has_is_open_until_a_call_says_so() {
        let lambda = Sandbox::new();
        let alias = json!({ "FunctionName": "pay", "Name": "live" });
        assert!(call(&lambda, &[], "GetAlias", alias.clone()).1.is_ok());
        let image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/pay:7";
        let request = json!({ "FunctionName": "pay", "ImageUri": image });
        let (_, updated) = call(&lambda, &[], "UpdateFunctionCode", request);
        assert_eq!(updated.expect("an answer")["PackageType"], "Image");
        let (assumed, answer) = call(&lambda, &[], "GetAlias", alias);
        assert_eq!(
            (
                assumed.len(),
                &answer.expect("an answer")["FunctionVersion"]
            ),
            (0, &json!("2"))
        );
        let request = json!({ "FunctionName": "pay", "Qualifier": "2" });
        let (_, version) = call(&lambda, &[], "GetFunction", request);
        let version = version.expect("an answer");
        assert_eq!(version["Code"]["RepositoryType"], "ECR");
        // A function that the script has changed stays as it was.
        let configured = json!({ "FunctionName": "ship", "Timeout": 9 });
        assert!(
            call(&lambda, &[], "UpdateFunctionConfiguration", configured)
                .1
                .is_ok()
        );
        let request = json!({ "FunctionName": "ship", "ImageUri": image });
        let (_, refused) = call(&lambda, &[], "UpdateFunctionCode", request);
        assert_eq!(refused, Err("InvalidParameterValueException".to_owned()));
    }

    #[test]
    fn a_function_that_the_script_asks_for_and_creates_is_not_assumed_unless_somebody_says_so() {
        let assumed = |lambda: &Sandbox, expected: &[&str], operation: &str, its_own: bool| {
            let assumptions = Assumptions {
                versions: VERSIONS,
                expected: expected.iter().map(|name| (*name).to_owned()).collect(),
                absent: Vec::new(),
                only: None,
            };
            let entry = find(operation).expect("an operation");
            let request = json!({ "FunctionName": "pay" });
            let call =
                |lambda: &Lambda<'_>| Ok(assumptions.call(lambda, entry, request, &|| its_own));
            lambda.with_lambda(call).expect("a state").0.len()
        };
        let lambda = Sandbox::new();
        assert_eq!(assumed(&lambda, &[], "GetFunction", true), 0);
        let updated = assumed(&lambda, &[], "ListAliases", false);
        assert_eq!(updated, 0, "it was told that there is none");
        assert_eq!(assumed(&Sandbox::new(), &["p*"], "GetFunction", true), 1);
        assert_eq!(assumed(&Sandbox::new(), &[], "GetFunction", false), 1);
    }

    #[test]
    fn what_the_script_failed_to_create_is_not_assumed() {
        let lambda = Sandbox::new();
        let pay = json!({ "FunctionName": "pay" });
        let created = call(&lambda, &[], "CreateFunction", pay.clone()).1;
        assert!(created.is_err());
        let (assumed, answer) = call(&lambda, &[], "GetFunction", pay);
        assert_eq!(
            (assumed, answer),
            (Vec::new(), Err("ResourceNotFoundException".to_owned()))
        );
        let ship = json!({ "FunctionName": "ship", "Name": "live", "FunctionVersion": "7000" });
        assert!(call(&lambda, &[], "CreateAlias", ship).1.is_err());
        let alias = json!({ "FunctionName": "ship", "Name": "live" });
        let (assumed, answer) = call(&lambda, &[], "GetAlias", alias);
        assert!(assumed.is_empty() && answer.is_err());
    }

    #[test]
    fn an_alias_that_is_asked_for_is_on_the_second_newest_but_not_one_of_a_function_of_the_script()
    {
        let lambda = Sandbox::new();
        let alias = json!({ "FunctionName": "pay", "Name": "live" });
        let (assumed, answer) = call(&lambda, &[], "GetAlias", alias.clone());
        assert_eq!(assumed, ["function pay", "alias pay:live"]);
        assert_eq!(answer.expect("an answer")["FunctionVersion"], "2");
        let invoked = json!({ "FunctionName": "pay:test" });
        let (assumed, answer) = call(&lambda, &[], "GetFunction", invoked);
        assert_eq!(
            (assumed, answer.is_ok()),
            (vec!["alias pay:test".to_owned()], true)
        );
        let (_, deleted) = call(&lambda, &[], "DeleteAlias", alias.clone());
        assert!(deleted.is_ok());
        let (assumed, answer) = call(&lambda, &[], "GetAlias", alias);
        assert_eq!(
            (assumed, answer),
            (Vec::new(), Err("ResourceNotFoundException".to_owned()))
        );
        lambda.create("own");
        let (assumed, answer) = call(
            &lambda,
            &[],
            "GetAlias",
            json!({ "FunctionName": "own", "Name": "live" }),
        );
        assert_eq!(
            (assumed, answer),
            (Vec::new(), Err("ResourceNotFoundException".to_owned()))
        );
    }

    #[test]
    fn what_is_absent_created_or_deleted_is_not_assumed() {
        let lambda = Sandbox::new();
        let pay = json!({ "FunctionName": "pay" });
        for (absent, operation) in [
            (&["pay"][..], "GetFunction"),
            (&["p*"], "ListAliases"),
            (&[], "DeleteFunction"),
        ] {
            let (assumed, answer) = call(&lambda, absent, operation, pay.clone());
            assert_eq!(
                (assumed, answer),
                (Vec::new(), Err("ResourceNotFoundException".to_owned())),
                "{operation}"
            );
        }
        lambda.create("pay");
        let (_, deleted) = call(&lambda, &[], "DeleteFunction", pay.clone());
        assert!(deleted.is_ok());
        let (assumed, answer) = call(&lambda, &[], "GetFunction", pay);
        assert_eq!(
            (assumed, answer),
            (Vec::new(), Err("ResourceNotFoundException".to_owned()))
        );
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:far";
        let (assumed, answer) = call(&lambda, &[], "GetFunction", json!({ "FunctionName": arn }));
        assert_eq!(
            (assumed, answer),
            (Vec::new(), Err("ResourceNotFoundException".to_owned()))
        );
    }

    #[test]
    fn a_bucket_is_there_and_a_package_only_where_nobody_could_have_put_it() {
        let lambda = Sandbox::new();
        let put = json!({ "Bucket": "builds", "Key": "a.zip" });
        let (assumed, answer) = call(&lambda, &[], "PutObject", put);
        assert_eq!(
            (assumed, answer.is_ok()),
            (vec!["bucket builds".to_owned()], true)
        );
        let update = |bucket: &str, key: &str| {
            let request = json!({ "FunctionName": "pay", "S3Bucket": bucket, "S3Key": key });
            call(&lambda, &[], "UpdateFunctionCode", request)
        };
        let (assumed, answer) = update("other", "app/7.zip");
        assert_eq!(
            assumed,
            [
                "bucket other",
                "object s3://other/app/7.zip",
                "function pay"
            ]
        );
        let (_, published) = call(
            &lambda,
            &[],
            "PublishVersion",
            json!({ "FunctionName": "pay" }),
        );
        assert_eq!(
            (answer.is_ok(), &published.expect("an answer")["Version"]),
            (true, &json!("4"))
        );
        for (bucket, key) in [("builds", "b.zip"), ("other", "b.zip")] {
            let (assumed, answer) = update(bucket, key);
            assert_eq!((assumed, answer.is_err()), (Vec::new(), true), "{bucket}");
        }
        let request = json!({ "Bucket": "third" });
        let (assumed, answer) = call(&lambda, &["third"], "HeadBucket", request.clone());
        assert_eq!((assumed, answer.is_err()), (Vec::new(), true));
        assert!(
            call(&lambda, &[], "CreateBucket", request.clone())
                .1
                .is_ok()
        );
        assert!(
            call(&lambda, &[], "DeleteBucket", request.clone())
                .1
                .is_ok()
        );
        let (assumed, answer) = call(&lambda, &[], "HeadBucket", request);
        assert_eq!((assumed, answer.is_err()), (Vec::new(), true));
    }

    #[test]
    fn faults_count_as_if_it_had_been_there() {
        let mut lambda = Sandbox::new();
        lambda.faults = Some("CreateFunction#1=ServiceException CreateAlias#1=ServiceException GetAlias#2=ServiceException".to_owned());
        let alias = json!({ "FunctionName": "pay", "Name": "live" });
        assert!(call(&lambda, &[], "GetAlias", alias.clone()).1.is_ok());
        assert_eq!(
            call(&lambda, &[], "GetAlias", alias).1,
            Err("ServiceException".to_owned())
        );
        let request = json!({ "FunctionName": "pay", "Name": "next", "FunctionVersion": "1" });
        assert_eq!(
            call(&lambda, &[], "CreateAlias", request).1,
            Err("ServiceException".to_owned())
        );
    }
}
