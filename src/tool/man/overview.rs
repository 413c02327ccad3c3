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
        "lambdry answers like aws lambda. It has the same options, answers, errors and exit codes as version \
         {AWS_CLI_VERSION} of the AWS command line and the service behind it. Its state is plain JSON files in a state \
         directory. It opens no connection, reads no credentials and never runs the real aws."
    ));
    page.text(
        "lambdry publish-version and lambdry lambda publish-version are the same call. If aws is a link to this binary, \
         aws lambda publish-version is the same call too; under the name aws, lambdry's own commands and options do not \
         exist.",
    );
    page.text(
        "Without a command, lambdry shows the path and the contents of the state. lambdry-OPERATION(1) is the page \
         of an operation; lambdry OPERATION help shows a short form of it.",
    );
    page.section("GLOBAL OPTIONS");
    page.text(
        "They may stand anywhere on the command line. For lambdry's own commands they stand before the command's \
         name.",
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
                "Waits until a function has a given state.",
            );
        }
    }
    page.section("OTHER SERVICES");
    page.text("Other services that deploy scripts use. aws configure reads and writes settings.");
    for service in services.iter().filter(|service| service.name != "lambda") {
        let name = format!("{}(1)", page_name(service.name));
        page.term(&[bold(name)], service.about);
    }
    page.section("STUBS");
    page.text(
        "A stub answers a command: one of a service that is not simulated, or one that should get another answer. \
         Stubs are in the file stubs of the state directory and in the files of LAMBDRY_STUBS. The first matching \
         stub answers.",
    );
    for (what, line) in [
        (
            "An unindented line is a command. The indented lines below it are its output. JSON output passes through \
             --query and --output. * inside a word matches any characters, and * alone matches any words. The real \
             command may have more words at its end.",
            "cloudformation describe-stacks * --stack-name prod*\n    {\"Stacks\": [{\"StackStatus\": \"CREATE_COMPLETE\"}]}",
        ),
        (
            "Without output, the command succeeds and prints nothing:",
            "cloudfront create-invalidation",
        ),
        (
            "=> sets the exit code. Lines after ! go to standard error:",
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
            "Make a script that calls aws use lambdry instead:",
            "mkdir -p /tmp/bin && ln -s \"$(command -v lambdry)\" /tmp/bin/aws\nAWS_DEFAULT_REGION=eu-west-1 PATH=/tmp/bin:$PATH ./deploy.sh",
        ),
        (
            "Turn on completion in this bash:",
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
    page.text("Files in the state directory. Its folders have mode 0700, its files 0600:");
    for (name, about) in FILES {
        page.term(&[italic(*name)], about);
    }
    page.section("SEE ALSO");
    page.text("The man pages named above.");
    page.page()
}

/// The operations that the help lists.
fn listed(service: &Service) -> impl Iterator<Item = &&'static Entry> {
    service
        .entries
        .iter()
        .filter(|entry| !customize::is_hidden(&kebab(entry.name)))
}
