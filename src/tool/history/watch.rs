//! `history --watch`: draws the picture again at every change. On a terminal, the picture fills the screen until `q` is
//! typed, with the newest part at the top. On other outputs, the pictures are printed one after the other.

use std::time::Duration;

#[cfg(unix)]
use super::screen::Screen;
use super::{
    Source, big,
    mappings::Mapping,
    model::History,
    picture::Picture,
    text::{self, Look},
    words::Clock,
};
use crate::{
    face::{exit::Stop, world::World},
    state::function::Function,
};

/// The time between two reads of the state.
const PAUSE: Duration = Duration::from_millis(200);

/// Settings of the drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn<'a> {
    pub(super) limit: Option<usize>,
    pub(super) look: Look,
    pub(super) clock: &'a Clock,
    /// True to draw in large letters for a projector.
    pub(super) big: bool,
}

impl Drawn<'_> {
    /// The picture as text.
    pub(super) fn text(self, history: &History) -> String {
        match self.big {
            true => big::draw(history, self.look),
            false => text::draw(&Picture::of(history, self.limit, self.clock), self.look),
        }
    }
}

/// The state of a function that its picture depends on.
type Seen = (Option<Function>, Vec<Mapping>);

/// Draws again whenever the function changes. Ends when it is interrupted, or when nobody reads the output any more.
pub(super) fn watch(
    source: &Source<'_>,
    drawn: Drawn<'_>,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    // If the first read fails, the command fails as it does without --watch.
    source.read()?;
    #[cfg(unix)]
    if drawn.look.boxes
        && let Some(screen) = Screen::open()
    {
        return on_screen(&screen, source, drawn, world);
    }
    let mut before: Option<Seen> = None;
    loop {
        if let Some(text) = changed(source, drawn, &mut before)? {
            writeln!(world.stdout, "{text}")?;
            world.stdout.flush()?;
        }
        (world.sleep)(PAUSE);
    }
}

/// Returns the picture, if the state differs from the state before.
fn changed(
    source: &Source<'_>,
    drawn: Drawn<'_>,
    before: &mut Option<Seen>,
) -> Result<Option<String>, Stop> {
    let head = source.head()?;
    if before.as_ref() == Some(&head) {
        return Ok(None);
    }
    let text = match &head.0 {
        Some(_) => match source.read() {
            Ok(history) => drawn.text(&history),
            // The function was deleted in between; the next read shows that.
            Err(Stop::Service(..)) => return Ok(None),
            Err(other) => return Err(other),
        },
        None => format!("{} was deleted\n", source.function),
    };
    *before = Some(head);
    Ok(Some(text))
}

/// Draws on the screen. Draws again when the screen changes its size.
#[cfg(unix)]
fn on_screen(
    screen: &Screen,
    source: &Source<'_>,
    mut drawn: Drawn<'_>,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    let mut before: Option<Seen> = None;
    let mut size = (0, 0);
    loop {
        let now = screen.size();
        if now != size {
            size = now;
            before = None;
        }
        drawn.look.width = size.0;
        if let Some(text) = changed(source, drawn, &mut before)? {
            world
                .stdout
                .write_all(frame(&text, size, drawn.look.color).as_bytes())?;
            world.stdout.flush()?;
        }
        if screen.ends(PAUSE) {
            return Ok(match screen.is_interrupted() {
                true => 130,
                false => 0,
            });
        }
    }
}

/// The newest lines of a text, as many as fit on a screen. The last row names the number of lines that do not fit, and
/// the key that ends the picture.
#[cfg(unix)]
fn frame(text: &str, (columns, rows): (usize, usize), color: bool) -> String {
    let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
    let room = rows.saturating_sub(1);
    let mut frame = String::from("\x1b[H");
    for line in lines.iter().take(room) {
        frame += line;
        frame += "\x1b[K\n";
    }
    for _ in lines.len()..room {
        frame += "\x1b[K\n";
    }
    let below = match lines.len().saturating_sub(room) {
        0 => String::new(),
        1 => "1 more line; ".to_owned(),
        more => format!("{more} more lines; "),
    };
    let foot: String = format!("{below}q ends").chars().take(columns).collect();
    match color {
        true => frame + "\x1b[2m" + &foot + "\x1b[0m\x1b[K",
        false => frame + &foot + "\x1b[K",
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_the_rows_of_the_screen_and_begins_with_the_newest() {
        for (lines, rows) in [(1, 10), (9, 10), (10, 10), (300, 10), (3, 1), (3, 0)] {
            let text: String = (0..lines).map(|line| format!("line {line}\n")).collect();
            let frame = frame(&text, (40, rows), false);
            assert_eq!(
                frame.matches('\n').count(),
                rows.saturating_sub(1),
                "{lines} {rows}"
            );
            assert_eq!(frame.contains("line 0"), rows > 1);
            assert!(frame.ends_with("q ends\x1b[K"), "{frame:?}");
            let shown = frame.matches("line ").count() - frame.matches("more line ").count();
            assert!(shown <= lines);
        }
        let cut = frame(&"x\n".repeat(300), (9, 10), true);
        assert!(cut.contains("\x1b[2m291 more \x1b[0m"), "{cut:?}");
        let one = frame(&"x\n".repeat(10), (40, 10), false);
        assert!(one.ends_with("1 more line; q ends\x1b[K"), "{one:?}");
    }
}
