//! The command lines that are compared.

use lambdry::operation::ready;

use crate::state::{REGIONS, SIZES};

/// A variable, with its value or `None` to remove it.
type Setting = (&'static str, Option<&'static str>);

/// A command line and its settings.
pub(crate) struct Line {
    /// The group to which the line belongs.
    pub(crate) kind: &'static str,
    pub(crate) words: Vec<String>,
    /// Variables that are set or removed for the line.
    pub(crate) env: Vec<Setting>,
    /// True if the line may change the state. It then runs on a copy of the state.
    pub(crate) writes: bool,
    /// True if both sides run the line in separate processes.
    pub(crate) process: bool,
}

impl Line {
    /// Returns true if the real command must run in a separate process, because the driver has already read the config
    /// file.
    pub(crate) fn alone(&self) -> bool {
        let read_before = [
            "AWS_CONFIG_FILE",
            "AWS_PROFILE",
            "AWS_DEFAULT_PROFILE",
            "HOME",
        ];
        self.process
            || self.env.iter().any(|(name, _)| read_before.contains(name))
            || self.words.iter().any(|word| word == "--profile")
    }

    fn new(kind: &'static str, words: &[&str]) -> Self {
        Self {
            kind,
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            env: Vec::new(),
            writes: false,
            process: false,
        }
    }
}

/// Splits a line into words as a shell does: at blanks, except inside single quotes.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut open, mut begun) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '\'' => (open, begun) = (!open, true),
            ' ' if !open => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// Every line.
pub(crate) fn all(version: (u32, u32)) -> Vec<Line> {
    let formats: &[&str] = if version.0 > 1 {
        &["json", "text", "table", "yaml"]
    } else {
        &["json", "text", "table"]
    };
    let mut lines = Vec::new();
    let mut add = |kind, text: &str, more: &[&str], writes| {
        let mut line = Line::new(kind, more);
        line.words.splice(0..0, split(text));
        line.writes = writes;
        lines.push(line);
    };
    for (operations, writes) in [(READS, false), (WRITES, true)] {
        for operation in operations {
            for format in formats {
                add(format, operation, &["--output", format], writes);
            }
            let queries = if writes { &QUERIES[..3] } else { QUERIES };
            for query in queries {
                for format in formats {
                    let more = ["--query", query, "--output", format];
                    add("query", operation, &more, writes);
                }
            }
        }
    }
    for (operation, queries) in LISTINGS {
        for (size, region) in SIZES.iter().zip(REGIONS) {
            let operation = match *operation {
                "list-functions" => format!("lambda list-functions --region {region}"),
                operation => format!("lambda {operation} --function-name v{size}"),
            };
            for paging in PAGINGS {
                for format in formats {
                    add(
                        "pages",
                        &format!("{operation} {paging}"),
                        &["--output", format],
                        false,
                    );
                }
                // The query is applied to each page of text output.
                let more = ["--query", queries[0], "--output", "text"];
                add("pages", &format!("{operation} {paging}"), &more, false);
            }
            for query in *queries {
                for format in formats {
                    add(
                        "query",
                        &operation,
                        &["--query", query, "--output", format],
                        false,
                    );
                }
            }
        }
    }
    for (kind, table) in [
        ("skeleton", SKELETONS),
        ("value", VALUES),
        ("error", ERRORS),
        ("usage", USAGE),
    ] {
        for text in table {
            add(kind, text, &[], true);
        }
    }
    for text in SHAPES {
        add("table", text, &[], false);
    }
    for text in STREAMS.iter().filter(|_| version.0 > 1) {
        add("stream", text, &[], true);
    }
    for text in SERVICES {
        // Lines that only read use the original files, because the output shows the times of files.
        let reads = [" get-", " list-", " head-", " describe-", " ls"];
        let writes = !reads.iter().any(|word| text.contains(word));
        // The models of these services differ between the two sides, so only JSON can be compared.
        let formats = match text.split_once(' ') {
            Some(("s3api" | "ec2", _)) => &["json"][..],
            _ => &["json", "text", "table"],
        };
        for format in formats {
            add("service", text, &["--output", format], writes);
        }
    }
    for text in CORNERS {
        add("corner", text, &[], true);
    }
    for text in of_ready_answers() {
        add("ready", &text, &[], true);
    }
    // Version 1 does not have this command.
    for text in LOGS.iter().filter(|_| version.0 > 1) {
        add("ready", text, &[], true);
    }
    for (text, env) in SETTINGS
        .iter()
        .chain(PLACES.iter().filter(|_| version.0 > 1))
    {
        let mut line = Line::new("setting", &[]);
        line.words = split(text);
        line.env = env.to_vec();
        // The output of a shell command in an alias does not pass through a buffer.
        line.process = env.iter().any(|(name, _)| *name == "HOME");
        lines.push(line);
    }
    for text in PROCESSES {
        let mut line = Line::new("process", &[]);
        line.words = split(text);
        line.writes = true;
        line.process = true;
        lines.push(line);
    }
    lines
}

/// Two lines for every call with a ready answer: one without a required option, and one with an unknown option.
fn of_ready_answers() -> Vec<String> {
    const SUBCOMMANDS: &str = include_str!("../../src/face/subcommands.txt");
    let mut lines = Vec::new();
    for service in ready::SERVICES {
        let mut words = SUBCOMMANDS.lines().map(|line| line.split(' '));
        let commands =
            words.find_map(|mut words| (words.next() == Some(service.name)).then_some(words));
        let commands: Vec<&str> = commands.expect("its commands").collect();
        for entry in service.entries() {
            let is_its = |word: &&&str| word.replace('-', "") == entry.name.to_lowercase();
            let command = commands.iter().find(is_its).expect("its command");
            let line = format!("{} {command}", service.name);
            if entry.request().members.iter().any(|member| member.required) {
                lines.push(line.clone());
            }
            lines.push(line + " --bogus x");
        }
    }
    lines
}

/// Lines of `logs tail`.
const LOGS: &[&str] = &[
    "logs tail",
    "logs tail /aws/lambda/pay --bogus x",
    "logs tail /aws/lambda/pay --format long",
    "logs tail /aws/lambda/pay --since soon",
];

