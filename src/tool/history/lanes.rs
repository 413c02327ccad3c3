//! A function's past as a drawing. Time runs from left to right. `$LATEST` is at the top with its updates and
//! publishes. Below it each alias has a lane with the versions that it sent traffic to, stacked by their shares.
//!
//! The drawing is inline SVG without scripts. Each part has a title, can be reached by keyboard, and shows its details
//! in the line at the foot while it has the pointer or the focus. Long pauses are drawn shorter than they were. So a
//! release of ten minutes can be read in the same drawing as a quiet month. The axis shows the moments.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    model::{Alias, History, IMPORT, Point, Status},
    words::{self, Clock},
};
use crate::{output::shown::sentence, tool::page::escape};

/// Width of the drawing, in its own units.
const WIDTH: f64 = 1000.0;
/// The left end of the lanes. The names of aliases are to the left of it.
const LEFT: f64 = 140.0;
/// The right end of the lanes.
const RIGHT: f64 = WIDTH - 14.0;
/// Height of a lane.
const LANE: f64 = 40.0;
/// The distance from one lane to the next.
const STEP: f64 = 62.0;
/// The greatest width of one character of the drawing's text.
const COLUMN: f64 = 7.3;
/// The most characters of an alias's name that are shown to the left of the lane. The title has the whole name.
const NAME: usize = 17;
/// The most characters in the line at the foot.
const FOOT: usize = 130;
/// The number of colours that versions take in turns.
const COLOURS: u64 = 6;
/// The width of the part that shows the time before a run.
const BEFORE: f64 = 110.0;

/// Draws a history. `id` makes the names inside the drawing different from the names in other drawings of the page.
/// `began` is the moment at which a run began, if the history covers that run alone. The part to the left of `began`
/// shows the state before the run.
pub(super) fn draw(
    history: &History,
    clock: &Clock,
    id: usize,
    began: Option<Timestamp>,
) -> String {
    let scale = Scale::of(history, began);
    let lanes = history.aliases.len() + 1;
    let foot = 34.0 + lanes as f64 * STEP;
    let height = foot + 42.0;
    let mut parts = Vec::new();
    latest(history, &scale, clock, began, &mut parts);
    let there: BTreeSet<&str> = history
        .versions
        .iter()
        .map(|version| version.version.as_str())
        .collect();
    for (at, alias) in history.aliases.iter().enumerate() {
        let top = 34.0 + (at + 1) as f64 * STEP;
        lane(alias, top, &scale, clock, &there, &mut parts);
    }
    let name = escape(&history.function_name);
    let mut text = format!(
        "<svg role=\"group\" aria-labelledby=\"title{id} about{id}\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\n\
         <title id=\"title{id}\">{name} over time</title>\n\
         <desc id=\"about{id}\">$LATEST with its updates and publishes, and for each alias the versions it sent traffic to. \
         The tables below tell the same.</desc>\n"
    );
    text += &axis(&scale, clock, foot - 18.0);
    if let Some(began) = began {
        let x = scale.x(began);
        text += &format!(
            "<path class=\"began\" d=\"M{x:.1} 20V{:.1}\"/><text class=\"dim\" x=\"{LEFT}\" y=\"{y:.1}\">before</text>\
             <text class=\"dim\" x=\"{:.1}\" y=\"{y:.1}\">the script</text>\n",
            foot - 4.0,
            x + 6.0,
            y = foot - 6.0
        );
    }
    for part in parts {
        text += &part.drawn(foot + 24.0);
    }
    text + "</svg>\n"
}

/// The places of moments on the axis, from left to right.
struct Scale {
    /// Moments in their order, each with its place.
    places: Vec<(Timestamp, f64)>,
}

impl Scale {
    /// Places the moments. `began` is a little to the right of the lanes' left end, before all changes of a run.
    fn of(history: &History, began: Option<Timestamp>) -> Self {
        let mut moments: BTreeSet<Timestamp> = BTreeSet::new();
        moments.extend(began);
        moments.extend(history.updates.iter().map(|update| update.when));
        moments.extend(history.versions.iter().map(|version| version.published));
        let moves = history.aliases.iter().flat_map(|alias| &alias.moves);
        moments.extend(moves.map(|step| step.when));
        if let Some(began) = began {
            moments.retain(|moment| *moment >= began);
        }
        // If the clock was set back, some moments are later than the present one.
        let end = moments
            .last()
            .map_or(history.now, |last| history.now.max(*last));
        moments.insert(end);
        let mut at = 0.0;
        let mut before: Option<Timestamp> = None;
        let mut places = Vec::new();
        for moment in moments {
            if let Some(before) = before {
                let pause = moment.duration_since(before).as_secs_f64().max(0.0);
                at += 1.0 + (1.0 + pause / 60.0).ln();
            }
            before = Some(moment);
            places.push((moment, at));
        }
        // A single moment is placed at the right end, where the present state is drawn.
        let whole = if at > 0.0 { at } else { 1.0 };
        let left = match began {
            Some(_) => LEFT + BEFORE,
            None => LEFT,
        };
        for (_, place) in &mut places {
            *place = left + (RIGHT - left - 24.0) * *place / whole;
        }
        Self { places }
    }

