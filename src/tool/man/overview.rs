//! lambdry(1): the command as a whole.

use clap_mangen::roff::{bold, italic};

use crate::{
    face::{AWS_CLI_VERSION, Service, customize, globals, options::kebab},
    operation::Entry,
};

use super::{
    super::{COMMANDS, complete::gist},
    Page, page_name,
    sheet::Sheet,
    tables::{FILES, VARIABLES},
};

/// Makes the page.
pub(super) fn page(services: &[Service]) -> Page {
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

/// The operations that the help lists.
fn listed(service: &Service) -> impl Iterator<Item = &&'static Entry> {
    service
        .entries
        .iter()
        .filter(|entry| !customize::is_hidden(&kebab(entry.name)))
}
