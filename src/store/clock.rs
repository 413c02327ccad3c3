//! The one clock and the one source of ids.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{
    Result,
    atomic::{self, Disk},
};

/// The source of the current time.
#[derive(Debug)]
pub enum Clock {
    /// The time of the machine.
    System,
    /// A clock that always shows the same moment: `LAMBDRY_NOW`.
    Frozen(Timestamp),
    /// A clock that is ahead of another clock by a duration. A fork has such a clock after a rehearsed `sleep`.
    Ahead(Box<Self>, Duration),
}

impl Clock {
    /// The current moment. It is in whole microseconds, so that it is the same after it was written and read again.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::from_microsecond(Timestamp::now().as_microsecond())
                .unwrap_or(Timestamp::UNIX_EPOCH),
            Self::Frozen(moment) => *moment,
            Self::Ahead(clock, by) => SignedDuration::try_from(*by)
                .ok()
                .and_then(|by| clock.now().checked_add(by).ok())
                .unwrap_or(Timestamp::MAX),
        }
    }

    /// Returns true if the clock always shows the same moment.
    pub fn is_frozen(&self) -> bool {
        match self {
            Self::System => false,
            Self::Frozen(_) => true,
            Self::Ahead(clock, _) => clock.is_frozen(),
        }
    }
}

/// The time that each command takes if the clock is a file.
const COMMAND: SignedDuration = SignedDuration::from_mins(1);

/// The moment that `LAMBDRY_NOW` gives: a text in RFC 3339, or the name of a file with such a text. `None` if it is
/// neither of these.
pub fn named(name: &Path, cwd: &Path) -> Option<Timestamp> {
    written(name).or_else(|| {
        let bytes = atomic::read(&cwd.join(name)).ok()??;
        String::from_utf8(bytes).ok()?.trim().parse().ok()
    })
}

/// The moment that the text itself contains; `None` if it is not a moment.
fn written(name: &Path) -> Option<Timestamp> {
    name.to_str()?.parse().ok()
}

/// The file that `LAMBDRY_NOW` names; `None` if its text is a moment.
pub fn file(name: &Path, cwd: &Path) -> Option<PathBuf> {
    written(name).is_none().then(|| cwd.join(name))
}

/// Advances a clock that is a file. The new moment is one minute after `from`, the moment that a command read in the
/// file.
///
/// # Errors
/// A file that cannot be replaced.
pub fn move_on(file: &Path, from: Timestamp) -> Result<()> {
    let next = from.checked_add(COMMAND).unwrap_or(Timestamp::MAX);
    // An fsync is not needed, because only the next moment of a lesson depends on this file.
    Disk::new(false, None).replace_cache(file, format!("{next}\n").as_bytes())
}

/// Formats a moment as Lambda prints `LastModified`: `2020-04-10T19:06:32.563+0000`.
pub fn last_modified(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

/// Formats a moment as the command prints a timestamp of the model: `2024-05-01T12:00:00.123000+00:00`. The service
/// sends whole milliseconds, and a fraction that is zero is not printed (seen in aws-cli 2.36.7).
pub fn iso8601(moment: Timestamp) -> String {
    let form = if moment.subsec_millisecond() == 0 {
        "%Y-%m-%dT%H:%M:%S+00:00"
    } else {
        "%Y-%m-%dT%H:%M:%S.%3f000+00:00"
    };
    moment.strftime(form).to_string()
}

/// The source of ids.
#[derive(Debug)]
pub enum Ids {
    /// Random UUIDs, version 4.
    Random,
    /// `LAMBDRY_SEED`. Every id is computed from the seed, the resource's ARN and its change counter.
    Seeded(String),
}

impl Ids {
    /// An id that is the same in two runs of one script. Without a seed, it is computed only from `of` and `count`.
    pub fn alike(&self, of: &str, count: u64) -> String {
        match self {
            Self::Random => Self::Seeded(String::new()).id(of, count),
            Self::Seeded(_) => self.id(of, count),
        }
    }

    /// The id for a change of a resource, as UUID text.
    pub fn id(&self, arn: &str, change: u64) -> String {
        match self {
            Self::Random => uuid::Uuid::new_v4().to_string(),
            Self::Seeded(seed) => {
                let hash = Sha256::new()
                    .chain_update(seed.len().to_le_bytes())
                    .chain_update(seed)
                    .chain_update(arn)
                    .chain_update([0])
                    .chain_update(change.to_le_bytes())
                    .finalize();
                let bytes: [u8; 16] = std::array::from_fn(|i| hash[i]);
                uuid::Builder::from_random_bytes(bytes)
                    .into_uuid()
                    .to_string()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_modified_has_milliseconds_and_a_literal_zone() {
        let moment: Timestamp = "2020-04-10T19:06:32.5637Z".parse().expect("a moment");
        assert_eq!(last_modified(moment), "2020-04-10T19:06:32.563+0000");
        let whole: Timestamp = "2020-04-10T19:06:32Z".parse().expect("a moment");
        assert_eq!(last_modified(whole), "2020-04-10T19:06:32.000+0000");
    }

    #[test]
    fn a_clock_that_is_a_file_moves_by_a_minute_and_a_written_moment_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let (name, cwd) = (Path::new("clock"), folder.path());
        assert_eq!(named(name, cwd), None, "there is no such file");
        std::fs::write(cwd.join(name), "2026-11-22T12:59:30Z\n").expect("a file");
        let moment = named(name, cwd).expect("a moment");
        move_on(&file(name, cwd).expect("a file"), moment).expect("moved");
        assert_eq!(
            named(name, cwd).expect("a moment").to_string(),
            "2026-11-22T13:00:30Z"
        );
        let written = Path::new("2026-11-22T12:00:00Z");
        assert_eq!(file(written, cwd), None, "nothing to move");
        assert_eq!(named(written, cwd), "2026-11-22T12:00:00Z".parse().ok());
        assert_eq!(std::fs::read_dir(cwd).expect("a folder").count(), 1);
        for junk in ["", "noon", "\u{0}"] {
            std::fs::write(cwd.join(name), junk).expect("a file");
            assert_eq!(named(name, cwd), None, "{junk:?}");
        }
        assert_eq!(named(Path::new("."), cwd), None, "a folder holds no moment");
    }

    #[test]
    fn seeded_ids_depend_on_all_three_and_on_nothing_else() {
        let ids = Ids::Seeded("s".to_owned());
        let id = ids.id("arn:a", 1);
        assert_eq!(id, ids.id("arn:a", 1));
        for other in [
            ids.id("arn:a", 2),
            ids.id("arn:b", 1),
            Ids::Seeded("t".to_owned()).id("arn:a", 1),
        ] {
            assert_ne!(id, other);
        }
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4', "a version 4 UUID");
    }
}
