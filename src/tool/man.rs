//! The man pages: one for lambdry, one for each operation, one for `wait`, one for each command of our own.
//!
//! A page of an operation is its request and response type, its sentence and its route, laid out; only examples
//! are written by hand, and an operation without one gets the shortest line that could be typed. Our own commands'
//! pages are clap_mangen's, made of the clap command that also parses their words.

use std::{borrow::Borrow, io};

use clap_mangen::{
    Man,
    roff::{Inline, Roff, bold, italic, roman},
};

use crate::{
    face::{
        AWS_CLI_VERSION, Backend as _, Service,
        arguments::{Kind, Takes},
        call, customize, globals, help,
        options::{Meaning, Opt, kebab},
        waiters,
    },
    operation::{
        Entry, FAMILIES,
        shape::{Shape, Structure, Text},
    },
};

use super::{
    COMMANDS, Command,
    backend::Lambdry,
    complete::gist,
    rehearse::{finding::RULES, report::FORMATS},
};

/// A page.
#[derive(Debug)]
pub(crate) struct Page {
    /// `lambdry-publish-version`.
    name: String,
    /// The roff source.
    pub(crate) text: String,
}

impl Page {
    /// `lambdry-publish-version.1`.
    pub(crate) fn file(&self) -> String {
        format!("{}.1", self.name)
    }
}

/// What stands at the foot of every page.
const SOURCE: &str = concat!("lambdry ", env!("CARGO_PKG_VERSION"));
const MANUAL: &str = "lambdry manual";
/// No date, so that a page changes only when its command does; the quotes keep its place in the title line.
const UNDATED: &str = "\"\"";

/// How a line can end, for every page of a call.
const EXITS: &[(&str, &str)] = &[
    ("0", "Done."),
    (
        "252",
        "The line does not parse, or a value is not what it should be; nothing was called.",
    ),
    ("253", "A setting is missing or makes no sense."),
    ("254", "The service answered with an error."),
    (
        "255",
        "Anything else: a waiter that gave up, a state directory that cannot be read, a service that is not simulated.",
    ),
    ("130", "Interrupted."),
];

const VARIABLES: &[(&str, &str)] = &[
    (
        "LAMBDRY_STATE_DIR",
        "The state directory; --state-dir wins. Without either it is the platform's data directory.",
    ),
    (
        "LAMBDRY_ACCOUNT_ID",
        "The account, twelve digits; 123456789012 when not set.",
    ),
    (
        "LAMBDRY_SETTLE",
        "How long a create or an update takes: seconds, or 2s, 500ms; --settle wins. When not set 0, and 2 s for a binary called aws.",
    ),
    (
        "LAMBDRY_PUBLISH_RULE",
        "When a publish makes a version: update (when not set), after every update, as was measured; content, only where code or configuration differ, as AWS's page says.",
    ),
    (
        "LAMBDRY_NOW",
        "Freezes time at that moment, as 2026-11-22T12:00:00Z. Then only wait completes a change.",
    ),
    (
        "LAMBDRY_SEED",
        "Makes every id a function of this text, the resource and its change counter.",
    ),
    (
        "LAMBDRY_HINTS",
        "0 silences the hints on stderr; 1 asks for them in a binary called aws.",
    ),
    (
        "LAMBDRY_EXPLAIN",
        "1 says on stderr what each call did and why, in a binary called aws as well; as --explain does.",
    ),
    (
        "LAMBDRY_LOCK_TIMEOUT",
        "How many seconds a busy lock is waited for; 60 when not set.",
    ),
    (
        "LAMBDRY_TOTAL_CODE_SIZE",
        "How many bytes of code the account may hold, whatever account.json says.",
    ),
    (
        "LAMBDRY_FAULTS",
        "A fault plan, as PublishVersion#2=TooManyRequestsException: the second call of PublishVersion is answered with that error.",
    ),
    (
        "LAMBDRY_CALLS",
        "A file that a line of JSON is appended to for every command, secrets masked; a rehearsal sets it.",
    ),
    (
        "LAMBDRY_STUBS",
        "Files of stubs, with colons between; asked before stubs in the state directory. See STUBS.",
    ),
    (
        "LAMBDRY_REHEARSAL",
        "The folder of the rehearsal under way; set by lambdry rehearse.",
    ),
    (
        "LAMBDRY_INVOKE",
        "A shell command that answers when a function is invoked: the event on stdin, the code in its folder, the answer on stdout.",
    ),
    (
        "AWS_REGION, AWS_DEFAULT_REGION",
        "The region when --region is not given; then the profile's, then us-east-1.",
    ),
    (
        "AWS_PROFILE, AWS_DEFAULT_PROFILE",
        "The profile when --profile is not given.",
    ),
    (
        "AWS_CONFIG_FILE",
        "The config file instead of ~/.aws/config. The credentials file is never opened.",
    ),
    (
        "AWS_DEFAULT_OUTPUT",
        "The form of the answer when --output is not given.",
    ),
    (
        "AWS_CLI_ERROR_FORMAT",
        "The form of errors when --cli-error-format is not given.",
    ),
    (
        "AWS_MAX_ATTEMPTS, AWS_RETRY_MODE",
        "What the text of a retryable error says of retries.",
    ),
];