    /// The place of a moment. Between two known moments, the place follows from the time that has passed.
    fn x(&self, moment: Timestamp) -> f64 {
        let at = self.places.partition_point(|(known, _)| *known < moment);
        match (
            at.checked_sub(1).and_then(|at| self.places.get(at)),
            self.places.get(at),
        ) {
            (_, Some((known, x))) if *known == moment => *x,
            (Some((before, left)), Some((after, right))) => {
                let pause = after.duration_since(*before).as_secs_f64();
                let share = moment.duration_since(*before).as_secs_f64() / pause;
                left + (right - left) * share
            }
            (Some((_, left)), None) => *left,
            (None, Some((_, right))) => *right,
            (None, None) => LEFT,
        }
    }
}

/// The moments along the top, as many as can be read.
fn axis(scale: &Scale, clock: &Clock, bottom: f64) -> String {
    /// Up to this length of the drawing, in seconds, moments are shown with seconds.
    const SHORT: i64 = 2 * 60 * 60;
    /// Up to this length of the drawing, in seconds, moments are shown with milliseconds.
    const SHORTEST: i64 = 20;
    let mut text = String::new();
    let mut free = 0.0;
    let ends = (scale.places.first(), scale.places.last());
    let seconds = match ends {
        (Some((first, _)), Some((last, _))) => last.duration_since(*first).as_secs(),
        _ => SHORT,
    };
    for (moment, x) in &scale.places {
        let label = match seconds {
            ..SHORTEST => clock.instant(*moment),
            SHORTEST..SHORT => clock.time(*moment),
            _ => clock.short(*moment),
        };
        let width = label.chars().count() as f64 * COLUMN;
        let left = x.min(RIGHT - width);
        if left < free {
            continue;
        }
        free = left + width + 18.0;
        text += &format!(
            "<path class=\"tick\" d=\"M{x:.1} 22V{bottom}\"/><text class=\"dim\" x=\"{left:.1}\" y=\"15\">{}</text>\n",
            escape(&label)
        );
    }
    text
}

/// One part of the drawing: it has a title, takes the focus and shows its details at the foot.
struct Part {
    shapes: String,
    told: String,
}

impl Part {
    fn drawn(&self, foot: f64) -> String {
        let told = escape(&self.told);
        let mut short: String = self.told.chars().take(FOOT).collect();
        if short.len() < self.told.len() {
            short.push('…');
        }
        format!(
            "<g class=\"part\" tabindex=\"0\" role=\"img\" aria-label=\"{told}\"><title>{told}</title>{}<text class=\"foot\" x=\"4\" y=\"{foot}\">{}</text></g>\n",
            self.shapes,
            escape(&short)
        )
    }
}

/// A name before a lane.
fn before_lane(name: &str, top: f64) -> String {
    let mut short: String = name.chars().take(NAME).collect();
    if short.len() < name.len() {
        short.pop();
        short.push('…');
    }
    format!(
        "<text class=\"strong\" x=\"4\" y=\"{}\">{}</text>",
        top + LANE / 2.0 + 4.0,
        escape(&sentence(&short))
    )
}

