//! `sleep`: moves the fork's clock by the given time instead of waiting.

use std::{path::Path, time::Duration};

/// Reads the arguments of GNU sleep, which are numbers followed by `s`, `m`, `h` or `d`. Returns the sum of the times.
/// `None` for an endless time, for an error and for options; the real program handles these cases.
pub(super) fn time(words: &[String]) -> Option<Duration> {
    let words = match words.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => words,
    };
    if words.is_empty() {
        return None;
    }
    words.iter().try_fold(Duration::ZERO, |sum, word| {
        let (number, unit) = match word.chars().last()? {
            's' => (&word[..word.len() - 1], 1.0),
            'm' => (&word[..word.len() - 1], 60.0),
            'h' => (&word[..word.len() - 1], 3_600.0),
            'd' => (&word[..word.len() - 1], 86_400.0),
            _ => (word.as_str(), 1.0),
        };
        // Rust also accepts `nan`. Rust refuses everything else that is not a number.
        let seconds: f64 = number.trim_start().parse().ok()?;
        sum.checked_add(Duration::try_from_secs_f64(seconds * unit).ok()?)
    })
}

/// Returns true if this is a background job of a shell without job control. Such a shell makes the job read from
/// `/dev/null`, while the script itself reads from another file. A sleep in such a job belongs to a watchdog or a
/// progress display and must really wait. Only Linux shows which file a process reads. A command that `xargs` starts
/// looks the same, so its sleep really waits too.
#[cfg(target_os = "linux")]
pub(super) fn is_in_background(stage: &Path) -> bool {
    use super::super::processes::{names, parent_of, reads_nothing};
    if !reads_nothing("self") {
        return false;
    }
    let mut pid = std::process::id();
    while let Some(parent) = parent_of(pid).filter(|parent| names(*parent, stage)) {
        if !reads_nothing(&parent.to_string()) {
            return true;
        }
        pid = parent;
    }
    false
}

/// Returns false, because this system does not show which jobs run in the background.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_in_background(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<Duration> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        time(&words)
    }

    #[test]
    fn times_are_read_as_gnu_reads_them() {
        for (line, seconds) in [
            ("1.5 2m", 121.5),
            ("0", 0.0),
            (".5", 0.5),
            ("1e2", 100.0),
            ("+3", 3.0),
            ("-- 5s", 5.0),
            ("1h 1d", 90_000.0),
        ] {
            assert_eq!(of(line), Some(Duration::from_secs_f64(seconds)), "{line}");
        }
    }

    #[test]
    fn what_never_ends_and_what_is_wrong_is_left_to_the_real_one() {
        for line in [
            "", "infinity", "inf", "nan", "-1", "1x", "m", "5 x", "--help", "1mm", "ü", "1e400",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }
}