const FILES: &[(&str, &str)] = &[
    (
        "FORMAT",
        "The number of the layout; a newer one is refused.",
    ),
    (
        "ACCOUNT/REGION/functions/NAME/function.json",
        "A function: $LATEST, its aliases, tags and counters.",
    ),
    (
        "ACCOUNT/REGION/functions/NAME/versions/N.json",
        "A published version, frozen.",
    ),
    (
        "ACCOUNT/REGION/functions/NAME/journal.jsonl",
        "One line a change.",
    ),
    (
        "ACCOUNT/REGION/account.json",
        "The account's limits, yours to edit.",
    ),
    (
        "ACCOUNT/REGION/ecr.json, ACCOUNT/iam.json",
        "Repositories and roles.",
    ),
    ("packages/sha256/", "Code, by its digest."),
    (
        "s3/BUCKET/KEY",
        "Objects, which aws s3 writes and --s3-bucket, --s3-key read; yours to fill.",
    ),
    (
        "aws/config",
        "Settings that win over those of ~/.aws/config.",
    ),
    ("faults", "A fault plan, as LAMBDRY_FAULTS."),
    ("stubs", "Answers of your own to commands. See STUBS."),
    (
        "invoke",
        "A command that answers for functions, as LAMBDRY_INVOKE.",
    ),
];

/// Examples of the calls a release is made of: what each line does, and the line.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "CreateFunction",
        &[(
            "Make a function of a zip file:",
            "lambdry create-function --function-name pay --runtime python3.13 \\\n    --role arn:aws:iam::123456789012:role/pay --handler app.handler \\\n    --zip-file fileb://code.zip",
        )],
    ),
    (
        "UpdateFunctionCode",
        &[
            (
                "Put new code into $LATEST, and wait until it is there:",
                "lambdry update-function-code --function-name pay --zip-file fileb://code.zip\nlambdry wait function-updated-v2 --function-name pay",
            ),
            (
                "Take the code from the bucket releases of the state directory's s3 folder, and publish it at once:",
                "lambdry update-function-code --function-name pay \\\n    --s3-bucket releases --s3-key pay/42.zip --publish",
            ),
        ],
    ),
    (
        "UpdateFunctionConfiguration",
        &[(
            "Set environment variables; those that are not named are gone:",
            "lambdry update-function-configuration --function-name pay \\\n    --environment 'Variables={STAGE=test,LEVEL=debug}'",
        )],
    ),
    (
        "PublishVersion",
        &[
            (
                "Freeze $LATEST, and keep the number it got:",
                "version=$(lambdry publish-version --function-name pay \\\n    --query Version --output text)",
            ),
            (
                "Only if the code is still the code that was tested:",
                "lambdry publish-version --function-name pay --code-sha256 \"$sha\"",
            ),
        ],
    ),
    (
        "GetFunction",
        &[(
            "Fetch the code of version 3:",
            "curl -o pay-3.zip \"$(lambdry get-function --function-name pay --qualifier 3 \\\n    --query Code.Location --output text)\"",
        )],
    ),
    (
        "CreateAlias",
        &[(
            "Give version 1 the name live:",
            "lambdry create-alias --function-name pay --name live --function-version 1",
        )],
    ),
    (
        "UpdateAlias",
        &[
            (
                "Send a tenth of live's traffic to version 2:",
                "lambdry update-alias --function-name pay --name live \\\n    --routing-config 'AdditionalVersionWeights={2=0.1}'",
            ),
            (
                "Move live to version 2 and end the split:",
                "lambdry update-alias --function-name pay --name live --function-version 2 \\\n    --routing-config 'AdditionalVersionWeights={}'",
            ),
        ],
    ),
    (
        "ListVersionsByFunction",
        &[(
            "The newest version's number:",
            "lambdry list-versions-by-function --function-name pay \\\n    --query 'Versions[-1].Version' --output text",
        )],
    ),
    (
        "DeleteFunction",
        &[(
            "Remove version 1, which no alias may point at:",
            "lambdry delete-function --function-name pay --qualifier 1",
        )],
    ),
];

/// All pages, lambdry(1) first.
pub(crate) fn pages() -> Vec<Page> {
    let services = Lambdry::default().services();
    let mut pages = vec![main(&services)];
    for service in &services {
        if service.name != "lambda" {
            pages.push(other(service));
            continue;
        }
        let shown = |entry: &&&Entry| !customize::is_hidden(&kebab(entry.name));
        for entry in service.entries.iter().filter(shown) {
            pages.push(operation(service, entry));
        }
        if service.waits() {
            pages.push(wait(service));
        }
    }
    pages.extend(COMMANDS.iter().map(own));
    pages
}

