//! The state directory and the files that both sides use.

use std::{fs, io::Write, path::Path};

use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{Place, ours};

/// The moment at which time stands still.
pub(crate) const NOW: &str = "2026-11-22T12:00:00Z";

/// The numbers of items in the listings: none, one, a page, one more than a page, and more than two pages.
pub(crate) const SIZES: [usize; 5] = [0, 1, 50, 51, 120];

/// The files that lines may name.
pub(crate) fn files(work: &Path) {
    fs::create_dir_all(work).expect("a folder");
    let write = |name: &str, content: &[u8]| fs::write(work.join(name), content).expect("a file");
    write("config", b"");
    for (name, content) in [("f.zip", "def handler(): 1"), ("g.zip", "def handler(): 2")] {
        let mut zip = ZipWriter::new(fs::File::create(work.join(name)).expect("a file"));
        // Stored with the earliest time of the zip format, so the bytes are the same in every run.
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default());
        zip.start_file("app.py", options).expect("a member");
        zip.write_all(content.as_bytes()).expect("its content");
        zip.finish().expect("a zip");
    }
    write("v.txt", b"from a file\n");
    write("bom.json", b"\xef\xbb\xbf{\"Timeout\": 3}");
    write("bin", b"\xff\xfe\x00");
    write(
        "input.json",
        br#"{"FunctionName": "pay", "Description": "from the input"}"#,
    );
    write(
        "env.json",
        br#"{"Variables": {"AA": "1", "BB": "two words"}}"#,
    );
    write(
        "profiles",
        b"[default]\nregion = eu-west-1\n[profile dev]\nregion = us-west-2\noutput = text\n",
    );
    write("broken", b"[default\n");
    write(
        "keys",
        b"[kept]\naws_access_key_id = A\naws_secret_access_key = B\n",
    );
    write(
        "odd-timestamps",
        b"[default]\ncli_timestamp_format = bogus\n",
    );
    write("odd-bytes", b"[default]\ncli_binary_format = bogus\n");
    fs::create_dir_all(work.join("aliased/.aws/cli")).expect("a folder");
    write("aliased/.aws/cli/alias", ALIASES);
}

