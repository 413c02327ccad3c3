//! Moments as people write them: `2026-11-28T14:00Z`, `2026-11-28 14:00`, `14:00`.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// The accepted forms, for messages.
pub(super) const FORMS: &str =
    "write a time as 2026-11-28T14:00Z, 2026-11-28 14:00, 2026-11-28 or 14:00";

/// The moment that `text` names. A text without a zone is in `zone`, one without a day is on the day of `now`, and a
/// day alone begins at midnight. `None` if it is not a moment.
pub(super) fn read(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    // Reads a time without a day. An offset or a Z may follow it.
    let time = |text: &str| -> Option<Time> {
        // jiff also accepts `2026` and `14` as times.
        text.contains(':').then(|| text.parse().ok()).flatten()
    };
    let today = |zone: &TimeZone| now.to_zoned(zone.clone()).date();
    let (local, zone) = match text.strip_suffix(['Z', 'z']).and_then(time) {
        Some(time) => (today(&TimeZone::UTC).to_datetime(time), &TimeZone::UTC),
        None => {
            let local = time(text)
                .filter(|_| !text.contains('-'))
                .map(|time| today(zone).to_datetime(time))
                .or_else(|| text.parse::<DateTime>().ok())
                .or_else(|| {
                    let day: Date = text.parse().ok()?;
                    Some(day.to_datetime(Time::midnight()))
                })?;
            (local, zone)
        }
    };
    let zoned = local.to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_people_write_it_and_nothing_else_is_one() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().expect("a moment");
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let read = |text: &str| read(text, now, &zone).map(|moment| moment.to_string());
        for (text, moment) in [
            ("2026-11-28T14:00Z", "2026-11-28T14:00:00Z"),
            ("2026-11-28T14:00:30.5Z", "2026-11-28T14:00:30.5Z"),
            ("2026-11-28T14:00+01:00", "2026-11-28T13:00:00Z"),
            ("2026-11-28T14:00", "2026-11-28T12:00:00Z"),
            ("2026-11-28 14:00:10", "2026-11-28T12:00:10Z"),
            ("2026-11-28", "2026-11-27T22:00:00Z"),
            ("14:00", "2026-11-28T12:00:00Z"),
            ("14:00:05", "2026-11-28T12:00:05Z"),
            ("14:00Z", "2026-11-28T14:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(moment), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "25:00",
            "14",
            "2026",
            "2026-13-01",
            "14:00+",
            "Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