/// The name of an operation's page. Lambda's operations are lambdry's own words.
fn page_name(command: &str) -> String {
    format!("lambdry-{command}")
}

/// The page of another service, which tells of all its commands.
fn other(service: &Service) -> Page {
    let mut page = Sheet::new(&page_name(service.name), &gist(service.about));
    page.section("SYNOPSIS");
    page.usage(
        "lambdry",
        &[
            "[global options]",
            service.name,
            "<command>",
            "[parameters]",
        ],
    );
    page.section("DESCRIPTION");
    page.text(service.about);
    page.text(&format!(
        "Answers as aws {} does, as far as deployment scripts need it, from the state directory alone; nothing leaves this \
         machine. What is not named here is refused by name, or answered by a stub: see STUBS in lambdry(1).",
        service.name
    ));
    page.section("COMMANDS");
    let operations = service.entries.iter().map(|entry| {
        let command = call::Command {
            service: service.name,
            entry,
            waiter: None,
        };
        (command.name(), entry.about.to_owned(), command.table(false))
    });
    let waiters = waiters::of(service.name).filter_map(|waiter| {
        let mut entries = service.entries.iter();
        let entry = entries.find(|entry| entry.name == waiter.operation)?;
        let command = call::Command {
            service: service.name,
            entry,
            waiter: Some(waiter),
        };
        let name = format!("wait {}", waiter.command);
        Some((name, waiter.about(), command.table(false)))
    });
    let customs = service.commands.iter();
    let customs = customs.map(|custom| {
        (
            custom.name.to_owned(),
            custom.about.to_owned(),
            custom.table(),
        )
    });
    let mut commands: Vec<_> = operations.chain(waiters).chain(customs).collect();
    commands.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, about, table) in commands {
        let options: Vec<&str> = table
            .iter()
            .filter(|opt| !opt.hidden && opt.name().starts_with('-'))
            .filter(|opt| !opt.about.starts_with("Taken;"))
            .filter(|opt| !matches!(opt.meaning, Meaning::Input | Meaning::Switch(_, false)))
            .map(Opt::name)
            .collect();
        page.term(&[bold(name)], &about);
        if !options.is_empty() {
            page.text(&format!("Options: {}.", options.join(", ")));
        }
    }
    page.exits();
    page.section("SEE ALSO");
    page.text("lambdry(1)");
    page.page()
}

fn main(services: &[Service]) -> Page {
    let mut page = Sheet::new(
        "lambdry",
        "aws lambda without AWS: versions, aliases and deployments on plain files",
    );
    page.section("SYNOPSIS");
    page.usage(
        "lambdry",
        &["[global options]", "<operation>", "[parameters]"],
    );
    page.usage(
        "lambdry",
        &[
            "[global options]",
            "<service>",
            "<operation>",
            "[parameters]",
        ],
    );
    page.usage("lambdry", &["[global options]", "<command>", "[options]"]);
    page.section("DESCRIPTION");
    page.text(&format!(
        "lambdry answers as aws lambda would: the same options, the same answers, the same errors and exit codes as \
         version {AWS_CLI_VERSION} of the AWS command line and the service behind it. What it knows lies in plain JSON files \
         in a state directory. It opens no connection, reads no credentials and never runs the real aws."
    ));
    page.text(
        "lambdry publish-version and lambdry lambda publish-version are the same call, and so is aws lambda \
         publish-version where aws is a link to this binary; there, our own commands and options do not exist.",
    );
    page.text(
        "A line without a command shows where the state lies and what is in it. An operation's page is \
         lambdry-OPERATION(1); lambdry OPERATION help shows the same in short.",
    );
    page.section("GLOBAL OPTIONS");
    page.text(
        "They may stand anywhere on the line; lambdry's own commands take them before their name.",
    );
    page.options(&globals::table(false));
    page.section("COMMANDS");
    for command in COMMANDS {
        page.term(
            &[bold(format!("lambdry-{}(1)", command.name))],
            command.about,
        );
    }
    for service in services.iter().filter(|service| service.name == "lambda") {
        page.section("OPERATIONS OF LAMBDA");
        for entry in listed(service) {
            let name = page_name(&kebab(entry.name));
            page.term(
                &[bold(format!("{name}(1)"))],
                &format!("{}.", gist(entry.about)),
            );
        }
        if service.waits() {
            page.term(
                &[bold("lambdry-wait(1)")],
                "Waits until a function is as wanted.",
            );
        }
    }
    page.section("OTHER SERVICES");
    page.text(
        "What deployment scripts lean on besides. aws configure reads and writes settings, too.",
    );
    for service in services.iter().filter(|service| service.name != "lambda") {
        let name = format!("{}(1)", page_name(service.name));
        page.term(&[bold(name)], service.about);
    }
    page.section("STUBS");
    page.text(
        "A stub answers a command in place of what would: a service that is not simulated, or one that is and should answer \
         otherwise. Stubs stand in the file stubs of the state directory and in the files of LAMBDRY_STUBS; of those that \
         match, the first one answers.",
    );
    for (what, line) in [
        (
            "A line is a command. Indented below it stands what it prints; JSON passes through --query and --output. * within \
             a word stands for any characters, alone for any words; more words may follow in the command.",
            "cloudformation describe-stacks * --stack-name prod*\n    {\"Stacks\": [{\"StackStatus\": \"CREATE_COMPLETE\"}]}",
        ),
        (
            "Alone, a command succeeds and prints nothing:",
            "cloudfront create-invalidation",
        ),
        (
            "=> is followed by its exit code; lines behind ! go to standard error:",
            "ssm put-parameter => 254\n    ! An error occurred (ParameterAlreadyExists) when calling the PutParameter operation",
        ),
        (
            "< is followed by a file that it prints, looked for beside the file of stubs:",
            "ssm get-parameter < answers/parameter.json",
        ),
    ] {
        page.example(what, line);
    }
    page.section("EXAMPLES");
    for (what, line) in [
        (
            "A release, from new code to a moved alias:",
            "lambdry update-function-code --function-name pay --zip-file fileb://code.zip\nlambdry wait function-updated-v2 --function-name pay\nlambdry publish-version --function-name pay\nlambdry update-alias --function-name pay --name live --function-version 2",
        ),
        (
            "Let a script that calls aws meet lambdry instead:",
            "mkdir -p /tmp/bin && ln -s \"$(command -v lambdry)\" /tmp/bin/aws\nAWS_DEFAULT_REGION=eu-west-1 PATH=/tmp/bin:$PATH ./deploy.sh",
        ),
        (
            "Completion in this bash:",
            "source <(lambdry generate completions bash)",
        ),
    ] {
        page.example(what, line);
    }
    page.exits();
    page.section("ENVIRONMENT");
    for (name, about) in VARIABLES {
        page.term(&[bold(*name)], about);
    }
    page.section("FILES");
    page.text(
        "In the state directory, whose folders are made with mode 0700 and whose files with 0600:",
    );
    for (name, about) in FILES {
        page.term(&[italic(*name)], about);
    }
    page.section("SEE ALSO");
    page.text("The pages named above.");
    page.page()
}

