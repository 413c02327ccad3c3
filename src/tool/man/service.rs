//! The page of another service, which describes all its commands.

use clap_mangen::roff::bold;

use crate::face::{
    Service, call,
    options::{Meaning, Opt},
    waiters,
};

use super::{super::complete::gist, Page, page_name, sheet::Sheet};

/// Makes the page.
pub(super) fn page(service: &Service) -> Page {
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
        "Answers like aws {}, for the commands that deploy scripts need, from the state directory only. Nothing \
         leaves this machine. lambdry refuses commands that are not on this page, unless a stub answers them: see \
         STUBS in lambdry(1).",
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
            .filter(|opt| !opt.hidden && !opt.ignored && opt.name().starts_with('-'))
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