const READS: &[&str] = &[
    "lambda get-function --function-name pay",
    "lambda get-function --function-name pay:live",
    "lambda get-function --function-name arn:aws:lambda:us-east-1:123456789012:function:pay --qualifier 2",
    "lambda get-function-configuration --function-name pay",
    "lambda get-function-configuration --function-name pay --qualifier live",
    "lambda get-function-configuration --function-name 123456789012:function:bare",
    "lambda get-alias --function-name pay --name live",
    "lambda get-alias --function-name pay --name prod",
    "lambda list-aliases --function-name pay",
    "lambda list-aliases --function-name pay --function-version 1",
    "lambda list-versions-by-function --function-name pay",
    "lambda list-functions",
    "lambda list-functions --function-version ALL --max-items 8",
    "lambda get-account-settings",
    "lambda get-layer-version --layer-name tools --version-number 1",
    "lambda get-layer-version --layer-name arn:aws:lambda:us-east-1:123456789012:layer:tools --version-number 2",
    "lambda get-layer-version-by-arn --arn arn:aws:lambda:us-east-1:123456789012:layer:tools:1",
    "lambda get-layer-version-policy --layer-name tools --version-number 1",
    "lambda list-layers",
    "lambda list-layers --compatible-runtime python3.12 --compatible-architecture arm64",
    "lambda list-layers --page-size 1",
    "lambda list-layers --max-items 1",
    "lambda list-layers --no-paginate",
    "lambda list-layer-versions --layer-name tools",
    "lambda list-layer-versions --layer-name tools --page-size 1",
    "lambda list-layer-versions --layer-name tools --max-items 1",
    "lambda list-layer-versions --layer-name nothing",
    "lambda get-function --function-name rich",
    "lambda get-policy --function-name rich",
    "lambda get-policy --function-name rich --qualifier live",
    "lambda list-tags --resource arn:aws:lambda:us-east-1:123456789012:function:rich",
    "lambda get-function-concurrency --function-name rich",
    "lambda get-function-concurrency --function-name bare",
    "lambda get-provisioned-concurrency-config --function-name rich --qualifier live",
    "lambda list-provisioned-concurrency-configs --function-name rich",
    "lambda list-provisioned-concurrency-configs --function-name rich --page-size 1",
    "lambda list-provisioned-concurrency-configs --function-name rich --max-items 1",
    "lambda list-provisioned-concurrency-configs --function-name bare",
    "lambda get-function-url-config --function-name rich",
    "lambda get-function-url-config --function-name rich --qualifier live",
    "lambda list-function-url-configs --function-name rich",
    "lambda list-function-url-configs --function-name rich --max-items 1",
    "lambda list-function-url-configs --function-name bare",
    "lambda get-function-event-invoke-config --function-name rich",
    "lambda get-function-event-invoke-config --function-name rich --qualifier live",
    "lambda list-function-event-invoke-configs --function-name rich",
    "lambda list-function-event-invoke-configs --function-name rich --max-items 1",
    "lambda list-function-event-invoke-configs --function-name bare",
    "lambda get-function-recursion-config --function-name rich",
    "lambda get-function-recursion-config --function-name bare",
    "lambda get-runtime-management-config --function-name rich",
    "lambda get-runtime-management-config --function-name rich --qualifier 1",
    "lambda list-event-source-mappings",
    "lambda list-event-source-mappings --function-name rich:live --max-items 1",
    "lambda list-event-source-mappings --event-source-arn arn:aws:kinesis:us-east-1:123456789012:stream/s",
    "lambda get-function-scaling-config --function-name rich --qualifier 2",
    "lambda list-code-signing-configs",
    "lambda get-event-source-mapping --uuid @esm",
    "lambda get-code-signing-config --code-signing-config-arn @csc",
    "lambda get-function-code-signing-config --function-name signed",
    "lambda list-functions-by-code-signing-config --code-signing-config-arn @csc",
    "lambda list-tags --resource @csc",
];

const WRITES: &[&str] = &[
    "lambda create-function --function-name new --runtime nodejs22.x --handler i.h --role arn:aws:iam::123456789012:role/r1 --zip-file fileb://f.zip --publish --memory-size 512 --architectures arm64 --environment Variables={AA=1,BB=2} --description 'a b'",
    "lambda update-function-code --function-name pay --zip-file fileb://f.zip",
    "lambda update-function-code --function-name pay --zip-file fileb://f.zip --publish",
    "lambda update-function-code --function-name pay --zip-file fileb://f.zip --dry-run",
    "lambda update-function-configuration --function-name pay --timeout 60 --environment Variables={} --ephemeral-storage Size=1024",
    "lambda publish-version --function-name bare --description v1",
    "lambda publish-version --function-name pay",
    "lambda create-alias --function-name pay --name blue --function-version 2 --routing-config AdditionalVersionWeights={3=0.05}",
    "lambda update-alias --function-name pay --name live --function-version 3 --routing-config AdditionalVersionWeights={}",
    "lambda delete-alias --function-name pay --name prod",
    "lambda delete-alias --function-name pay --name nothing",
    "lambda delete-function --function-name bare",
    "lambda delete-function --function-name pay --qualifier 3",
    "lambda publish-layer-version --layer-name tools --zip-file fileb://f.zip",
    "lambda publish-layer-version --layer-name new --content ZipFile=fileb://f.zip",
    "lambda publish-layer-version --layer-name new --zip-file fileb://f.zip --description 'a b' --license-info MIT --compatible-runtimes python3.12 --compatible-architectures x86_64 arm64",
    "lambda delete-layer-version --layer-name tools --version-number 2",
    "lambda add-layer-version-permission --layer-name tools --version-number 1 --statement-id all --action lambda:GetLayerVersion --principal '*' --organization-id o-abcdefghij",
    "lambda remove-layer-version-permission --layer-name tools --version-number 1 --statement-id one",
    "lambda invoke --function-name rich out.json",
    "lambda invoke --function-name rich:live --log-type Tail out.json",
    "lambda invoke --function-name rich --qualifier 2 --payload fileb://env.json out.json",
    "lambda invoke --function-name rich --invocation-type Event out.json",
    "lambda invoke --function-name rich --invocation-type DryRun out.json",
    "lambda invoke --function-name bare out.json",
    "lambda add-permission --function-name rich --statement-id all --action lambda:InvokeFunction --principal events.amazonaws.com --source-arn arn:aws:events:us-east-1:123456789012:rule/r",
    "lambda add-permission --function-name rich:live --statement-id url --action lambda:InvokeFunction --principal '*' --invoked-via-function-url",
    "lambda remove-permission --function-name rich --statement-id s3",
    "lambda tag-resource --resource arn:aws:lambda:us-east-1:123456789012:function:rich --tags a=1,c=two",
    "lambda untag-resource --resource arn:aws:lambda:us-east-1:123456789012:function:rich --tag-keys team b",
    "lambda put-function-concurrency --function-name bare --reserved-concurrent-executions 0",
    "lambda delete-function-concurrency --function-name rich",
    "lambda put-provisioned-concurrency-config --function-name rich --qualifier live --provisioned-concurrent-executions 4",
    "lambda delete-provisioned-concurrency-config --function-name rich --qualifier 2",
    "lambda create-function-url-config --function-name bare --auth-type NONE --cors AllowOrigins=*,AllowHeaders=a,b,ExposeHeaders=c,MaxAge=0",
    "lambda update-function-url-config --function-name rich --cors '{}' --invoke-mode RESPONSE_STREAM",
    "lambda update-function-url-config --function-name rich --auth-type NONE",
    "lambda delete-function-url-config --function-name rich",
    "lambda put-function-event-invoke-config --function-name bare",
    "lambda put-function-event-invoke-config --function-name bare --maximum-retry-attempts 1 --maximum-event-age-in-seconds 600 --destination-config OnSuccess={Destination=arn:aws:sqs:us-east-1:123456789012:q}",
    "lambda update-function-event-invoke-config --function-name rich --maximum-retry-attempts 2",
    "lambda delete-function-event-invoke-config --function-name rich",
    "lambda put-function-recursion-config --function-name bare --recursive-loop Terminate",
    "lambda put-runtime-management-config --function-name rich --update-runtime-on Auto",
    "lambda put-runtime-management-config --function-name rich --qualifier 1 --update-runtime-on FunctionUpdate",
    "lambda create-event-source-mapping --function-name rich:live --event-source-arn arn:aws:sqs:us-east-1:123456789012:more --batch-size 5 --scaling-config MaximumConcurrency=2 --tags a=1",
    "lambda create-event-source-mapping --function-name rich --event-source-arn arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026 --starting-position TRIM_HORIZON --no-enabled --destination-config OnFailure={Destination=arn:aws:sqs:us-east-1:123456789012:q} --filter-criteria '{\"Filters\":[{\"Pattern\":\"{\\\"eventName\\\":[\\\"INSERT\\\"]}\"}]}'",
    "lambda create-event-source-mapping --function-name rich --event-source-arn arn:aws:kinesis:us-east-1:123456789012:stream/t --starting-position AT_TIMESTAMP --starting-position-timestamp 2026-11-22T12:00:00Z --function-response-types ReportBatchItemFailures --parallelization-factor 2",
    "lambda put-function-scaling-config --function-name rich --qualifier 2 --function-scaling-config MinExecutionEnvironments=1,MaxExecutionEnvironments=4",
    "lambda create-code-signing-config --allowed-publishers SigningProfileVersionArns=arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/v2 --description d --tags a=1",
    "lambda put-function-code-signing-config --function-name bare --code-signing-config-arn @csc",
    "lambda delete-function-code-signing-config --function-name signed",
    "lambda update-code-signing-config --code-signing-config-arn @csc --description new",
    "lambda delete-code-signing-config --code-signing-config-arn @csc",
    "lambda update-event-source-mapping --uuid @esm --no-enabled --batch-size 7",
    "lambda delete-event-source-mapping --uuid @esm",
    "lambda invoke-async --function-name rich --invoke-args env.json",
    "lambda create-function --function-name apart --runtime python3.12 --handler app.handler --role arn:aws:iam::123456789012:role/r1 --zip-file fileb://f.zip --tenancy-config TenantIsolationMode=PER_TENANT",
];