fn operation(service: &Service, entry: &Entry) -> Page {
    let command = call::Command {
        service: service.name,
        entry,
        waiter: None,
    };
    let (request, response) = (entry.request(), entry.response());
    let table = command.table(false);
    let name = command.name();
    let mut page = Sheet::new(&page_name(&name), &gist(entry.about));
    page.section("SYNOPSIS");
    page.synopsis(&[service.name, &name], &table);
    page.section("DESCRIPTION");
    page.text(entry.about);
    page.text(&format!(
        "Answers as aws {} {name} does, from the state directory alone; nothing leaves this machine.",
        service.name
    ));
    page.section("OPTIONS");
    page.options(&table);
    page.text("The global options are those of lambdry(1).");
    page.section("OUTPUT");
    if response.members.is_empty() {
        page.text("None.");
    }
    page.members(response, false);
    page.section("EXAMPLES");
    match EXAMPLES.iter().find(|(name, _)| *name == entry.name) {
        Some((_, examples)) => examples
            .iter()
            .for_each(|(what, line)| page.example(what, line)),
        None => page.example(
            "The shortest line:",
            &help::example("lambdry", &command, &table),
        ),
    }
    page.section("ERRORS");
    page.text(
        "The service's own errors go to stderr with their code in parentheses, and end with exit code 254. Among them:",
    );
    for (code, about) in errors(entry, request) {
        page.term(&[bold(code)], about);
    }
    page.text("A fault plan can bring about any other; see LAMBDRY_FAULTS in lambdry(1).");
    page.exits();
    page.section("SEE ALSO");
    page.see(&[entry.name], &name);
    page.page()
}

/// The errors that follow from what an operation takes and how it is called.
fn errors(entry: &Entry, request: &Structure) -> Vec<(&'static str, &'static str)> {
    let has = |name: &str| request.member(name).is_some();
    let changes = !entry.route.starts_with("GET ");
    [
        (!request.members.is_empty(), "InvalidParameterValueException", "A value is not one the service takes."),
        (!request.members.is_empty(), "ValidationException", "A value breaks a bound or a pattern; all that do are named in one message."),
        (entry.route.contains("{FunctionName}"), "ResourceNotFoundException", "There is no such function, version or alias."),
        (changes, "ResourceConflictException", "It is already there, is still in use, or an update is in progress: wait for that one first."),
        (has("RevisionId"), "PreconditionFailedException", "The RevisionId given is not the present one: somebody else made a change."),
        (has("CodeSha256") || has("Code") || has("ZipFile"), "CodeStorageExceededException", "The account's code storage is full."),
        (has("Code") || has("ZipFile"), "InvalidZipFileException", "The zip file cannot be read."),
        (true, "ServiceException", "The service failed; here, when a fault plan says so."),
        (true, "TooManyRequestsException", "The request rate is too high; here, when a fault plan says so."),
    ]
    .into_iter()
    .filter(|(applies, ..)| *applies)
    .map(|(_, code, about)| (code, about))
    .collect()
}

