//! The page of one of lambdry's own commands: clap_mangen's page, with additions that clap does not have.

use std::io;

use clap_mangen::{
    Man,
    roff::{Roff, bold},
};

use super::{
    super::{
        Command,
        complete::gist,
        rehearse::{finding::RULES, report::FORMATS},
    },
    Page,
    sheet::{MANUAL, SOURCE, Sheet, UNDATED, ascii, plain_setting},
};

/// Makes the page.
pub(super) fn page(command: &Command) -> Page {
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
        // The sections of the subcommand's page become parts of one section of this page.
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

/// Describes the report of a rehearsal, and its findings.
fn rehearsal(page: &mut Sheet) {
    page.section("REPORTS");
    for format in FORMATS {
        page.term(&[bold(format.name)], format.about);
    }
    page.section("FINDINGS");
    page.text(
        "Faults of a script: they fail on AWS, or pass there only by luck. With --strict, an error makes the \
         rehearsal end with exit code 255.",
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

/// Describes a sweep and its exit codes.
fn sweep(page: &mut Sheet) {
    page.section("SWEEP");
    page.text(
        "The sweep first makes a clean run. Then each call that changes something fails twice: once before it takes \
         effect (TooManyRequestsException) and once after (ServiceException). Each failure has its own run, on its \
         own fork and its own copy of the working folder. After each failure the script runs again on the remaining \
         state, 1 minute later by the fork's clock. Two results are the same if callers of the functions cannot tell \
         them apart. Version numbers, ids, times and the times in a zip do not count. Differences between two clean \
         runs are not compared.",
    );
    page.text(
        "The table goes to stdout. Exit codes: 0 the script can be run again after every failure; 1 after some \
         failure it cannot, or it goes on as if the call had worked; 252 it has commands that must not be repeated \
         without permission; 255 the clean run failed.",
    );
}
