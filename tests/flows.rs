//! Rehearses the scripts in `tests/flows/` with the real binary, and compares the findings with the scripts' headers.
//! There is a script for each way in which people deploy functions. For each finding, one script has the fault and
//! another one does not. [`common::flow::Header`] describes a header.
#![cfg(unix)]

mod common;

use std::{collections::BTreeSet, sync::Mutex, thread};

use common::{
    Sandbox,
    flow::{self, Header},
};

/// Rehearses a script. Returns the differences between the findings and its header.
fn check(name: &str, text: &str) -> Option<String> {
    let header = Header::of(text);
    let sandbox = flow::given(&header);
    let Some(ran) = flow::rehearse(&sandbox, &header, name, text) else {
        return Some(format!("{name}: it does not end"));
    };
    // Only Linux shows the place of a call.
    let told_as = |finds: &[String]| -> Vec<String> {
        let finds = finds.iter().map(|find| match cfg!(target_os = "linux") {
            true => find.clone(),
            false => find
                .rsplit_once(' ')
                .map_or("", |(find, _)| find)
                .to_owned(),
        });
        finds.collect()
    };
    let found = ran.found();
    let is_as_said = ran.code == Some(header.exits) && told_as(&found) == told_as(&header.finds);
    (!is_as_said).then(|| {
        format!(
            "{name}: exit code {:?}, found {found:?}, not {:?}\n{}",
            ran.code, header.finds, ran.told
        )
    })
}

#[test]
fn wrong_scripts_are_found_out_and_sound_ones_let_be() {
    let scripts = flow::scripts("flows");
    assert!(scripts.len() > 60, "all flows are there");
    let todo = Mutex::new(scripts.iter());
    let next = || todo.lock().ok().and_then(|mut todo| todo.next());
    let work = || -> Vec<String> {
        std::iter::from_fn(next)
            .filter_map(|(name, text)| check(name, text))
            .collect()
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        let ended = workers
            .into_iter()
            .map(|worker| worker.join().expect("no panic"));
        ended.flatten().collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_rule_has_a_script_that_it_finds_and_one_in_which_it_is_silent() {
    let output = Sandbox::new()
        .command("lambdry")
        .args(["rehearse", "findings"])
        .output()
        .expect("lambdry is built");
    let listed = String::from_utf8(output.stdout).expect("text");
    let rules: Vec<&str> = listed
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(' '))
        .collect();
    assert!(rules.len() >= 20, "{listed}");
    let scripts = flow::scripts("flows");
    let found: BTreeSet<String> = scripts
        .iter()
        .flat_map(|(_, text)| Header::of(text).finds)
        .filter_map(|find| find.split(' ').nth(1).map(str::to_owned))
        .collect();
    // For these findings, the correct script is one of the scripts for a way of deploying.
    const WITHOUT_A_PAIR: [&str; 8] = [
        "race-after-update",
        "rollback-to-latest",
        "deletes-version-in-use",
        "alias-to-pending-version",
        "publish-made-no-version",
        "publish-depends-on-aws",
        "query-on-each-page",
        "stale-revision-id",
    ];
    let pairs = rules.iter().filter(|rule| !WITHOUT_A_PAIR.contains(rule));
    for rule in &rules {
        assert!(found.contains(*rule), "no script has {rule}");
    }
    for rule in pairs {
        for kind in ["broken", "sound"] {
            let name = format!("{rule}-{kind}.sh");
            assert!(
                scripts.iter().any(|(script, _)| *script == name),
                "no {name}"
            );
        }
    }
}