/// Queries that every operation is called with. They need not fit the answer.
const QUERIES: &[&str] = &[
    "Version",
    "Configuration.[FunctionArn,State,LastUpdateStatus,Nope]",
    "{v:Version||FunctionVersion,a:keys(@),n:Nope}",
    "Aliases[].[Name,RoutingConfig]",
    "length(CodeSize)",
    "foo(@)",
    "to_string(@)",
    "Environment.Variables || Configuration.Environment",
    "[FunctionVersion,CodeSha256,[Timeout,MemorySize]]",
    "RoutingConfig.AdditionalVersionWeights",
    "`{}`",
    "@",
];

/// Listings, each with the queries that scripts use with it. The first listing is also run with every paging option.
const LISTINGS: &[(&str, &[&str])] = &[
    (
        "list-versions-by-function",
        &[
            "Versions[].Version",
            "Versions[?Version!=`$LATEST`].Version",
            "Versions[-1].Version",
            "Versions[-2].[Version,CodeSha256]",
            "max_by(Versions[?Version!=`$LATEST`], &to_number(Version)).Version",
            "max_by(Versions, &to_number(Version)).Version",
            "length(Versions)",
            "Versions[].{v:Version,d:Description}",
            "sort_by(Versions[?Version!='$LATEST'], &to_number(Version))[-1].Version",
            "Versions[:-2].Version",
            "reverse(Versions)[0].Version",
        ],
    ),
    (
        "list-aliases",
        &[
            "Aliases[].Name",
            "Aliases[?Name=='a000'].FunctionVersion | [0]",
            "Aliases[?Name=='a119'].FunctionVersion",
            "Aliases[?FunctionVersion=='2'].Name",
            "length(Aliases)",
            "Aliases[0]",
        ],
    ),
    (
        "list-functions",
        &[
            "Functions[].FunctionName",
            "Functions[?starts_with(FunctionName, 'f0')].[FunctionName,Runtime]",
            "Functions[*].{Name:FunctionName,Runtime:Runtime,M:MemorySize}",
            "sum(Functions[].CodeSize)",
            "Functions[0].Layers[0].Arn",
        ],
    ),
];

const PAGINGS: &[&str] = &[
    "",
    "--max-items 1",
    "--max-items 50",
    "--max-items 60",
    "--max-items 0",
    "--max-items -1",
    "--page-size 7",
    "--page-size 7 --max-items 10",
    "--page-size 100",
    "--no-paginate",
    "--no-paginate --max-items 3",
    // {"Marker": null, "boto_truncate_amount": 3} in base64
    "--starting-token eyJNYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAzfQ==",
    // {"Marker": null, "boto_truncate_amount": 48} in base64, with a cut in the page after it
    "--max-items 4 --starting-token eyJNYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiA0OH0=",
];

/// Lines for other services that lambdry simulates in part.
const SERVICES: &[&str] = &[
    "sts get-caller-identity",
    "iam create-role --role-name deploy --assume-role-policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[]}' --tags Key=a,Value=b",
    "iam get-role --role-name known",
    "iam get-role --role-name nobody",
    "iam put-role-policy --role-name known --policy-name p --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[]}'",
    "iam attach-role-policy --role-name known --policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "ecr create-repository --repository-name app/web --image-scanning-configuration scanOnPush=true",
    "ecr describe-repositories",
    "ecr describe-repositories --repository-names none",
    "ec2 describe-regions --region-names eu-west-1",
    "ec2 describe-regions --region-names us-nowhere-1",
    "s3api list-buckets",
    "s3api create-bucket --bucket fresh-bucket",
    "s3api head-bucket --bucket builds",
    "s3api head-bucket --bucket nobodys",
    "s3api get-bucket-location --bucket builds",
    "s3api put-object --bucket builds --key k --body f.zip --content-type text/plain --metadata a=b",
    "s3api head-object --bucket builds --key app.zip",
    "s3api get-object --bucket builds --key app.zip out.zip",
    "s3api get-object --bucket builds --key none out.zip",
    "s3api copy-object --bucket builds --key copy --copy-source builds/app.zip",
    "s3api list-objects-v2 --bucket builds",
    "s3api delete-object --bucket builds --key app.zip",
    "s3 ls",
    "s3 ls s3://builds",
    "s3 cp f.zip s3://builds/g.zip --no-progress",
    "s3 cp s3://builds/app.zip out.zip --no-progress",
    "s3 sync aliased s3://builds/aliased --no-progress",
    "s3 rm s3://builds/app.zip",
    "s3 mb s3://another-bucket",
];

