//! A drawing for a projector. For each alias, it shows the versions that the alias sends traffic to in letters of five
//! lines, and a bar for each share.

use super::{
    model::{Alias, History},
    text::Look,
    words,
};
use crate::output::shown::sentence;

/// The digits, five lines of three columns each.
const DIGITS: [[&str; 5]; 10] = [
    ["###", "# #", "# #", "# #", "###"],
    ["## ", " # ", " # ", " # ", "###"],
    ["###", "  #", "###", "#  ", "###"],
    ["###", "  #", "###", "  #", "###"],
    ["# #", "# #", "###", "  #", "  #"],
    ["###", "#  ", "###", "  #", "###"],
    ["###", "#  ", "###", "# #", "###"],
    ["###", "  #", "  #", "  #", "  #"],
    ["###", "# #", "###", "# #", "###"],
    ["###", "# #", "###", "  #", "###"],
];

/// Number of lines of a digit.
const LINES: usize = 5;

/// The colours of versions, as SGR parameters.
const COLORS: [&str; 6] = ["1;32", "1;34", "1;35", "1;33", "1;36", "1;31"];

/// Draws a history; every line ends in a newline.
pub(super) fn draw(history: &History, look: Look) -> String {
    let name = sentence(&history.function_name);
    let status = words::status(&history.latest);
    let mut text = format!("{}   $LATEST: {status}\n", paint("1", &name, look));
    let live: Vec<&Alias> = history
        .aliases
        .iter()
        .filter(|alias| alias.points.is_some())
        .collect();
    if live.is_empty() {
        text += &format!("\nno alias; {}\n", words::counts(history));
    }
    for alias in live {
        text += &of_alias(alias, look);
    }
    text
}

fn paint(code: &str, text: &str, look: Look) -> String {
    match look.color {
        true => format!("\x1b[{code}m{text}\x1b[0m"),
        false => text.to_owned(),
    }
}

fn of_alias(alias: &Alias, look: Look) -> String {
    let mut text = format!("\n{}\n", paint("1;4", &sentence(&alias.name), look));
    let shares = alias.points.iter().flat_map(|point| point.shares());
    let shares: Vec<(&str, f64)> = shares.filter(|(_, share)| *share > 0.0).collect();
    // The column is as wide as the widest number, with a blank between digits.
    let widest = shares
        .iter()
        .map(|(version, _)| letters(version)[0].chars().count());
    let widest = widest.max().unwrap_or_default();
    let full = if look.boxes { '█' } else { '#' };
    for (at, (version, share)) in shares.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let color = version.parse::<usize>().unwrap_or_default() % COLORS.len();
        let color = COLORS.get(color).copied().unwrap_or_default();
        let told = words::per_cent(*share);
        // This leaves room for a blank, the share, and a margin.
        let room = look.width.saturating_sub(widest + told.len() + 8);
        let bar = ((room as f64 * share).round() as usize).max(1);
        for (line, letters) in letters(version).iter().enumerate() {
            let letters: String = letters
                .chars()
                .map(|dot| if dot == '#' { full } else { dot })
                .collect();
            let bar: String = std::iter::repeat_n(full, bar).collect();
            let told = match line {
                2 => format!("  {told}"),
                _ => String::new(),
            };
            let left = format!("  {letters:<widest$}   {bar}");
            text += &format!("{}{told}\n", paint(color, left.trim_end(), look));
        }
    }
    text
}

/// Draws a version's number in large letters. A text that is not a number is drawn unchanged in the middle.
fn letters(version: &str) -> [String; LINES] {
    let digits: Option<Vec<usize>> = version
        .chars()
        .map(|digit| digit.to_digit(10).map(|digit| digit as usize))
        .collect();
    let mut lines = [const { String::new() }; LINES];
    for (at, line) in lines.iter_mut().enumerate() {
        *line = match &digits {
            Some(digits) => {
                let parts: Vec<&str> = digits.iter().map(|digit| DIGITS[*digit][at]).collect();
                parts.join(" ")
            }
            None if at == LINES / 2 => sentence(version),
            None => String::new(),
        };
    }
    let widest = lines.iter().map(|line| line.chars().count()).max();
    let widest = widest.unwrap_or_default();
    lines.map(|line| format!("{line:<widest$}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::history::model::Point;

    fn alias(weights: &[(&str, f64)]) -> Alias {
        Alias {
            name: "live".to_owned(),
            description: String::new(),
            points: Some(Point {
                function_version: "12".to_owned(),
                additional_version_weights: weights
                    .iter()
                    .map(|(version, weight)| ((*version).to_owned(), *weight))
                    .collect(),
            }),
            moves: Vec::new(),
            stays: Vec::new(),
        }
    }

    #[test]
    fn versions_are_large_and_bars_as_long_as_their_shares() {
        let look = Look {
            width: 60,
            color: false,
            boxes: false,
        };
        assert_eq!(
            of_alias(&alias(&[("9", 0.25)]), look),
            "
live
  ##  ###   ###############################
   #    #   ###############################
   #  ###   ###############################  75 %
   #  #     ###############################
  ### ###   ###############################

  ###       ##########
  # #       ##########
  ###       ##########  25 %
    #       ##########
  ###       ##########
"
        );
        for width in [0, 10, 40, 500] {
            let look = Look { width, ..look };
            let drawn = of_alias(&alias(&[("9", 0.25)]), look);
            let widest = drawn.lines().map(|line| line.chars().count()).max();
            assert!(
                widest.unwrap_or_default() <= width.max(30),
                "{width}: {drawn}"
            );
        }
    }

    #[test]
    fn what_is_no_number_stands_as_it_is() {
        assert_eq!(letters("$LATEST")[2], "$LATEST");
        assert_eq!(letters("\u{1b}[2J")[2], "\\u{1b}[2J");
    }
}