fn wait(service: &Service) -> Page {
    let mut page = Sheet::new(&page_name("wait"), "waits until a function is as wanted");
    page.section("SYNOPSIS");
    for waiter in waiters::of(service.name) {
        page.usage(
            "lambdry",
            &[
                "[global options]",
                &format!("[{}]", service.name),
                "wait",
                waiter.command,
                "--function-name <value>",
                "[--qualifier <value>]",
            ],
        );
    }
    page.section("DESCRIPTION");
    page.text("Polls an operation until its answer is as wanted, then ends without a word.");
    page.text(
        "Nothing takes real time here: the change in progress that is waited for is completed, and no other. A \
         function that is not there is looked for once more after a second. So a script that waits is right and \
         quick, and one that forgets to wait fails as it would on AWS.",
    );
    for waiter in waiters::of(service.name) {
        page.term(&[bold(waiter.command)], &waiter.about());
    }
    let polled = waiters::of(service.name).next().and_then(|waiter| {
        let mut entries = service.entries.iter();
        let entry = entries.find(|entry| entry.name == waiter.operation)?;
        Some((waiter, entry))
    });
    if let Some((waiter, entry)) = polled {
        page.section("OPTIONS");
        let command = call::Command {
            service: service.name,
            entry,
            waiter: Some(waiter),
        };
        page.options(&command.table(false));
        page.text("The global options are those of lambdry(1).");
    }
    page.section("EXAMPLES");
    page.example(
        "Wait for new code before it is published:",
        "lambdry wait function-updated-v2 --function-name pay",
    );
    page.exits();
    page.section("SEE ALSO");
    let polled: Vec<&str> = waiters::of(service.name)
        .map(|waiter| waiter.operation)
        .collect();
    page.see(&polled, "wait");
    page.page()
}

fn own(command: &Command) -> Page {
    let name = format!("lambdry-{}", command.name);
    let usage = format!("lambdry {}", command.name);
    let clap = (command.options)()
        .name(name.clone())
        .display_name(name.clone())
        .bin_name(usage)
        .about(gist(command.about))
        .long_about(command.about);
    let text = own_text(&name, &clap).expect("writing to memory does not fail");
    Page {
        name,
        text: ascii(&text),
    }
}

fn own_text(name: &str, command: &clap::Command) -> io::Result<String> {
    let mut text = Vec::new();
    let man = |command: &clap::Command| {
        Man::new(command.clone())
            .title(name.to_uppercase())
            .date(UNDATED)
            .source(SOURCE)
            .manual(MANUAL)
    };
    let whole = man(command);
    whole.render_title(&mut text)?;
    let mut setting = Roff::new();
    plain_setting(&mut setting);
    text.extend(setting.to_roff().as_bytes());
    whole.render_name_section(&mut text)?;
    whole.render_synopsis_section(&mut text)?;
    whole.render_description_section(&mut text)?;
    whole.render_options_section(&mut text)?;
    let mut built = command.clone();
    built.build();
    for sub in built
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
    {
        // Its sections become part of one section of this page.
        let mut sections = Vec::new();
        let man = man(sub);
        man.render_synopsis_section(&mut sections)?;
        man.render_description_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        let sections = String::from_utf8_lossy(&sections);
        let title = format!(
            ".SH \"{}\"\n",
            sub.get_bin_name().unwrap_or_default().to_uppercase()
        );
        text.extend(title.as_bytes());
        for line in sections.lines() {
            let line = if line.starts_with(".SH ") {
                ".PP"
            } else {
                line
            };
            text.extend(format!("{line}\n").as_bytes());
        }
    }
    let mut tail = Sheet {
        name: String::new(),
        roff: Roff::new(),
    };
    if name == "lambdry-rehearse" {
        rehearsal(&mut tail);
        sweep(&mut tail);
    }
    tail.section("SEE ALSO");
    tail.text("lambdry(1)");
    text.extend(tail.roff.to_roff().as_bytes());
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// What a rehearsal reports, and what it looks for.
fn rehearsal(page: &mut Sheet) {
    page.section("REPORTS");
    for format in FORMATS {
        page.term(&[bold(format.name)], format.about);
    }
    page.section("FINDINGS");
    page.text(
        "What a script does that fails on AWS, or passes there by luck. With --strict, one that is an error fails the \
         rehearsal with exit code 255.",
    );
    for rule in RULES {
        let [about, rest @ ..] = rule.paragraphs();
        page.term(&[bold(rule.name)], &about);
        page.roff.control("RS", []);
        for paragraph in &rest {
            page.text(paragraph);
        }
        page.roff.control("RE", []);
    }
}

/// What a sweep does, and what its exit code says.
fn sweep(page: &mut Sheet) {
    page.section("SWEEP");
    page.text(
        "After a clean run, every call that changes something fails once before it takes effect (\
         TooManyRequestsException) and once after (ServiceException), each in a run on a fork and in a copy of the \
         working folder of its own. The script is then run again, a minute later by the fork's clock, on what was \
         left. Two ends are the same when callers of the functions cannot tell them apart: numbers of versions, ids, \
         times and the times in a zip do not count, and what differs between two clean runs is not compared.",
    );
    page.text(
        "The table goes to stdout. Exit codes: 0 the script can be run again from every point, 1 there is a point from \
         which it cannot or at which it goes on as if the call had worked, 252 commands that would repeat are not \
         allowed, 255 the clean run fails.",
    );
}

/// The operations that help names.
fn listed(service: &Service) -> impl Iterator<Item = &&'static Entry> {
    service
        .entries
        .iter()
        .filter(|entry| !customize::is_hidden(&kebab(entry.name)))
}