/// Draws `$LATEST`: a bar from each update to the next, and a mark for each publish. While an update is in progress,
/// the bar is hatched.
fn latest(
    history: &History,
    scale: &Scale,
    clock: &Clock,
    began: Option<Timestamp>,
    parts: &mut Vec<Part>,
) {
    let top = 34.0;
    let end = RIGHT;
    let status = words::status(&history.latest);
    parts.push(Part {
        shapes: before_lane("$LATEST", top),
        told: format!("$LATEST: {status}"),
    });
    let in_progress = matches!(history.latest.status, Status::Pending | Status::InProgress);
    let mut updates = history.updates.iter().rev().peekable();
    match updates.peek() {
        None => {
            let class = if in_progress { "progress" } else { "latest" };
            parts.push(Part {
                shapes: bar(class, LEFT, end, top, LANE),
                told: format!("$LATEST: {status}; no known update"),
            });
        }
        // The function existed before the first known moment.
        Some(first) if first.call != "CreateFunction" => parts.push(Part {
            shapes: bar("latest", LEFT, scale.x(first.when), top, LANE),
            told: format!("$LATEST before {}", clock.moment(first.when)),
        }),
        Some(_) => {}
    }
    while let Some(update) = updates.next() {
        let until = updates.peek().map_or(end, |next| scale.x(next.when));
        let is_last = updates.peek().is_none();
        let class = if in_progress && is_last {
            "progress"
        } else {
            "latest"
        };
        let members = if update.changed.is_empty() {
            String::new()
        } else {
            format!(": {}", update.changed.join(", "))
        };
        let still = if in_progress && is_last {
            "; in progress"
        } else {
            ""
        };
        parts.push(Part {
            shapes: bar(class, scale.x(update.when), until, top, LANE),
            told: format!(
                "{} {}{members}{still}",
                clock.moment(update.when),
                update.call
            ),
        });
    }
    let mut free = 0.0;
    let is_drawn = |when: Timestamp| began.is_none_or(|began| when >= began);
    let versions = history.versions.iter().rev();
    for version in versions.filter(|version| is_drawn(version.published)) {
        let x = scale.x(version.published);
        let y = top + LANE / 2.0;
        let width = version.version.len() as f64 * COLUMN;
        let mut shapes = format!(
            "<path class=\"mark {}\" d=\"M{x:.1} {}l8 8l-8 8l-8 -8z\"/>",
            colour(&version.version),
            y - 8.0
        );
        let left = x - width / 2.0;
        if left >= free {
            free = left + width + 6.0;
            shapes += &format!(
                "<text class=\"number\" x=\"{left:.1}\" y=\"{}\">{}</text>",
                top + LANE + 14.0,
                escape(&version.version)
            );
        }
        let mut told = format!(
            "version {}, published {}",
            version.version,
            clock.moment(version.published)
        );
        let description = sentence(&version.description);
        if !description.is_empty() {
            told += &format!(", “{description}”");
        }
        let changes = words::changes(&version.changed, "→");
        if !changes.is_empty() {
            told += &format!("; {}", changes.join(", "));
        }
        parts.push(Part { shapes, told });
    }
    // The places of deleted versions.
    for gap in &history.gaps {
        let Some(x) = gap.last_deleted.map(|when| scale.x(when)) else {
            continue;
        };
        parts.push(Part {
            shapes: format!(
                "<path class=\"mark gone\" d=\"M{x:.1} {}l8 8l-8 8l-8 -8z\"/>",
                top + LANE / 2.0 - 8.0
            ),
            told: format!(
                "version {} {}",
                words::numbers(gap),
                words::reason(gap, clock)
            ),
        });
    }
}

/// Draws a bar of a lane, wide enough to be seen and pointed at.
fn bar(class: &str, from: f64, to: f64, top: f64, height: f64) -> String {
    let width = (to - from).max(3.0);
    let hatch = match class {
        "progress" => hatch(from, from + width, top, height),
        _ => String::new(),
    };
    format!(
        "<rect class=\"bar {class}\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>{hatch}"
    )
}

/// Draws slanted lines from edge to edge.
fn hatch(from: f64, to: f64, top: f64, height: f64) -> String {
    const APART: f64 = 9.0;
    let mut path = String::new();
    let mut start = from - height + APART;
    while start < to {
        let (left, right) = (start.max(from), (start + height).min(to));
        let below = top + height;
        path += &format!(
            "M{left:.1} {:.1}L{right:.1} {:.1}",
            below - (left - start),
            below - (right - start)
        );
        start += APART;
    }
    format!("<path class=\"hatch\" d=\"{path}\"/>")
}

/// The colour of a version, the same in every lane.
fn colour(version: &str) -> String {
    match version.parse::<u64>() {
        Ok(number) => format!("v{}", number % COLOURS),
        Err(_) => "latest".to_owned(),
    }
}

