//! Measures the same call in states of different sizes. The cost should be the same.

use std::path::Path;

use crate::{
    Scale,
    state::State,
    timing::{Program, in_turns, line},
};

/// Measures the same call in states with different numbers of versions, and then in states with different numbers of
/// functions.
pub(crate) fn flat(folder: &Path, scale: Scale) {
    let grown = |what: &str, sizes: &[u64], grow: fn(&State, u64)| -> Vec<State> {
        sizes
            .iter()
            .map(|size| {
                let state = State::new(&folder.join(format!("{size}-{what}")));
                grow(&state, *size);
                state
            })
            .collect()
    };
    for (what, sizes, grow) in [
        (
            "versions",
            scale.versions,
            State::grow_versions as fn(&State, u64),
        ),
        ("functions", scale.functions, State::grow_functions),
    ] {
        let states = grown(what, sizes, grow);
        for call in ["get-function", "publish-version"] {
            let mut programs: Vec<Program> = states
                .iter()
                .map(|state| match call {
                    "publish-version" => state.publish("pay"),
                    _ => state.call(&[call, "--function-name", "pay"]),
                })
                .collect();
            let times = in_turns(&mut programs, scale.runs / 2);
            for (size, taken) in sizes.iter().zip(&times) {
                let name = format!("{call} at {size} {what}");
                line(&name, taken, times.first());
            }
        }
        for state in states {
            std::fs::remove_dir_all(state.root()).expect("removed");
        }
    }
    println!();
}