/// A page on its way.
struct Sheet {
    name: String,
    roff: Roff,
}

impl Sheet {
    fn new(name: &str, about: &str) -> Self {
        let mut roff = Roff::new();
        roff.control(
            "TH",
            [name.to_uppercase().as_str(), "1", UNDATED, SOURCE, MANUAL],
        );
        plain_setting(&mut roff);
        roff.control("SH", ["NAME"]);
        roff.text([roman(format!("{name} - {about}"))]);
        Self {
            name: name.to_owned(),
            roff,
        }
    }

    fn page(self) -> Page {
        Page {
            name: self.name,
            text: ascii(&self.roff.to_roff()),
        }
    }

    fn section(&mut self, title: &str) {
        self.roff.control("SH", [title]);
    }

    /// A paragraph.
    fn text(&mut self, text: &str) {
        self.roff.control("PP", []);
        self.roff.text(prose(text));
    }

    /// A term and what it means.
    fn term(&mut self, term: &[Inline], about: &str) {
        self.roff.control("TP", []);
        self.roff.text(term);
        self.roff.text(prose(about));
    }

    /// A line as it is typed, its parts kept whole where it breaks.
    fn usage(&mut self, program: &str, parts: &[&str]) {
        self.roff.control("HP", []);
        let mut line = vec![bold(program)];
        for part in parts {
            line.push(roman(" "));
            match part.starts_with(['[', '<', '-']) {
                true => line.push(roman(part.replace(' ', "\u{a0}"))),
                false => line.push(bold(*part)),
            }
        }
        self.roff.text(line);
    }

    fn synopsis(&mut self, words: &[&str], table: &[Opt]) {
        let lines: Vec<String> = table
            .iter()
            .filter(|opt| !opt.hidden)
            .filter_map(help::synopsis)
            .collect();
        let service = words
            .first()
            .map(|service| format!("[{service}]"))
            .unwrap_or_default();
        let mut parts = vec!["[global options]", service.as_str()];
        parts.extend(words.iter().skip(1));
        parts.extend(lines.iter().map(String::as_str));
        // Only Lambda may be left unnamed.
        if words.first() != Some(&"lambda") {
            parts[1] = words.first().copied().unwrap_or_default();
        }
        self.usage("lambdry", &parts);
    }

    fn options(&mut self, table: &[Opt]) {
        for opt in table.iter().filter(|opt| !opt.hidden) {
            if matches!(opt.meaning, Meaning::Switch(_, false)) {
                continue;
            }
            self.roff.control("TP", []);
            let mut term = vec![bold(opt.name())];
            if matches!(opt.meaning, Meaning::Switch(..)) {
                term.extend([
                    roman(", "),
                    bold(format!("--no-{}", opt.name().trim_start_matches('-'))),
                ]);
            } else if opt.action.takes != Takes::Nothing && opt.name().starts_with('-') {
                term.extend([roman(" "), italic("value")]);
            }
            let (kind, bounds) = match (&opt.meaning, &opt.action.kind) {
                _ if opt.action.takes == Takes::Nothing => ("boolean".to_owned(), String::new()),
                (_, Kind::Choice(names)) => ("string".to_owned(), one_of(names)),
                (Meaning::Member(_, shape), _) => (kind(shape), bounds(shape)),
                (Meaning::Zip(_), _) => ("blob".to_owned(), String::new()),
                (_, Kind::Int) => ("integer".to_owned(), String::new()),
                _ => ("string".to_owned(), String::new()),
            };
            let required = if opt.action.required {
                ", required"
            } else {
                ""
            };
            term.push(roman(format!(" ({kind}{required})")));
            self.roff.text(term);
            self.roff.text(prose(&join(&opt.about, &bounds)));
            if let Meaning::Member(_, shape) = &opt.meaning {
                self.inner(shape, true);
            }
        }
    }

