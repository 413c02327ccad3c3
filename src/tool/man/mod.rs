//! The man pages. There is one page for lambdry, one for each operation, one for `wait`, and one for each of lambdry's
//! own commands.
//!
//! The page of an operation is made from its request and response types, its sentence and its route. Only the examples
//! are written by hand. An operation without an example gets the shortest possible command line. clap_mangen makes the
//! pages of lambdry's own commands, from the clap commands that also parse their words.
//!
//! `overview`, `service`, `operation`, `wait` and `own` make one kind of page each; `sheet` writes the roff, `value`
//! has the words for possible values, and `examples` and `tables` hold the parts that are written by hand.

mod examples;
mod operation;
mod overview;
mod own;
mod service;
mod sheet;
mod tables;
mod value;
mod wait;

use crate::{
    face::{Backend as _, customize, options::kebab},
    operation::Entry,
};

use super::{COMMANDS, backend::Lambdry};

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

/// All pages, lambdry(1) first.
pub(crate) fn pages() -> Vec<Page> {
    let services = Lambdry::default().services();
    let mut pages = vec![overview::page(&services)];
    for service in &services {
        if service.name != "lambda" {
            pages.push(service::page(service));
            continue;
        }
        let shown = |entry: &&&Entry| !customize::is_hidden(&kebab(entry.name));
        for entry in service.entries.iter().filter(shown) {
            pages.push(operation::page(service, entry));
        }
        if service.waits() {
            pages.push(wait::page(service));
        }
    }
    pages.extend(COMMANDS.iter().map(own::page));
    pages
}

/// The name of an operation's page. Lambda's operations are commands of lambdry itself.
fn page_name(command: &str) -> String {
    format!("lambdry-{command}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        face::{call, globals, options::Opt},
        operation::{self, FAMILIES},
    };

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
    fn help_says_of_each_ignored_option_that_it_has_no_effect() {
        let services = Lambdry::default().services();
        let tables = services.iter().flat_map(|service| {
            let operations = service.entries.iter().map(|entry| {
                let command = call::Command {
                    service: service.name,
                    entry,
                    waiter: None,
                };
                command.table(false)
            });
            let customs = service.commands.iter().map(|custom| custom.table());
            operations.chain(customs).collect::<Vec<_>>()
        });
        let mut ignored = 0;
        for opt in tables.chain([globals::table(true)]).flatten() {
            let says_so = opt.about.starts_with("Accepted, but");
            assert_eq!(opt.ignored, says_so, "{}: {}", opt.name(), opt.about);
            ignored += usize::from(opt.ignored);
        }
        assert!(ignored > 100, "{ignored}");
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
}