const ALIASES: &[u8] = b"[toplevel]
live = lambda get-alias --function-name pay --name live
say = !f() { echo \"said:$1:$2\"; }; f
fails = !exit 3
open = lambda \"get-alias
keyed = lambda list-functions --profile x
nothing =
[command lambda]
cfg = get-function-configuration --query Timeout
list-functions = list-versions-by-function --query Versions[].Version --output text
said = !echo said
";

/// A state with functions to read, and listings of every size.
pub(crate) fn build(state: &Path, place: &Place<'_>) {
    let mut env = place.env.clone();
    env.insert(
        "LAMBDRY_STATE_DIR".to_owned(),
        state.to_string_lossy().into_owned(),
    );
    let at = Place {
        env: &env,
        cwd: place.cwd,
    };
    let call = |line: &str| {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let ended = ours(&words, &at);
        assert_eq!(ended.code, 0, "{line}: {}", ended.err);
    };
    let create = |name: &str, region: &str| {
        call(&format!(
            "lambda create-function --function-name {name} --runtime python3.12 --handler app.handler \
             --role arn:aws:iam::123456789012:role/r1 --zip-file fileb://f.zip --region {region}"
        ));
    };
    call(
        "lambda create-function --function-name pay --runtime python3.12 --handler app.handler \
         --role arn:aws:iam::123456789012:role/r1 --zip-file fileb://f.zip --timeout 30 --publish \
         --environment Variables={STAGE=prod,WORDS=é✓} --tags team=pay,x=y",
    );
    call("lambda update-function-configuration --function-name pay --description second,\u{a0}é");
    call("lambda publish-version --function-name pay");
    call("lambda update-function-code --function-name pay --zip-file fileb://g.zip --publish");
    call("lambda create-alias --function-name pay --name live --function-version 1");
    call(
        "lambda update-alias --function-name pay --name live --routing-config AdditionalVersionWeights={2=0.1}",
    );
    call(
        "lambda create-alias --function-name pay --name prod --function-version 2 --description stable",
    );
    create("bare", "us-east-1");
    for line in RICH {
        call(line);
    }
    let [csc, _] = &names(state, place)[..] else {
        unreachable!("there are two");
    };
    call(&format!(
        "lambda create-function --function-name signed --runtime python3.12 --handler app.handler \
         --role arn:aws:iam::123456789012:role/r1 --zip-file fileb://f.zip --code-signing-config-arn {}",
        csc.1
    ));
    // The function gets a stored response. Without one, an invocation would print a message about that.
    let responses = state.join("123456789012/us-east-1/responses");
    fs::create_dir(&responses).expect("a folder");
    fs::write(responses.join("rich.json"), "{\"paid\": \"✓\"}\n").expect("an answer");
    fs::write(state.join("invoke"), "echo no >&2; exit 1").expect("a command");
    for (size, region) in SIZES.iter().zip(REGIONS) {
        for number in 0..*size {
            create(&format!("f{number:03}"), region);
        }
    }
    for size in SIZES {
        let name = format!("v{size}");
        create(&name, "us-east-1");
        for number in 1..=size {
            call(&format!(
                "lambda update-function-configuration --function-name {name} --description {number}"
            ));
            call(&format!("lambda publish-version --function-name {name}"));
        }
    }
    for size in SIZES {
        for number in 0..size {
            call(&format!(
                "lambda create-alias --function-name v{size} --name a{number:03} --function-version 1"
            ));
        }
    }
}

/// A region for each size of a list of functions.
pub(crate) const REGIONS: [&str; 5] = [
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
];

/// Copies the parts of the state that a line may read or change. They are in one region.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a readable folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name();
        // The functions of the listings are not copied, because a copy would be slow.
        if name.to_str().is_some_and(|name| {
            REGIONS.contains(&name) || (name.starts_with('v') && name[1..].parse::<u32>().is_ok())
        }) {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type().expect("its kind").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// Layers, and a function with every kind of setting.
const RICH: &[&str] = &[
    "lambda publish-layer-version --layer-name tools --zip-file fileb://f.zip --compatible-runtimes python3.12 nodejs22.x \
     --compatible-architectures arm64 --license-info MIT --description é",
    "lambda publish-layer-version --layer-name tools --zip-file fileb://g.zip",
    "lambda publish-layer-version --layer-name fonts --zip-file fileb://g.zip --compatible-runtimes python3.12",
    "lambda add-layer-version-permission --layer-name tools --version-number 1 --statement-id one \
     --action lambda:GetLayerVersion --principal 210987654321",
    "lambda create-function --function-name rich --runtime python3.12 --handler app.handler \
     --role arn:aws:iam::123456789012:role/r1 --zip-file fileb://f.zip --publish --tags team=pay,b=é \
     --layers arn:aws:lambda:us-east-1:123456789012:layer:tools:1 arn:aws:lambda:us-east-1:210987654321:layer:x:2",
    "lambda update-function-code --function-name rich --zip-file fileb://g.zip --publish",
    "lambda create-alias --function-name rich --name live --function-version 1",
    "lambda create-alias --function-name rich --name next --function-version 2",
    "lambda add-permission --function-name rich --statement-id s3 --action lambda:InvokeFunction \
     --principal s3.amazonaws.com --source-arn arn:aws:s3:::bucket --source-account 123456789012",
    "lambda add-permission --function-name rich --qualifier live --statement-id all --action lambda:InvokeFunctionUrl \
     --principal * --function-url-auth-type NONE",
    "lambda put-function-concurrency --function-name rich --reserved-concurrent-executions 20",
    "lambda put-provisioned-concurrency-config --function-name rich --qualifier live --provisioned-concurrent-executions 3",
    "lambda put-provisioned-concurrency-config --function-name rich --qualifier 2 --provisioned-concurrent-executions 2",
    "lambda create-function-url-config --function-name rich --auth-type AWS_IAM \
     --cors AllowOrigins=https://a.example,https://b.example,AllowMethods=GET,MaxAge=60,AllowCredentials=true",
    "lambda create-function-url-config --function-name rich --qualifier live --auth-type NONE --invoke-mode RESPONSE_STREAM",
    "lambda put-function-event-invoke-config --function-name rich --maximum-retry-attempts 0 \
     --destination-config OnFailure={Destination=arn:aws:sqs:us-east-1:123456789012:q}",
    "lambda put-function-event-invoke-config --function-name rich --qualifier live --maximum-event-age-in-seconds 60",
    "lambda put-function-recursion-config --function-name rich --recursive-loop Allow",
    "lambda put-runtime-management-config --function-name rich --update-runtime-on FunctionUpdate",
    "lambda create-event-source-mapping --function-name rich:live --event-source-arn arn:aws:sqs:us-east-1:123456789012:jobs \
     --batch-size 5 --maximum-batching-window-in-seconds 3",
    "lambda create-event-source-mapping --function-name rich --event-source-arn arn:aws:kinesis:us-east-1:123456789012:stream/s \
     --starting-position LATEST --no-enabled --filter-criteria {\"Filters\":[{\"Pattern\":\"{\\\"data\\\":{\\\"a\\\":[1]}}\"}]}",
    "lambda put-function-scaling-config --function-name rich --qualifier 2 \
     --function-scaling-config MinExecutionEnvironments=1,MaxExecutionEnvironments=3",
    "lambda create-code-signing-config --tags a=1 --allowed-publishers \
     SigningProfileVersionArns=arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/v1",
    "iam create-role --role-name known --assume-role-policy-document {\"Version\":\"2012-10-17\",\"Statement\":[]}",
    "ecr create-repository --repository-name base",
    "s3api create-bucket --bucket builds",
    "s3api put-object --bucket builds --key app.zip --body f.zip",
];

/// Things that the service named: the placeholder that lines use, and the line that prints the real name.
pub(crate) const NAMES: &[(&str, &str)] = &[
    (
        "@csc",
        "lambda list-code-signing-configs --output text --query CodeSigningConfigs[0].CodeSigningConfigArn",
    ),
    (
        "@esm",
        "lambda list-event-source-mappings --output text --query EventSourceMappings[?BatchSize==`5`].UUID",
    ),
];

/// The real names for the placeholders of [`NAMES`] in a state.
pub(crate) fn names(state: &Path, place: &Place<'_>) -> Vec<(&'static str, String)> {
    let mut env = place.env.clone();
    env.insert(
        "LAMBDRY_STATE_DIR".to_owned(),
        state.to_string_lossy().into_owned(),
    );
    let at = Place {
        env: &env,
        cwd: place.cwd,
    };
    let told = |line: &str| {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        ours(&words, &at).out.trim().to_owned()
    };
    NAMES
        .iter()
        .map(|(name, line)| (*name, told(line)))
        .collect()
}
