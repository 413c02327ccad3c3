//! The page of an operation of Lambda.

use clap_mangen::roff::bold;

use crate::{
    face::{Service, call, help},
    operation::{Entry, shape::Structure},
};

use super::{super::complete::gist, Page, examples::EXAMPLES, page_name, sheet::Sheet};

/// Makes the page.
pub(super) fn page(service: &Service, entry: &Entry) -> Page {
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
        "Answers like aws {} {name}, from the state directory only. Nothing leaves this machine.",
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
            "The shortest command line:",
            &help::example("lambdry", &command, &table),
        ),
    }
    page.section("ERRORS");
    page.text(
        "Errors of the service go to stderr with their code in parentheses, and end with exit code 254. Some of \
         them:",
    );
    for (code, about) in errors(entry, request) {
        page.term(&[bold(code)], about);
    }
    page.text("A fault plan can cause any other error; see LAMBDRY_FAULTS in lambdry(1).");
    page.exits();
    page.section("SEE ALSO");
    page.see(&[entry.name], &name);
    page.page()
}

/// The errors that an operation can return. They are found by its members and its route.
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