const SKELETONS: &[&str] = &[
    "lambda add-permission --generate-cli-skeleton",
    "lambda create-function --generate-cli-skeleton",
    "lambda create-function --generate-cli-skeleton input",
    "lambda update-function-code --generate-cli-skeleton",
    "lambda update-function-configuration --generate-cli-skeleton",
    "lambda publish-version --generate-cli-skeleton",
    "lambda create-alias --generate-cli-skeleton",
    "lambda update-alias --generate-cli-skeleton",
    "lambda list-aliases --generate-cli-skeleton",
    "lambda list-functions --generate-cli-skeleton",
    "lambda delete-function --generate-cli-skeleton",
    "lambda get-account-settings --generate-cli-skeleton",
    "lambda publish-version --generate-cli-skeleton output",
    "lambda publish-version --function-name f --generate-cli-skeleton output",
    "lambda publish-version --function-name f --generate-cli-skeleton output --query Version",
    "lambda publish-version --function-name f --generate-cli-skeleton output --output text",
    "lambda get-function --function-name f --generate-cli-skeleton output",
    "lambda get-alias --function-name f --name n --generate-cli-skeleton output",
    "lambda list-versions-by-function --function-name f --generate-cli-skeleton output",
    "lambda list-aliases --function-name f --generate-cli-skeleton output",
    "lambda list-functions --generate-cli-skeleton output",
    "lambda get-account-settings --generate-cli-skeleton output",
    "lambda delete-alias --function-name f --name n --generate-cli-skeleton output",
    "lambda delete-function --function-name f --generate-cli-skeleton output",
    "lambda publish-version --generate-cli-skeleton bogus",
    "lambda publish-version --function-name f --generate-cli-skeleton input --query FunctionName",
    "lambda publish-layer-version --generate-cli-skeleton",
    "lambda publish-layer-version --layer-name l --content S3Bucket=bkt,S3Key=k --generate-cli-skeleton output",
    "lambda get-layer-version --generate-cli-skeleton",
    "lambda get-layer-version --layer-name l --version-number 1 --generate-cli-skeleton output",
    "lambda get-layer-version-by-arn --generate-cli-skeleton",
    "lambda get-layer-version-by-arn --arn a --generate-cli-skeleton output",
    "lambda get-layer-version-policy --generate-cli-skeleton",
    "lambda get-layer-version-policy --layer-name l --version-number 1 --generate-cli-skeleton output",
    "lambda list-layers --generate-cli-skeleton",
    "lambda list-layers --generate-cli-skeleton output",
    "lambda list-layer-versions --generate-cli-skeleton",
    "lambda list-layer-versions --layer-name l --generate-cli-skeleton output",
    "lambda delete-layer-version --generate-cli-skeleton",
    "lambda delete-layer-version --layer-name l --version-number 1 --generate-cli-skeleton output",
    "lambda add-layer-version-permission --generate-cli-skeleton",
    "lambda add-layer-version-permission --layer-name l --version-number 1 --statement-id s --action a --principal p --generate-cli-skeleton output",
    "lambda remove-layer-version-permission --generate-cli-skeleton",
    "lambda remove-layer-version-permission --layer-name l --version-number 1 --statement-id s --generate-cli-skeleton output",
    "lambda add-permission --function-name f --statement-id s --action a --principal p --generate-cli-skeleton output",
    "lambda get-policy --generate-cli-skeleton",
    "lambda get-policy --function-name f --generate-cli-skeleton output",
    "lambda remove-permission --generate-cli-skeleton",
    "lambda remove-permission --function-name f --statement-id s --generate-cli-skeleton output",
    "lambda tag-resource --generate-cli-skeleton",
    "lambda tag-resource --resource r --tags a=1 --generate-cli-skeleton output",
    "lambda untag-resource --generate-cli-skeleton",
    "lambda untag-resource --resource r --tag-keys a --generate-cli-skeleton output",
    "lambda list-tags --generate-cli-skeleton",
    "lambda list-tags --resource r --generate-cli-skeleton output",
    "lambda put-function-concurrency --generate-cli-skeleton",
    "lambda put-function-concurrency --function-name f --reserved-concurrent-executions 1 --generate-cli-skeleton output",
    "lambda get-function-concurrency --generate-cli-skeleton",
    "lambda get-function-concurrency --function-name f --generate-cli-skeleton output",
    "lambda delete-function-concurrency --generate-cli-skeleton",
    "lambda delete-function-concurrency --function-name f --generate-cli-skeleton output",
    "lambda put-provisioned-concurrency-config --generate-cli-skeleton",
    "lambda put-provisioned-concurrency-config --function-name f --qualifier q --provisioned-concurrent-executions 1 --generate-cli-skeleton output",
    "lambda get-provisioned-concurrency-config --generate-cli-skeleton",
    "lambda get-provisioned-concurrency-config --function-name f --qualifier q --generate-cli-skeleton output",
    "lambda list-provisioned-concurrency-configs --generate-cli-skeleton",
    "lambda list-provisioned-concurrency-configs --function-name f --generate-cli-skeleton output",
    "lambda delete-provisioned-concurrency-config --generate-cli-skeleton",
    "lambda delete-provisioned-concurrency-config --function-name f --qualifier q --generate-cli-skeleton output",
    "lambda create-function-url-config --generate-cli-skeleton",
    "lambda create-function-url-config --function-name f --auth-type NONE --generate-cli-skeleton output",
    "lambda get-function-url-config --generate-cli-skeleton",
    "lambda get-function-url-config --function-name f --generate-cli-skeleton output",
    "lambda update-function-url-config --generate-cli-skeleton",
    "lambda update-function-url-config --function-name f --generate-cli-skeleton output",
    "lambda list-function-url-configs --generate-cli-skeleton",
    "lambda list-function-url-configs --function-name f --generate-cli-skeleton output",
    "lambda delete-function-url-config --generate-cli-skeleton",
    "lambda delete-function-url-config --function-name f --generate-cli-skeleton output",
    "lambda put-function-event-invoke-config --generate-cli-skeleton",
    "lambda put-function-event-invoke-config --function-name f --generate-cli-skeleton output",
    "lambda get-function-event-invoke-config --generate-cli-skeleton",
    "lambda get-function-event-invoke-config --function-name f --generate-cli-skeleton output",
    "lambda update-function-event-invoke-config --generate-cli-skeleton",
    "lambda update-function-event-invoke-config --function-name f --generate-cli-skeleton output",
    "lambda list-function-event-invoke-configs --generate-cli-skeleton",
    "lambda list-function-event-invoke-configs --function-name f --generate-cli-skeleton output",
    "lambda delete-function-event-invoke-config --generate-cli-skeleton",
    "lambda delete-function-event-invoke-config --function-name f --generate-cli-skeleton output",
    "lambda put-function-recursion-config --generate-cli-skeleton",
    "lambda put-function-recursion-config --function-name f --recursive-loop Allow --generate-cli-skeleton output",
    "lambda get-function-recursion-config --generate-cli-skeleton",
    "lambda get-function-recursion-config --function-name f --generate-cli-skeleton output",
    "lambda put-runtime-management-config --generate-cli-skeleton",
    "lambda put-runtime-management-config --function-name f --update-runtime-on Auto --generate-cli-skeleton output",
    "lambda get-runtime-management-config --generate-cli-skeleton",
    "lambda get-runtime-management-config --function-name f --generate-cli-skeleton output",
    "lambda create-event-source-mapping --generate-cli-skeleton",
    "lambda create-event-source-mapping --function-name f --generate-cli-skeleton output",
    "lambda update-event-source-mapping --generate-cli-skeleton",
    "lambda update-event-source-mapping --uuid 11111111-2222-3333-4444-555555555555 --generate-cli-skeleton output",
    "lambda get-event-source-mapping --generate-cli-skeleton",
    "lambda get-event-source-mapping --uuid 11111111-2222-3333-4444-555555555555 --generate-cli-skeleton output",
    "lambda delete-event-source-mapping --generate-cli-skeleton",
    "lambda delete-event-source-mapping --uuid 11111111-2222-3333-4444-555555555555 --generate-cli-skeleton output",
    "lambda list-event-source-mappings --generate-cli-skeleton",
    "lambda list-event-source-mappings --generate-cli-skeleton output",
    "lambda put-function-scaling-config --generate-cli-skeleton",
    "lambda get-function-scaling-config --generate-cli-skeleton",
    "lambda create-code-signing-config --generate-cli-skeleton",
    "lambda update-code-signing-config --generate-cli-skeleton",
    "lambda list-code-signing-configs --generate-cli-skeleton output",
];

