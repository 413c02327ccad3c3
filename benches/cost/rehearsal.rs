//! Measures the cost of a rehearsal before and after its script, which should not grow with the state. Also measures
//! the cost of a sweep in a large working folder, because every run of a sweep copies that folder.

use std::{fs, path::Path, time::Instant};

use crate::{
    Scale,
    state::State,
    timing::{Program, in_turns, line},
};

/// The number of files in the large working folder, and the bytes of each: 210 MB in total.
const FILES: usize = 2100;
const BYTES: usize = 100_000;

/// A function that makes a state larger.
type Grow = fn(&State, u64);

/// Measures one call in a rehearsal, in states of different sizes.
pub(crate) fn begins(folder: &Path, scale: Scale) {
    println!(
        "{:<44}{:>9}{:>9}",
        "a rehearsal of one call", "median", "p10"
    );
    let grows: [(&str, &[u64], Grow); 2] = [
        ("versions", scale.versions, State::grow_versions),
        ("functions", scale.functions, State::grow_functions),
    ];
    for (what, sizes, grow) in grows {
        let states = sizes.iter().map(|size| {
            let state = State::new(&folder.join(format!("rehearsed-{size}-{what}")));
            grow(&state, *size);
            state
        });
        let states: Vec<State> = states.collect();
        let call = "rehearse --quiet -- aws lambda get-alias --function-name pay --name live \
            --region us-east-1";
        let words: Vec<&str> = call.split_whitespace().collect();
        let programs = states.iter().map(|state| state.call(&words));
        let mut programs: Vec<Program> = programs.collect();
        let times = in_turns(&mut programs, scale.runs / 10);
        for (size, taken) in sizes.iter().zip(&times) {
            line(&format!("  at {size} {what}"), taken, times.first());
        }
        for state in states {
            fs::remove_dir_all(state.root()).expect("removed");
        }
    }
    println!();
}

/// Measures a sweep of a script with two calls. It makes ten runs, each with a copy of a large folder.
pub(crate) fn sweeps(folder: &Path) {
    let state = State::new(&folder.join("swept"));
    let work = folder.join("work");
    for number in 0..FILES {
        let part = work.join(format!("node_modules/{}", number / 100));
        fs::create_dir_all(&part).expect("a folder");
        fs::write(part.join(number.to_string()), vec![b'x'; BYTES]).expect("a file");
    }
    let script = "aws lambda get-alias --function-name pay --name live >/dev/null\n\
        aws lambda update-alias --function-name pay --name live --description new >/dev/null\n";
    fs::write(work.join("deploy.sh"), script).expect("a script");
    let words = [
        "rehearse",
        "--sweep",
        "--yes",
        "--quiet",
        "--",
        "sh",
        "deploy.sh",
    ];
    let mut program = state
        .call(&words)
        .env("AWS_REGION", "us-east-1")
        // The shell, and the commands that the script calls.
        .env("PATH", "/usr/bin:/bin");
    let mut command = program.next();
    let began = Instant::now();
    // The exit code tells if the script can run again, which is not measured here.
    let ended = command.current_dir(&work).status();
    let ended = ended.expect("it starts").code();
    assert!(matches!(ended, Some(0 | 1)), "it ended with {ended:?}");
    let took = began.elapsed().as_secs_f64();
    println!("{:<44}{took:>9.1}\n", "a sweep in a folder of 210 MB, s");
    fs::remove_dir_all(work).expect("removed");
}
