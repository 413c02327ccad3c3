//! The page of `wait`.

use clap_mangen::roff::bold;

use crate::face::{Service, call, waiters};

use super::{Page, page_name, sheet::Sheet};

/// Makes the page.
pub(super) fn page(service: &Service) -> Page {
    let mut page = Sheet::new(
        &page_name("wait"),
        "waits until a function has a given state",
    );
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
    page.text(
        "Polls an operation until its answer has the wanted state. Prints nothing on success.",
    );
    page.text(
        "Nothing takes real time here: wait completes the change that it waits for, and no other change. If the \
         function does not exist, lambdry looks again after 1 second. So a script that waits is correct and fast, \
         and a script that does not wait fails as on AWS.",
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
        "Wait for new code, then publish it:",
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