/// Values that are accepted, and their effects.
const VALUES: &[&str] = &[
    "lambda update-function-configuration --function-name pay --environment Variables={AA=1,BB=2}",
    "lambda update-function-configuration --function-name pay --environment Variables={AA=x=y}",
    "lambda update-function-configuration --function-name pay --environment 'Variables={AA=https://h/p?q=1&r=2:80}'",
    "lambda update-function-configuration --function-name pay --environment 'Variables={AA=\"x,y\",BB=p}'",
    "lambda update-function-configuration --function-name pay --environment 'Variables={AA=a\\,b,BB=c}'",
    "lambda update-function-configuration --function-name pay --environment 'Variables={AA=a b,BB=c}'",
    "lambda update-function-configuration --function-name pay --environment 'Variables={AA=1 BB=2}'",
    "lambda update-function-configuration --function-name pay --environment 'Variables={AA=x, BB=y , CC = z}'",
    "lambda update-function-configuration --function-name pay --environment 'Variables={ AA=1 }'",
    "lambda update-function-configuration --function-name pay --environment Variables={AA=,BB=2}",
    "lambda update-function-configuration --function-name pay --environment Variables={}",
    "lambda update-function-configuration --function-name pay --environment Variables={AA=1,AA=2}",
    "lambda update-function-configuration --function-name pay --environment '{\"Variables\":{\"AA\":\"1\"}}'",
    "lambda update-function-configuration --function-name pay --environment file://env.json",
    "lambda update-function-configuration --function-name pay --environment Variables={AA@=file://v.txt}",
    "lambda update-function-configuration --function-name pay --environment Variables={AA=file://v.txt}",
    "lambda update-function-configuration --function-name pay --description file://v.txt",
    "lambda update-function-configuration --function-name pay --description ''",
    "lambda update-function-configuration --function-name pay --description=-x",
    "lambda update-function-configuration --function-name pay --timeout 010",
    "lambda update-function-configuration --function-name pay --timeout ' 5 '",
    "lambda update-function-configuration --function-name pay --timeout 6_0",
    "lambda update-function-configuration --function-name pay --memory-size +256",
    "lambda update-function-configuration --function-name pay --vpc-config SubnetIds=[],SecurityGroupIds=[]",
    "lambda update-function-configuration --function-name pay --vpc-config SubnetIds=subnet-1,subnet-2,SecurityGroupIds=sg-1",
    "lambda update-function-configuration --function-name pay --layers",
    "lambda update-function-configuration --function-name pay --layers []",
    "lambda update-function-configuration --function-name pay --ephemeral-storage Size=1024",
    "lambda update-function-configuration --function-name pay --ephemeral-storage '{\"Size\": 2048}'",
    "lambda update-function-configuration --function-name pay --tracing-config Mode=Active",
    "lambda update-function-configuration --function-name pay --dead-letter-config TargetArn=arn:aws:sqs:us-east-1:123456789012:q",
    "lambda update-function-configuration --function-name pay --timeout 3 --timeout 4",
    "lambda update-function-configuration --cli-input-json file://input.json",
    "lambda update-function-configuration --cli-input-json file://input.json --description over",
    "lambda update-function-configuration --cli-input-json '{\"FunctionName\": \"pay\", \"Timeout\": 7}'",
    "lambda list-versions-by-function --cli-input-json '{\"FunctionName\": \"v120\", \"Marker\": \"\"}' --query length(Versions)",
    "lambda create-alias --function-name pay --name w --function-version 2 --routing-config AdditionalVersionWeights={3=1e-05}",
    "lambda create-alias --function-name pay --name w --function-version 2 --routing-config '{\"AdditionalVersionWeights\":{\"3\":0.5}}'",
    "lambda list-versions-by-function --function-name v51 --marker NTA= --query Versions[].Version",
    "lambda publish-version --func bare --desc short",
    "lambda --region us-east-1 publish-version --function-name bare --output text --query Version",
    "lambda get-alias --function-name=pay --name=live --out text --que FunctionVersion",
    "lambda publish-version --function-name bare --code-sha-256 x",
    "lambda publish-version -- --function-name bare",
    "lambda update-function-code --function-name pay --zip-file fileb://f.zip --no-publish --publish",
    "lambda wait function-active --function-name pay",
    "lambda wait function-updated --function-name pay --query X --output text",
    "lambda wait published-version-active --function-name pay --qualifier 1",
    "lambda wait function-exists --function-name pay",
    "lambda wait function-active-v2 --function-name pay",
    "lambda wait function-updated-v2 --function-name pay",
    "lambda create-function-url-config --function-name bare --auth-type NONE --cors AllowCredentials=false,AllowMethods=GET,POST",
    "lambda tag-resource --resource arn:aws:lambda:us-east-1:123456789012:function:rich --tags '{\"a\": \"1\", \"b\": \"\"}'",
    "lambda tag-resource --resource arn:aws:lambda:us-east-1:123456789012:function:rich --tags KeyName1=string,KeyName2=a=b",
    "lambda get-layer-version --layer-name tools --version-number 01",
];