    /// The members of what a value is made of, set in.
    fn inner(&mut self, shape: &Shape, bounded: bool) {
        match shape {
            Shape::Structure(structure) if !structure.members.is_empty() => {
                self.roff.control("RS", []);
                self.members(structure, bounded);
                self.roff.control("RE", []);
            }
            Shape::List { member, .. } => self.inner(member, bounded),
            Shape::Map { value, .. } => self.inner(value, bounded),
            _ => {}
        }
    }

    /// Members and what they hold; `bounded`: with what each may be.
    fn members(&mut self, structure: &Structure, bounded: bool) {
        for member in &structure.members {
            let bounds = if bounded {
                bounds(&member.shape)
            } else {
                String::new()
            };
            let about = join(&member.about, &bounds);
            let term = [
                bold(member.name.as_str()),
                roman(format!(" ({})", kind(&member.shape))),
            ];
            self.term(&term, &about);
            self.inner(&member.shape, bounded);
        }
    }

    fn example(&mut self, what: &str, line: &str) {
        self.text(what);
        self.roff.control("PP", []);
        self.roff.control("RS", ["4"]);
        self.roff.control("nf", []);
        self.roff.text([roman(line)]);
        self.roff.control("fi", []);
        self.roff.control("RE", []);
    }

    fn exits(&mut self) {
        self.section("EXIT STATUS");
        for (code, about) in EXITS {
            self.term(&[bold(*code)], about);
        }
    }

    /// lambdry(1) and the pages of the families that these operations are of, so that one more operation changes no
    /// page outside its family.
    fn see(&mut self, operations: &[&str], but: &str) {
        let is_of = |entry: &Entry| operations.contains(&entry.name);
        let families = FAMILIES.iter().filter(|family| family.iter().any(is_of));
        let entries: Vec<&Entry> = families.copied().flatten().collect();
        let mut names: Vec<String> = entries.iter().map(|entry| kebab(entry.name)).collect();
        names.retain(|name| !customize::is_hidden(name));
        let is_polled =
            |entry: &&Entry| waiters::of("lambda").any(|waiter| waiter.operation == entry.name);
        if entries.iter().any(is_polled) {
            names.push("wait".to_owned());
        }
        names.sort_unstable();
        let mut line = vec![bold("lambdry"), roman("(1)")];
        for name in names.iter().filter(|name| *name != but) {
            line.extend([roman(", "), bold(page_name(name)), roman("(1)")]);
        }
        self.roff.control("PP", []);
        self.roff.text(line);
    }
}

/// Names of options break badly at their hyphens and in stretched lines.
fn plain_setting(roff: &mut Roff) {
    roff.control("nh", []);
    roff.control("ad", ["l"]);
}

/// The kind of a value, and of what it holds.
fn kind(shape: &Shape) -> String {
    match shape {
        Shape::List { member, .. } => format!("list of {}", kind(member)),
        Shape::Map { value, .. } => format!("map of {}", kind(value)),
        other => help::kind(other).to_owned(),
    }
}

/// What a value may be, in a sentence; empty when it may be anything.
fn bounds(shape: &Shape) -> String {
    let span = |what: &str, min: Option<String>, max: Option<String>| match (min, max) {
        (Some(min), Some(max)) if min == max => format!("{what} {min}."),
        (Some(min), Some(max)) => format!("{what} {min} to {max}."),
        (Some(min), None) => format!("{what} {min} or more."),
        (None, Some(max)) => format!("{what} {max} at most."),
        (None, None) => String::new(),
    };
    match shape {
        Shape::String(text) => match names(text) {
            [] => {
                let least = text.min.filter(|min| *min > 0).map(|min| min.to_string());
                span("Characters:", least, text.max.map(|max| max.to_string()))
            }
            names => one_of(names),
        },
        Shape::Integer { min, max } => span(
            "Range:",
            min.map(|min| min.to_string()),
            max.map(|max| max.to_string()),
        ),
        Shape::Float { min, max } => span(
            "Range:",
            min.map(|min| min.to_string()),
            max.map(|max| max.to_string()),
        ),
        Shape::List {
            member, min, max, ..
        } => {
            let items = span(
                "Items:",
                min.filter(|min| *min > 0).map(|min| min.to_string()),
                max.map(|max| max.to_string()),
            );
            match &**member {
                Shape::String(text) if !names(text).is_empty() => {
                    join(&items, &one_of(names(text)))
                }
                _ => items,
            }
        }
        _ => String::new(),
    }
}

fn names(text: &Text) -> &[String] {
    if text.values.is_empty() {
        &text.known_values
    } else {
        &text.values
    }
}

fn one_of(names: &[impl Borrow<str>]) -> String {
    format!("One of: {}.", names.join(", "))
}

