//! Measures calls that read the whole of a large state. Each call runs once. Its time should grow no faster than the
//! state.

use std::{fs, path::Path, time::Instant};

use crate::{Scale, package::peak, state::State};

/// Measures lists, histories and sums in the largest states of this scale. It also measures the deletion of a function
/// with many versions.
pub(crate) fn whole(folder: &Path, scale: Scale) {
    println!("{:<60}{:>9}{:>9}", "one run over all of it", "s", "MB");
    let functions = scale.functions.last().copied().unwrap_or(1);
    let state = State::new(&folder.join("many-functions"));
    state.grow_functions(functions);
    let calls: [&[&str]; 3] = [
        &["get-account-settings"],
        &["list-functions"],
        &["list-functions", "--function-version", "ALL"],
    ];
    each(&state, &calls, &format!("{functions} functions"));

    let versions = scale.versions.last().copied().unwrap_or(1);
    let state = State::new(&folder.join("many-versions"));
    state.grow_versions(versions);
    let calls: [&[&str]; 5] = [
        &["list-versions-by-function", "--function-name", "pay"],
        &[
            "list-versions-by-function",
            "--function-name",
            "pay",
            "--query",
            "max_by(Versions, &CodeSize).Version",
        ],
        &["history", "pay", "--output", "json"],
        &["delete-function", "--function-name", "pay"],
        &["doctor"],
    ];
    each(&state, &calls, &format!("{versions} versions"));

    // There are half as many keys as versions, in folders of a thousand.
    let keys = versions / 2;
    let state = State::new(&folder.join("many-keys"));
    for number in 0..keys {
        let part = state.root().join(format!("s3/builds/{}", number / 1000));
        fs::create_dir_all(&part).expect("a folder");
        fs::write(part.join(number.to_string()), "x").expect("an object");
    }
    let archive = folder.join("keys.zip");
    let archive = archive.display().to_string();
    let calls: [&[&str]; 2] = [
        &["s3", "ls", "s3://builds", "--recursive"],
        &["export", &archive],
    ];
    each(&state, &calls, &format!("{keys} keys"));
    fs::remove_dir_all(state.root()).expect("removed");
    each(&state, &[&["import", &archive]], &format!("{keys} keys"));
    println!();
}

/// Runs each call once, and prints its time and its peak memory.
fn each(state: &State, calls: &[&[&str]], size: &str) {
    for words in calls {
        let mut program = state.call(words);
        let began = Instant::now();
        let mut child = program.next().spawn().expect("the program starts");
        let memory = peak(&mut child);
        let ended = child.wait().expect("it ends");
        assert!(ended.success(), "{words:?}: {ended}");
        let took = began.elapsed().as_secs_f64();
        let name: Vec<&str> = words
            .iter()
            .map(|word| word.rsplit('/').next().unwrap_or(word))
            .collect();
        let memory = memory.map_or_else(|| "-".to_owned(), |kb| format!("{:.1}", kb as f64 / 1e3));
        println!(
            "{:<60}{took:>9.2}{memory:>9}",
            format!("{} ({size})", name.join(" "))
        );
    }
}
