//! Forms of texts that AWS checks. A catalogue refers to a form by its name.

/// A form.
pub(super) struct Form {
    /// Its name in catalogues.
    name: &'static str,
    /// Returns true if a text has the form. False means that AWS's page calls the text wrong.
    pub(super) fits: fn(&str) -> bool,
    /// The hint of a refusal.
    pub(super) hint: &'static str,
    /// A text that has the form.
    #[cfg(test)]
    pub(super) example: &'static str,
}

/// Every form.
const FORMS: [Form; 1] = [Form {
    name: "schedule",
    fits: is_schedule,
    hint: "rate(1 minute), rate(5 minutes), or six fields with a ? for one of the days: cron(0 6 ? * MON-FRI *)",
    #[cfg(test)]
    example: "rate(1 day)",
}];

impl Form {
    /// The form of that name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| form.name == name)
    }
}

/// Returns true for `rate(5 minutes)` and `cron(0 6 * * ? *)`, as AWS's pages on both expressions describe them: one
/// takes the singular and more take the plural; of the day of the month and the day of the week, one is `?`.
fn is_schedule(text: &str) -> bool {
    let Some((kind, rest)) = text.split_once('(') else {
        return false;
    };
    let Some(inner) = rest.strip_suffix(')') else {
        return false;
    };
    let fields: Vec<&str> = inner.split_whitespace().collect();
    match (kind, fields.as_slice()) {
        ("rate", [value, unit]) => match value.parse::<u64>() {
            Ok(1) => ["minute", "hour", "day"].contains(unit),
            Ok(2..) => ["minutes", "hours", "days"].contains(unit),
            _ => false,
        },
        ("cron", [_, _, of_month, _, of_week, _]) => *of_month == "?" || *of_week == "?",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_those_of_awss_pages() {
        for text in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(24 hours)",
            "rate(1 day)",
            "cron(0 6 ? * MON-FRI *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "cron(15 10 ? * 6L 2019-2022)",
            "cron(0 18 1 * ? *)",
        ] {
            assert!(is_schedule(text), "{text}");
        }
        for text in [
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(0 minutes)",
            "rate(5 seconds)",
            "rate(5)",
            "cron(0 6 * * 1-5)",
            "cron(0 6 * * * *)",
            "cron(0 6 * * MON-FRI *)",
            "cron(0 6 * * ? *",
            "0 6 * * ? *",
            "at(2026-11-22T12:00:00)",
            "",
        ] {
            assert!(!is_schedule(text), "{text}");
        }
    }
}