fn join(first: &str, second: &str) -> String {
    [first, second]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Text whose words between backticks are bold.
fn prose(text: &str) -> Vec<Inline> {
    text.split('`')
        .enumerate()
        .map(|(at, part)| if at % 2 == 1 { bold(part) } else { roman(part) })
        .collect()
}

/// The source with what is not ASCII as groff names it.
fn ascii(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for c in source.chars() {
        match c {
            '\u{a0}' => out.push_str("\\ "),
            c if c.is_ascii() => out.push(c),
            c => out.push_str(&format!("\\[u{:04X}]", u32::from(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{self, find};

    fn entries() -> impl Iterator<Item = &'static Entry> {
        FAMILIES.iter().flat_map(|family| family.iter())
    }

    fn table(entry: &Entry) -> Vec<Opt> {
        call::Command {
            service: "lambda",
            entry,
            waiter: None,
        }
        .table(false)
    }

    #[test]
    fn every_command_has_a_page_and_lambdry_1_names_it() {
        let pages = pages();
        let mut files: Vec<String> = entries()
            .map(|entry| kebab(entry.name))
            .filter(|name| !customize::is_hidden(name))
            .map(|name| format!("lambdry-{name}.1"))
            .collect();
        files.extend(COMMANDS.iter().map(|own| format!("lambdry-{}.1", own.name)));
        files.push("lambdry-wait.1".to_owned());
        let services = ["ec2", "ecr", "iam", "s3", "s3api", "sts"];
        let ready = operation::ready::SERVICES
            .iter()
            .map(|service| service.name);
        let services = services.into_iter().chain(ready);
        files.extend(services.map(|name| format!("lambdry-{name}.1")));
        for file in &files {
            assert!(pages.iter().any(|page| page.file() == *file), "{file}");
            let named = format!("{}(1)", file.trim_end_matches(".1").replace('-', "\\-"));
            assert!(pages[0].text.contains(&named), "{file}");
        }
        assert_eq!(pages.len(), files.len() + 1);
    }

    #[test]
    fn a_page_has_every_option_of_its_operation() {
        let pages = pages();
        for entry in entries().filter(|entry| !customize::is_hidden(&kebab(entry.name))) {
            let file = format!("lambdry-{}.1", kebab(entry.name));
            let page = pages.iter().find(|page| page.file() == file).unwrap();
            for opt in table(entry) {
                let term = format!("\\fB{}\\fR", opt.name().replace('-', "\\-"));
                assert_eq!(page.text.contains(&term), !opt.hidden, "{file} {term}");
            }
        }
    }

    #[test]
    fn pages_are_ascii_and_no_line_is_taken_for_a_request() {
        let known = [
            "TH", "nh", "ad", "SH", "PP", "TP", "HP", "RS", "RE", "nf", "fi", "br", "IP", "ie",
            "el", "SS",
        ];
        for page in pages() {
            assert!(page.text.is_ascii(), "{}", page.name);
            for line in page
                .text
                .lines()
                .filter(|line| line.starts_with(['.', '\'']))
            {
                let request = line[1..].split(' ').next().unwrap_or_default();
                assert!(known.contains(&request), "{}: {line}", page.name);
            }
        }
    }

    #[test]
    fn examples_use_options_that_exist() {
        for (name, examples) in EXAMPLES {
            let entry = find(name).unwrap_or_else(|| panic!("{name} is no operation"));
            let mut known: Vec<String> = table(entry)
                .iter()
                .map(|opt| opt.name().to_owned())
                .collect();
            known.extend(
                globals::table(false)
                    .iter()
                    .map(|opt| opt.name().to_owned()),
            );
            for (_, line) in *examples {
                assert!(line.contains(&format!("lambdry {}", kebab(name))), "{line}");
                for word in line
                    .split_whitespace()
                    .filter(|word| word.starts_with("--"))
                {
                    assert!(
                        known.iter().any(|option| option == word),
                        "{word} in {line}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_variable_of_ours_is_named() {
        let source = include_str!("backend.rs");
        let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
        for (at, _) in source.match_indices("LAMBDRY_") {
            let name: String = source[at..].chars().take_while(|c| is_name(*c)).collect();
            // Debug builds alone have it.
            let named =
                name == "LAMBDRY_STEPS" || VARIABLES.iter().any(|(known, _)| *known == name);
            assert!(named, "{name}");
        }
    }

    #[test]
    fn says_what_a_value_may_be() {
        let text = |min, max| {
            Shape::String(Text {
                min,
                max,
                ..Text::default()
            })
        };
        assert_eq!(bounds(&text(Some(1), Some(64))), "Characters: 1 to 64.");
        assert_eq!(
            bounds(&text(Some(0), Some(256))),
            "Characters: 256 at most."
        );
        assert_eq!(bounds(&text(None, None)), "");
        let list = Shape::List {
            member: Box::new(Shape::String(Text {
                values: vec!["a".to_owned(), "b".to_owned()],
                ..Text::default()
            })),
            min: Some(1),
            max: Some(1),
            not_null: false,
        };
        assert_eq!(bounds(&list), "Items: 1. One of: a, b.");
        assert_eq!(kind(&list), "list of string");
    }

    #[test]
    fn writes_what_is_not_ascii_as_groff_names_it() {
        assert_eq!(ascii("a\u{a0}→ b"), "a\\ \\[u2192] b");
    }
}
