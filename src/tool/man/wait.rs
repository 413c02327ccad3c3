//! The page of `wait`.

use clap_mangen::roff::bold;

use crate::face::{Service, call, waiters};

use super::{Page, page_name, sheet::Sheet};

/// Makes the page.
pub(super) fn page(service: &Service) -> Page {
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
