//! The one clock and the one source of ids.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// The source of the current time.
#[derive(Debug)]
pub enum Clock {
    /// The machine's time.
    System,
    /// Always the same moment: `LAMBDRY_NOW`.
    Frozen(Timestamp),
    /// Ahead of another clock by a duration: a fork's clock after a rehearsed `sleep`.
    Ahead(Box<Self>, Duration),
}

impl Clock {
    /// The present moment, in whole microseconds so that it reads back as it was written.
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

    /// Returns true if time stands still.
    pub fn is_frozen(&self) -> bool {
        match self {
            Self::System => false,
            Self::Frozen(_) => true,
            Self::Ahead(clock, _) => clock.is_frozen(),
        }
    }
}

/// A moment as Lambda prints `LastModified`: `2020-04-10T19:06:32.563+0000`.
pub fn last_modified(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

/// A moment as the command prints a timestamp of the model, which the service sends in whole milliseconds:
/// `2024-05-01T12:00:00.123000+00:00`, without the fraction if it is zero (seen in aws-cli 2.36.7).
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
    /// `LAMBDRY_SEED`: every id is a function of the seed, the resource's ARN and its change counter.
    Seeded(String),
}

impl Ids {
    /// An id that two runs of one script have in common: without a seed, a function of the text and the count alone.
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