/// Requests that the service refuses.
const ERRORS: &[&str] = &[
    "lambda get-function --function-name missing",
    "lambda get-function --function-name missing --output text --query X",
    "lambda get-function --function-name pay --qualifier 99",
    "lambda get-function --function-name pay:live --qualifier 2",
    "lambda get-function --function-name 'no such name!'",
    "lambda get-alias --function-name pay --name nothing",
    "lambda get-alias --function-name missing --name live",
    "lambda create-alias --function-name pay --name live --function-version 1",
    "lambda create-alias --function-name pay --name x --function-version 99",
    "lambda create-alias --function-name pay --name x --function-version 1 --routing-config AdditionalVersionWeights={2=1.5}",
    "lambda create-function --function-name pay --runtime python3.12 --handler a.b --role arn:aws:iam::123456789012:role/r1 --zip-file fileb://f.zip",
    "lambda create-function --function-name new --runtime nodejs99 --handler a.b --role arn:aws:iam::123456789012:role/r1 --zip-file fileb://f.zip",
    "lambda create-function --function-name new --runtime python3.12 --handler a.b --role nothing --zip-file fileb://f.zip",
    "lambda create-function --function-name new --runtime python3.12 --handler a.b --role arn:aws:iam::123456789012:role/r1 --code S3Bucket=nobucket,S3Key=k",
    "lambda update-function-code --function-name pay",
    "lambda update-function-code --function-name pay --zip-file fileb://f.zip --revision-id stale",
    "lambda update-function-configuration --function-name pay --timeout 5000",
    "lambda update-function-configuration --function-name pay --memory-size 99999",
    "lambda publish-version --function-name pay --code-sha256 wrong",
    "lambda publish-version --function-name missing",
    "lambda delete-function --function-name pay --qualifier 1",
    "lambda delete-function --function-name missing",
    "lambda list-aliases --function-name missing",
    "lambda list-versions-by-function --function-name missing",
    "lambda list-functions --function-version SOME",
    "lambda list-functions --no-paginate --max-items 0",
    "lambda list-versions-by-function --function-name pay --starting-token bogus",
    "lambda wait function-active --function-name missing",
    "lambda wait function-updated --function-name missing",
    "lambda wait published-version-active --function-name pay --qualifier 99",
    "lambda get-layer-version --layer-name tools --version-number 9",
    "lambda get-layer-version --layer-name tools --version-number 0",
    "lambda get-layer-version-by-arn --arn arn:aws:lambda:us-east-1:123456789012:layer:tools",
    "lambda get-layer-version-policy --layer-name tools --version-number 2",
    "lambda list-layers --compatible-runtime cobol",
    "lambda publish-layer-version --layer-name tools --content S3Bucket=none,S3Key=k",
    "lambda add-layer-version-permission --layer-name tools --version-number 1 --statement-id one --action lambda:GetLayerVersion --principal '*'",
    "lambda remove-layer-version-permission --layer-name tools --version-number 1 --statement-id nothing",
    "lambda invoke --function-name missing out.json",
    "lambda invoke --function-name rich --payload fileb://v.txt out.json",
    "lambda invoke --function-name rich --client-context x out.json",
    "lambda invoke --function-name rich no/folder/out.json",
    "lambda add-permission --function-name rich --statement-id s3 --action lambda:InvokeFunction --principal s3.amazonaws.com",
    "lambda get-policy --function-name bare",
    "lambda remove-permission --function-name rich --statement-id nothing",
    "lambda list-tags --resource arn:aws:lambda:us-east-1:123456789012:function:missing",
    "lambda tag-resource --resource arn:aws:lambda:us-east-1:123456789012:function:rich:1 --tags a=1",
    "lambda put-function-concurrency --function-name rich --reserved-concurrent-executions 999999",
    "lambda get-provisioned-concurrency-config --function-name bare --qualifier 1",
    "lambda put-provisioned-concurrency-config --function-name rich --qualifier '$LATEST' --provisioned-concurrent-executions 1",
    "lambda get-function-url-config --function-name bare",
    "lambda create-function-url-config --function-name rich --auth-type NONE",
    "lambda get-function-event-invoke-config --function-name bare",
    "lambda put-runtime-management-config --function-name rich --update-runtime-on Manual",
    "lambda put-function-recursion-config --function-name rich --recursive-loop Maybe",
    "lambda create-event-source-mapping --function-name missing --event-source-arn arn:aws:sqs:us-east-1:123456789012:jobs",
    "lambda create-event-source-mapping --function-name rich:live --event-source-arn arn:aws:sqs:us-east-1:123456789012:jobs",
    "lambda create-event-source-mapping --function-name rich",
    "lambda create-event-source-mapping --function-name rich --event-source-arn arn:aws:kinesis:us-east-1:123456789012:stream/u",
    "lambda create-event-source-mapping --function-name rich --event-source-arn arn:aws:kinesis:us-east-1:123456789012:stream/u --starting-position AT_TIMESTAMP --starting-position-timestamp soon",
    "lambda get-event-source-mapping --uuid 11111111-2222-3333-4444-555555555555",
    "lambda update-event-source-mapping --uuid 11111111-2222-3333-4444-555555555555 --enabled",
    "lambda delete-event-source-mapping --uuid 11111111-2222-3333-4444-555555555555",
    "lambda invoke --function-name rich --tenant-id blue out.json",
    "lambda tag-resource --resource arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdefg --tags a=1",
];

/// Lines that the command itself refuses, without a request.
const USAGE: &[&str] = &[
    "",
    "lambda",
    "bogus",
    "lamda",
    "--output text",
    "lambda --output text",
    "lambda zzz",
    "lambda publish-versoin",
    "lambda publish-version",
    "lambda create-alias --name a",
    "lambda invoke-asynch",
    "lambda publish-version --function-name",
    "lambda publish-version --function-name --description x",
    "lambda publish-version --function-name pay --bogus-opt 3",
    "lambda publish-version --function-name pay extra1 extra2",
    "lambda publish-version --function-name pay --help",
    "lambda publish-version --help",
    "lambda --help",
    "--help",
    "lambda update-function-code --function-name pay --publish true",
    "lambda update-function-code --function-name pay --publish=true",
    "lambda update-function-code --function-name pay --publ",
    "lambda create-function --tags a=1 b=2 --function-name f --role r",
    "lambda list-functions --max-items abc",
    "lambda list-functions --page-size 0",
    "lambda list-functions --no-paginate --starting-token x",
    "lambda list-functions --no-paginate --page-size 3 --starting-token x",
    "lambda list-functions --output bogus",
    "lambda list-functions --color pink",
    "lambda list-functions --n a",
    "lambda list-functions --endpoint-url 127.0.0.1:1",
    "lambda list-functions --cli-read-timeout abc",
    "lambda list-functions --query A[",
    "lambda list-functions --query ''",
    "lambda list-functions --query 'a b'",
    "lambda list-functions --query '\"unclosed'",
    "lambda list-functions --query 'x.1'",
    "lambda list-functions --query 'Functions[?a=b]'",
    "lambda list-functions --query '@@'",
    "lambda list-functions --query '`[1`'",
    "lambda list-functions --query '#'",
    "lambda list-functions --region 'us east 1'",
    "lambda wait",
    "lambda wait bogus",
    "lambda wait function-activ",
    "lambda wait function-active",
    "lambda wait function-active --function-name pay --bogus",
    "lambda publish-version --function-name ''",
    "lambda update-function-configuration --function-name pay --timeout 0 --vpc-config foo=1",
    "lambda update-function-configuration --function-name pay --memory-size 64 --layers ''",
    "lambda update-function-configuration --function-name pay --timeout abc",
    "lambda update-function-configuration --function-name pay --timeout 3.5",
    "lambda update-function-configuration --function-name pay --ephemeral-storage Size=abc",
    "lambda update-function-configuration --function-name pay --ephemeral-storage Size=1",
    "lambda update-function-configuration --function-name pay --environment '{\"Variables\":{\"A\":1}}'",
    "lambda update-function-configuration --function-name pay --environment '{\"Variables\":\"x\"}'",
    "lambda update-function-configuration --function-name pay --environment '{\"Variables\":{},\"Zzz\":1}'",
    "lambda update-function-configuration --function-name pay --environment '{bad'",
    "lambda update-function-configuration --function-name pay --environment '[]'",
    "lambda update-function-configuration --function-name pay --environment Variables",
    "lambda update-function-configuration --function-name pay --environment Variables={A=1",
    "lambda update-function-configuration --function-name pay --environment ''",
    "lambda update-function-configuration --function-name pay --environment Variables={A=}",
    "lambda update-function-configuration --function-name pay --environment Variables={A==x}",
    "lambda update-function-configuration --function-name pay --environment Variables={A=a}b}",
    "lambda update-function-configuration --function-name pay --environment Variables={A=a]b}",
    "lambda update-function-configuration --function-name pay --environment 'Variables={A=say \"hi\"}'",
    "lambda update-function-configuration --function-name pay --environment 'Variables={\"A\"=x}'",
    "lambda update-function-configuration --function-name pay --environment Variables={É=1}",
    "lambda update-function-configuration --function-name pay --environment Variables={A=1},Variables={B=2}",
    "lambda update-function-configuration --function-name pay --environment Variables={A@=file://nope}",
    "lambda update-function-configuration --function-name pay --environment file://nope.json",
    "lambda update-function-configuration --function-name pay --environment file://bin",
    "lambda update-function-configuration --function-name pay --description fileb://v.txt",
    "lambda update-function-configuration --function-name pay --layers '[\"x\"'",
    "lambda update-function-configuration --function-name pay --vpc-config SubnetIds=",
    "lambda update-function-configuration --function-name pay --vpc-config Ipv6AllowedForDualStack=maybe",
    "lambda update-function-configuration --cli-input-json '{bad'",
    "lambda update-function-configuration --cli-input-json '[]'",
    "lambda update-function-configuration --cli-input-json '{}'",
    "lambda update-function-configuration --cli-input-json '{\"FunctionName\": \"pay\", \"Zzz\": 1}'",
    "lambda update-function-configuration --cli-input-json '{\"FunctionName\": 3}'",
    "lambda update-alias --function-name pay --name live --routing-config 'AdditionalVersionWeights={\"2\"=0.1}'",
    "lambda update-alias --function-name pay --name live --routing-config AdditionalVersionWeights={2:0.1}",
    "lambda update-alias --function-name pay --name live --routing-config '{\"AdditionalVersionWeights\":{\"2\":\"0.1\"}}'",
    "lambda update-alias --function-name pay --name live --routing-config AdditionalVersionWeights={2=-1}",
    "lambda update-function-code --function-name pay --zip-file f.zip",
    "lambda update-function-code --function-name pay --zip-file file://f.zip",
    "lambda update-function-code --function-name pay --zip-file file://bin",
    "lambda update-function-code --function-name pay --zip-file fileb://v.txt",
    "lambda update-function-code --function-name pay --zip-file fileb://nope.zip",
    "lambda create-function --function-name f --role r",
    "lambda create-function --function-name f --role r --code ZipFile=x",
    "lambda create-function --function-name f --role r --code S3Bucket=b,S3Key=k",
    "lambda create-function --function-name f --role r --code S3Bucket=bkt --file-system-configs Arn=a",
    "lambda invoke",
    "lambda invoke --function-name f",
    "lambda invoke --function-name f out.json more",
    "lambda invoke --function-name f --payload fileb://nope out.json",
    "lambda get-layer-version --layer-name l --version-number abc",
    "lambda get-layer-version --layer-name l",
    "lambda publish-layer-version --layer-name l --zip-file f.zip",
    "lambda publish-layer-version --layer-name l",
    "lambda publish-layer-version --layer-name l --content ZipFile=x",
    "lambda tag-resource --resource r --tags a",
    "lambda untag-resource --resource r",
    "lambda put-function-concurrency --function-name f",
    "lambda create-function-url-config --function-name f --auth-type NONE --cors MaxAge=x",
    "lambda create-function-url-config --function-name f --auth-type NONE --cors AllowCredentials=maybe",
    "lambda put-provisioned-concurrency-config --function-name f --qualifier q --provisioned-concurrent-executions 0",
    "lambda put-function-event-invoke-config --function-name f --maximum-retry-attempts 3",
    "lambda put-function-event-invoke-config --function-name f --maximum-retry-attempts -1",
];