/// Draws the lane of an alias. From each move to the next, it shows the versions that the alias pointed to.
fn lane(
    alias: &Alias,
    top: f64,
    scale: &Scale,
    clock: &Clock,
    there: &BTreeSet<&str>,
    parts: &mut Vec<Part>,
) {
    let now = match &alias.points {
        Some(point) => words::shares(point),
        None => "deleted".to_owned(),
    };
    parts.push(Part {
        shapes: before_lane(&alias.name, top),
        told: format!("alias {}: {now}", sentence(&alias.name)),
    });
    // The state before the first known move, then the moves in the order of time.
    let mut times: Vec<(Option<Timestamp>, Option<&Point>)> = Vec::new();
    let mut moves = alias.moves.iter().rev().peekable();
    let first = match moves.peek() {
        Some(step) if step.call == IMPORT => step.to.as_ref(),
        Some(step) => step.from.as_ref(),
        None => alias.points.as_ref(),
    };
    if first.is_some() {
        times.push((None, first));
    }
    moves.next_if(|step| step.call == IMPORT);
    times.extend(moves.map(|step| (Some(step.when), step.to.as_ref())));
    for (at, (since, point)) in times.iter().enumerate() {
        let Some(point) = point else {
            continue;
        };
        let until = times.get(at + 1).and_then(|(when, _)| *when);
        let from = since.map_or(LEFT, |since| scale.x(since));
        let to = until.map_or(RIGHT, |until| scale.x(until));
        let mut y = top;
        for (version, share) in by_version(point) {
            let height = LANE * share;
            if height <= 0.0 {
                continue;
            }
            let gone = if there.contains(version) || version == "$LATEST" {
                ""
            } else {
                " gone"
            };
            let mut shapes = bar(&format!("{}{gone}", colour(version)), from, to, y, height);
            if height >= 13.0 && to - from > (version.len() + 1) as f64 * COLUMN {
                shapes += &format!(
                    "<text class=\"on{gone}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    from + 5.0,
                    y + height / 2.0 + 4.5,
                    escape(version)
                );
            }
            let share = words::per_cent(share);
            let since = match since {
                Some(since) => format!("since {}", clock.moment(*since)),
                None => "start not known".to_owned(),
            };
            let until = until.map_or_else(String::new, |until| {
                format!(" until {}", clock.moment(until))
            });
            parts.push(Part {
                shapes,
                told: format!(
                    "{}: version {version}, {share}, {since}{until}",
                    sentence(&alias.name)
                ),
            });
            y += height;
        }
    }
}

/// The shares of a point, sorted by version. With this order, a version stays at the same height as long as its
/// neighbours stay.
fn by_version(point: &Point) -> Vec<(&str, f64)> {
    let mut shares: BTreeMap<(u64, &str), f64> = BTreeMap::new();
    for (version, share) in point.shares() {
        let number = version.parse().unwrap_or(u64::MAX);
        *shares.entry((number, version)).or_default() += share.clamp(0.0, 1.0);
    }
    shares
        .into_iter()
        .map(|((_, version), share)| (version, share))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_rise_with_time_and_what_lies_between_two_is_between_them() {
        let when = |second| Timestamp::from_second(second).expect("a moment");
        let scale = Scale {
            places: vec![(when(0), 140.0), (when(10), 200.0), (when(86_400), 900.0)],
        };
        assert!((scale.x(when(10)) - 200.0).abs() < 0.01);
        assert!((scale.x(when(5)) - 170.0).abs() < 0.01);
        assert!(
            (scale.x(when(-5)) - 140.0).abs() < 0.01,
            "nothing is left of the first"
        );
        assert!((scale.x(when(90_000)) - 900.0).abs() < 0.01);
        let places: Vec<f64> = (0..100).map(|at| scale.x(when(at * 900))).collect();
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn what_is_told_of_a_part_is_text_whatever_it_says() {
        let part = Part {
            shapes: before_lane("<b>&\u{1b}[2J", 0.0),
            told: "</title><script>\"x\" & 'y'".to_owned(),
        };
        let drawn = part.drawn(10.0);
        assert!(
            !drawn.contains("<script") && !drawn.contains("<b>"),
            "{drawn}"
        );
        assert!(!drawn.contains('\u{1b}'), "{drawn}");
        assert!(drawn.contains("&lt;/title&gt;&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;"));
    }

    #[test]
    fn a_hatch_stays_in_its_bar() {
        let path = hatch(100.0, 130.0, 10.0, 40.0);
        let numbers = path
            .split(['M', 'L', ' ', '"'])
            .filter_map(|piece| piece.parse::<f64>().ok());
        let numbers: Vec<f64> = numbers.collect();
        assert!(numbers.len() >= 12);
        for pair in numbers.chunks(2) {
            assert!((100.0..=130.0).contains(&pair[0]), "{pair:?}");
            assert!((10.0..=50.0).contains(&pair[1]), "{pair:?}");
        }
    }
}