/// Lines whose result depends on the environment.
const SETTINGS: &[(&str, &[Setting])] = &[
    (
        "lambda get-alias --function-name pay --name live",
        &[("AWS_DEFAULT_OUTPUT", Some("text"))],
    ),
    (
        "lambda get-alias --function-name pay --name live --output json",
        &[("AWS_DEFAULT_OUTPUT", Some("text"))],
    ),
    (
        "lambda get-alias --function-name pay --name live",
        &[("AWS_DEFAULT_OUTPUT", Some("bogus"))],
    ),
    (
        "lambda get-alias --function-name pay --name live",
        &[("AWS_DEFAULT_REGION", None)],
    ),
    (
        "lambda publish-version --function-name ''",
        &[("AWS_DEFAULT_REGION", None)],
    ),
    (
        "lambda get-alias --function-name pay --name live --cli-input-json '{bad'",
        &[("AWS_DEFAULT_REGION", None)],
    ),
    (
        "lambda list-functions --query Functions[].FunctionName",
        &[
            ("AWS_DEFAULT_REGION", None),
            ("AWS_CONFIG_FILE", Some("profiles")),
        ],
    ),
    (
        "lambda get-alias --function-name pay --name live",
        &[("AWS_CONFIG_FILE", Some("broken"))],
    ),
    (
        "configure get region",
        &[("AWS_CONFIG_FILE", Some("profiles"))],
    ),
    ("configure get region", &[]),
    (
        "configure get region --profile dev",
        &[("AWS_CONFIG_FILE", Some("profiles"))],
    ),
    (
        "configure get dev.region",
        &[("AWS_CONFIG_FILE", Some("profiles"))],
    ),
    (
        "configure get profile.dev.region",
        &[("AWS_CONFIG_FILE", Some("profiles"))],
    ),
    (
        "configure get default.region",
        &[("AWS_CONFIG_FILE", Some("profiles"))],
    ),
    (
        "configure get nope",
        &[("AWS_CONFIG_FILE", Some("profiles"))],
    ),
    ("configure get", &[]),
    ("configure get region extra", &[]),
    ("configure set region", &[]),
    ("configure bogus", &[]),
];

/// Values that are not ASCII, coloured output, lists of different shapes, cells that are too wide for a table, and
/// pages as a stream.
const SHAPES: &[&str] = &[
    "lambda list-functions --output table --color on",
    "lambda get-function --function-name rich --output table --color on",
    "lambda list-functions --output table --query 'Functions[].[FunctionName,Layers]'",
    "lambda list-functions --output table --query '[Functions[0].FunctionName,[`1`,`2`]]'",
    "lambda list-functions --output table --query '[`{\"a\": 1}`,`\"x\"`]'",
    "lambda list-functions --output table --query '[`{\"a\": 1}`,`null`]'",
    "lambda list-functions --output table --query '`[[\"日本語\", \"é\"], [\"½\", \"e\u{301}\"]]`'",
    "lambda list-functions --output table --query '`{\"a\": {\"b\": []}, \"c\": [1, 2]}`'",
    "lambda list-functions --output table --query '`\"x\"`'",
    "lambda list-functions --output table --query '`{\"a\": [{}, []], \"b\": 1}`'",
    "lambda list-functions --output table --query '`[{\"a\": 1}, []]`'",
    "lambda get-alias --function-name missing --name x --output table",
];

/// Features that only version 2 has.
const STREAMS: &[&str] = &[
    "lambda list-versions-by-function --function-name v51 --output yaml-stream",
    "lambda list-versions-by-function --function-name v51 --output yaml-stream --query 'length(Versions)'",
    "lambda get-function-concurrency --function-name bare --output yaml-stream",
    "lambda get-function-concurrency --function-name bare --output yaml-stream --query X",
    "lambda delete-alias --function-name pay --name prod --output yaml-stream",
    "lambda list-functions --output yaml-stream --query '`{}`'",
    "lambda list-functions --cli-input-yaml '{PaginationConfig: {}}'",
    "lambda get-account-settings --generate-cli-skeleton yaml-input",
    "lambda update-function-configuration --function-name pay --cli-input-yaml 'Timeout: .nan'",
    "lambda update-function-configuration --function-name pay --cli-input-yaml 'Description: 2001-01-01'",
    "lambda update-function-configuration --function-name pay --cli-input-yaml 'Description: 2001-01-01T00:00:00Z'",
    "lambda update-function-configuration --function-name pay --cli-input-yaml 'Description: !!binary aGk='",
    "lambda update-function-configuration --function-name pay --cli-input-yaml 'Timeout: !!binary aGk='",
    "lambda update-function-configuration --function-name pay --cli-input-yaml 'Description: 99999999999999999999'",
];

/// Lines that a script may contain by mistake.
const CORNERS: &[&str] = &[
    "lambda invoke --function-name f --cli-input-json '{}' out.json",
    "lambda invoke --cli-input-json '{}'",
    "lambda add-permission --function-name rich",
    "lambda update-function-configuration --function-name pay --description file://",
    "lambda update-function-configuration --function-name pay --description fileb://",
    "lambda update-function-configuration --function-name pay --description file://~root/no/such/file",
    "lambda update-function-configuration --function-name pay --timeout ٣",
    "lambda update-function-configuration --function-name pay --timeout １２",
    "lambda list-functions --query 'to_number(`\"٣\"`)'",
    "lambda list-functions --query 'to_number(`\" 5 \"`)'",
    "lambda list-functions --cli-read-timeout -1",
    "lambda list-functions --cli-connect-timeout -1",
    "lambda list-functions --cli-input-json '{\"PaginationConfig\":{}}'",
    "lambda get-function-configuration --function-name pay --cli-input-json '{\"PaginationConfig\":{}}'",
    "lambda update-function-configuration --function-name pay --cli-input-json '{\"Timeout\": NaN}'",
    "lambda update-function-configuration --function-name pay --cli-input-json '{\"Description\": -Infinity}'",
    "lambda update-function-configuration --function-name pay --cli-input-json '{\"Description\": 99999999999999999999}'",
    "lambda update-function-configuration --function-name pay --cli-input-json file://bom.json",
    "lambda get-function-configuration --function-name pay --query '&Name'",
    "lambda list-functions --query 'to_number(`\"inf\"`)'",
    "lambda list-functions --query 'to_number(`\"nan\"`)'",
    "lambda list-functions --query 'to_number(`\"-Infinity\"`)' --output text",
    "lambda publish-version --function-name pay \tx --bogus a\tb",
    "lambda 'zzz\t'",
    "lambda 'publish-versoin\t'",
    "s3api head-bucket --bucket ''",
    "s3api put-object --bucket '' --key k",
    "s3api list-objects-v2 --bucket 'a b'",
    "s3 ls --bogus x",
    "s3 bogus",
    "configure --bogus",
    "configure get region --bogus",
    "configure list extra",
];

/// A call whose result depends on the environment.
const CALL: &str = "lambda get-alias --function-name pay --name live";

/// Settings that version 1 treats differently.
const PLACES: &[(&str, &[Setting])] = &[
    (
        "lambda get-alias --function-name pay --name live --profile nope",
        &[],
    ),
    ("lambda get-alias --function-name pay --profile nope", &[]),
    (
        "lambda get-alias --function-name pay --name live --profile ''",
        &[],
    ),
    (
        "lambda get-alias --function-name pay --name live --profile",
        &[],
    ),
    (
        "lambda get-alias --function-name pay --name live --profile default",
        &[],
    ),
    (CALL, &[("AWS_PROFILE", Some("nope"))]),
    (CALL, &[("AWS_PROFILE", Some(""))]),
    (CALL, &[("AWS_DEFAULT_PROFILE", Some("nope"))]),
    (
        CALL,
        &[
            ("AWS_PROFILE", Some("kept")),
            ("AWS_SHARED_CREDENTIALS_FILE", Some("keys")),
        ],
    ),
    ("lambda zzz", &[("AWS_PROFILE", Some("nope"))]),
    (
        "lambda get-alias --function-name pay --name live --query 'a['",
        &[("AWS_PROFILE", Some("nope"))],
    ),
    ("configure get region", &[("AWS_PROFILE", Some("nope"))]),
    (
        "configure list-profiles",
        &[
            ("AWS_CONFIG_FILE", Some("profiles")),
            ("AWS_SHARED_CREDENTIALS_FILE", Some("keys")),
        ],
    ),
    (
        "lambda list-functions --region ''",
        &[("AWS_ENDPOINT_URL", None)],
    ),
    (
        "sts get-caller-identity --region ''",
        &[("AWS_ENDPOINT_URL", None)],
    ),
    ("s3 ls --region ''", &[("AWS_ENDPOINT_URL", None)]),
    (
        "s3api list-buckets --region ''",
        &[("AWS_ENDPOINT_URL", None)],
    ),
    (
        "ecr describe-repositories --region ''",
        &[("AWS_ENDPOINT_URL", None)],
    ),
    (
        CALL,
        &[("AWS_ENDPOINT_URL", None), ("AWS_DEFAULT_REGION", Some(""))],
    ),
    (CALL, &[("AWS_RETRY_MODE", Some("legacy"))]),
    (CALL, &[("AWS_RETRY_MODE", Some(""))]),
    (CALL, &[("AWS_RETRY_MODE", Some("adaptive"))]),
    (CALL, &[("AWS_MAX_ATTEMPTS", Some("0"))]),
    (CALL, &[("AWS_MAX_ATTEMPTS", Some("-1"))]),
    (CALL, &[("AWS_MAX_ATTEMPTS", Some("abc"))]),
    (
        "lambda get-alias --function-name '' --name live",
        &[("AWS_MAX_ATTEMPTS", Some("0"))],
    ),
    (CALL, &[("AWS_CONFIG_FILE", Some("odd-timestamps"))]),
    (CALL, &[("AWS_CONFIG_FILE", Some("odd-bytes"))]),
    (
        "lambda update-function-configuration --function-name pay --description file://v.txt",
        &[("AWS_CLI_FILE_ENCODING", Some("bogus"))],
    ),
    (CALL, &[("AWS_CLI_FILE_ENCODING", Some("bogus"))]),
    (
        "lambda list-functions --endpoint-url x:1",
        &[("AWS_ENDPOINT_URL", None)],
    ),
    (
        "lambda list-functions --endpoint-url http:///x",
        &[("AWS_ENDPOINT_URL", None)],
    ),
    (
        "lambda list-functions --endpoint-url ftp://x",
        &[("AWS_ENDPOINT_URL", None)],
    ),
    ("live", &[("HOME", Some("aliased"))]),
    (
        "live --query FunctionVersion --output text",
        &[("HOME", Some("aliased"))],
    ),
    ("say a 'b  c'", &[("HOME", Some("aliased"))]),
    ("say --output text x", &[("HOME", Some("aliased"))]),
    ("fails", &[("HOME", Some("aliased"))]),
    ("open", &[("HOME", Some("aliased"))]),
    ("keyed", &[("HOME", Some("aliased"))]),
    ("nothing", &[("HOME", Some("aliased"))]),
    (
        "lambda cfg --function-name pay",
        &[("HOME", Some("aliased"))],
    ),
    (
        "lambda list-functions --function-name pay",
        &[("HOME", Some("aliased"))],
    ),
    ("lambda said x", &[("HOME", Some("aliased"))]),
    ("unknown", &[("HOME", Some("aliased"))]),
];

/// Lines that both sides run in separate processes.
const PROCESSES: &[&str] = &[
    "lambda get-function-configuration --function-name pay",
    "lambda list-versions-by-function --function-name pay --output text --query Versions[].Version",
    "lambda get-alias --function-name pay --name nothing",
    "lambda publish-versoin",
    "lambda publish-version --function-name pay --bogus-opt 3",
    "lambda publish-version --function-name bare --query Version --output text",
    "lambda invoke --function-name rich /dev/stdout",
    "lambda invoke --function-name bare --log-type Tail /dev/stdout",
];
