//! `lambdry history`: a function's versions and aliases over time, as a picture or as data.
//!
//! One model ([`model::History`]), read through the store as one moment; [`picture`] chooses what is drawn of it; a file
//! for each form it is drawn in. It reads and changes nothing, so it works on a state directory that cannot be written.

mod changed;
mod html;
mod mappings;
mod mermaid;
mod model;
mod picture;
mod text;
mod words;

use std::time::Duration;

use clap::{CommandFactory as _, Parser, ValueEnum};

use super::{
    AsData,
    backend::{Opened, stop},
};
use crate::{
    face::{self, Globals, State as _, exit::Stop, world::World},
    operation::{Failure, resolve::Target},
    state::{
        arn::FunctionRef,
        error::{Code, ServiceError},
        function::Function,
        head::Head as _,
    },
};
use mappings::Mapping;
use model::History;
use picture::Picture;
use text::Look;

/// What it does, in a sentence.
pub(super) const ABOUT: &str = "Draws a function's versions and aliases over time.";

/// How long lies between two looks of `--watch`.
const PAUSE: Duration = Duration::from_millis(200);

/// How many functions an error names.
const NAMED: usize = 10;

/// Draws a function's versions and aliases over time: $LATEST with what is
/// unpublished in it, then every version, newest first: when it was published, its
/// description, the beginning of its code's hash, its size, and what changed since
/// the version before. Aliases stand at the versions they point at, with their
/// share of the traffic and since when, and dimmed at those they left. Deleted
/// versions are gaps. Event source mappings that invoke it stand below. Of
/// environment variables the names are shown, never the values.
///
/// On a terminal it is drawn with boxes and colour (NO_COLOR and --color are
/// respected), elsewhere in plain ASCII. The newest ten versions, the oldest, and
/// those an alias points at or pointed at last are drawn; three or more others in
/// a row become one line. As data (--output) all of it is there.
#[derive(Debug, Parser)]
#[command(name = "lambdry history", verbatim_doc_comment)]
struct Options {
    /// The function: its name, partial or full ARN.
    #[arg(value_name = "FUNCTION")]
    function: String,
    /// Draw every version.
    #[arg(long)]
    all: bool,
    /// How many of the newest versions are drawn in any case.
    #[arg(long, value_name = "N", default_value_t = 10, conflicts_with = "all")]
    limit: usize,
    /// What to draw: text for a terminal, one HTML file to keep or send, or a Mermaid flowchart.
    #[arg(long, value_enum, default_value = "text", conflicts_with = "output")]
    format: Form,
    #[command(flatten)]
    data: AsData,
    /// Draw it again at every change, until Ctrl-C.
    #[arg(long, conflicts_with_all = ["format", "output"])]
    watch: bool,
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Html,
    Mermaid,
}

/// The options, for completion and the man page.
pub(super) fn options() -> clap::Command {
    Options::command()
}

/// Runs the command.
pub(super) fn run(words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    let options: Options = match super::parse(words, world)? {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let opened = Opened::new(&world.process, &globals.own)?;
    let region = face::region(&world.process, globals, opened.config())?;
    if let Some(FunctionRef {
        qualifier: Some(qualifier),
        ..
    }) = FunctionRef::parse(&options.function)
    {
        return Err(Stop::Invalid(format!(
            "history shows a whole function: leave :{qualifier} out of {}",
            options.function
        )));
    }
    let source = Source {
        opened: &opened,
        region: &region,
        function: &options.function,
    };
    let limit = (!options.all).then_some(options.limit);
    let look = Look {
        width: world.process.width,
        color: super::color(globals, &world.process),
        boxes: world.process.stdout_is_terminal,
    };
    if options.watch {
        if globals.output.is_some() || globals.query.is_some() {
            return Err(Stop::Invalid(
                "--watch draws a picture; --output and --query are for data".to_owned(),
            ));
        }
        return watch(&source, limit, look, world);
    }
    let history = source.read()?;
    if let Some(output) = options.data.format(globals) {
        let value = serde_json::to_value(&history).expect("a history is plain data");
        return super::data(value, output, globals, world).map(|()| 0);
    }
    let picture = Picture::of(&history, limit);
    let drawn = match options.format {
        Form::Text => text::draw(&picture, look),
        Form::Html => html::draw(&picture),
        Form::Mermaid => mermaid::draw(&picture),
    };
    world.stdout.write_all(drawn.as_bytes())?;
    Ok(0)
}

/// Draws again whenever the function is another than it was. Ends when it is interrupted or its reader is gone.
fn watch(
    source: &Source<'_>,
    limit: Option<usize>,
    look: Look,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    // The first look fails as one without --watch does.
    source.read()?;
    let mut drawn: Option<(Option<Function>, Vec<Mapping>)> = None;
    loop {
        let head = source.head()?;
        if drawn.as_ref() != Some(&head) {
            let text = match &head.0 {
                Some(_) => match source.read() {
                    Ok(history) => text::draw(&Picture::of(&history, limit), look),
                    // Deleted in between: the next look tells.
                    Err(Stop::Service(..)) => continue,
                    Err(other) => return Err(other),
                },
                None => format!("{} was deleted\n", source.function),
            };
            let (before, after) = match look.boxes {
                // To the corner, over what was there, and the rest of the screen erased.
                true => ("\x1b[H\x1b[2J", ""),
                false => ("", "\n"),
            };
            write!(world.stdout, "{before}{text}{after}")?;
            world.stdout.flush()?;
            drawn = Some(head);
        }
        (world.sleep)(PAUSE);
    }
}

/// Where a history comes from.
struct Source<'a> {
    opened: &'a Opened,
    region: &'a str,
    function: &'a str,
}

impl Source<'_> {
    fn read(&self) -> Result<History, Stop> {
        let read = self.opened.with(self.region, |lambda| {
            let target = lambda.target(self.function, None)?;
            let name = target.name();
            let history = lambda
                .functions()
                .view(name, |view| History::read(view, &target.arn))?;
            let Some(mut history) = history else {
                return Err(self.missing(lambda.functions().names()?, &target));
            };
            history.event_source_mappings = mappings::of(lambda, name)?;
            Ok(history)
        });
        read.map_err(ended)
    }

    /// The function's head and its mappings as they stand: what changes the picture changes these.
    fn head(&self) -> Result<(Option<Function>, Vec<Mapping>), Stop> {
        let head = self.opened.with(self.region, |lambda| {
            let target = lambda.target(self.function, None)?;
            let mut head = lambda.functions().head(target.name())?;
            if let Some(head) = &mut head {
                head.settle(lambda.place.store.clock.now());
            }
            Ok((head, mappings::of(lambda, target.name())?))
        });
        head.map_err(ended)
    }

    /// No such function, and which there are.
    fn missing(&self, names: Vec<String>, target: &Target) -> Failure {
        let more = names.len().saturating_sub(NAMED);
        let mut there = names;
        there.truncate(NAMED);
        let there = match (there.as_slice(), more) {
            ([], _) => format!("there is none in region {}", self.region),
            ([one], 0) => format!("there is {one}"),
            (some, 0) => format!("there are {}", some.join(", ")),
            (some, _) => format!("there are {} and {more} more", some.join(", ")),
        };
        let mut error = ServiceError::new(
            Code::ResourceNotFoundException,
            format!("Function not found: {}; {there}", target.arn),
        );
        if let Some(region) = self.elsewhere(target.name()) {
            error = error.with_hint(format!(
                "region {region} has one: lambdry --region {region} history {}",
                target.name()
            ));
        }
        error.into()
    }

    /// Another region of the account with a function of that name.
    fn elsewhere(&self, name: &str) -> Option<String> {
        let store = &self.opened.store;
        let scopes = store.scopes().ok()?.into_iter();
        let mut others = scopes
            .filter(|scope| scope.account == self.opened.account && scope.region != self.region);
        others
            .find(|scope| {
                let place = store.place(scope.clone());
                let head = place.all::<Function>().head(name);
                matches!(head, Ok(Some(_)))
            })
            .map(|scope| scope.region)
    }
}

/// History reads what GetFunction reads, and fails as that does.
fn ended(failure: Failure) -> Stop {
    match failure {
        Failure::Service(error) => Stop::Service("GetFunction", Box::new(error)),
        other => stop(other),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        collections::BTreeMap,
        ffi::OsString,
        fs,
        io::{self, Write},
        path::Path,
        rc::Rc,
    };

    use super::*;
    use crate::{face::world::Process, tool::backend::Lambdry};

    /// A stream that others can look at, and that can be closed.
    #[derive(Clone, Default)]
    struct Stream(Rc<RefCell<(Vec<u8>, bool)>>);

    impl Stream {
        fn text(&self) -> String {
            String::from_utf8_lossy(&self.0.borrow().0).into_owned()
        }
    }

    impl Write for Stream {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut inner = self.0.borrow_mut();
            if inner.1 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            inner.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn run(
        folder: &Path,
        line: &str,
        terminal: bool,
        sleep: &dyn Fn(Duration),
        out: &Stream,
    ) -> u8 {
        let env = [
            ("HOME", folder.as_os_str().to_owned()),
            ("LAMBDRY_STATE_DIR", folder.join("state").into_os_string()),
            ("LAMBDRY_NOW", "2026-11-22T12:00:00Z".into()),
            ("LAMBDRY_SEED", "history".into()),
        ];
        let env: BTreeMap<OsString, OsString> = env
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect();
        let process = Process {
            program: "lambdry".to_owned(),
            args: line.split(' ').map(OsString::from).collect(),
            env,
            cwd: folder.to_owned(),
            stdout_is_terminal: terminal,
            stderr_is_terminal: false,
            width: 80,
        };
        face::run(
            &mut World {
                process,
                stdin: &mut io::empty(),
                stdout: &mut out.clone(),
                stderr: &mut io::sink(),
                sleep,
            },
            &Lambdry::default(),
        )
    }

    fn quiet(folder: &Path, line: &str) {
        assert_eq!(
            run(folder, line, false, &|_| (), &Stream::default()),
            0,
            "{line}"
        );
    }

    /// A folder whose state holds `pay` with one version.
    fn released() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let zip = crate::operation::sandbox::zip(&[("app.py", b"pass")]);
        fs::write(folder.path().join("a.zip"), zip).expect("written");
        let create = "create-function --function-name pay --runtime python3.13 --handler app.handler \
                      --role arn:aws:iam::123456789012:role/pay --zip-file fileb://a.zip";
        quiet(folder.path(), create);
        quiet(folder.path(), "publish-version --function-name pay");
        folder
    }

    #[test]
    fn watches_until_the_reader_is_gone_and_draws_each_change_once() {
        let folder = released();
        let out = Stream::default();
        let looks = RefCell::new(0);
        let alias = "--function-name pay --name live";
        let sleep = |_: Duration| {
            *looks.borrow_mut() += 1;
            match *looks.borrow() {
                2 => quiet(
                    folder.path(),
                    &format!("create-alias {alias} --function-version 1"),
                ),
                4 => quiet(folder.path(), "delete-function --function-name pay"),
                5 => {
                    out.0.borrow_mut().1 = true;
                    let create = "create-function --function-name pay --runtime python3.13 --handler app.handler \
                                  --role arn:aws:iam::123456789012:role/pay --zip-file fileb://a.zip";
                    quiet(folder.path(), create);
                }
                _ => {}
            }
        };
        let code = run(folder.path(), "history pay --watch", false, &sleep, &out);
        assert_eq!((code, *looks.borrow()), (0, 5));
        let text = out.text();
        assert_eq!(text.matches("pay  1 version").count(), 2, "{text}");
        assert_eq!(text.matches("<- live").count(), 1, "{text}");
        assert!(text.ends_with("pay was deleted\n\n"), "{text}");
        assert!(text.is_ascii(), "{text}");
    }

    #[test]
    fn a_terminal_gets_boxes_and_colour_and_nothing_that_steers_it_from_a_description() {
        let folder = released();
        quiet(
            folder.path(),
            "update-function-configuration --function-name pay --timeout 9",
        );
        quiet(
            folder.path(),
            "publish-version --function-name pay --description \u{1b}[2Jgone\u{7}",
        );
        let out = Stream::default();
        run(folder.path(), "history pay", true, &|_| (), &out);
        let text = out.text();
        assert!(text.contains("●  \u{1b}[1;36m2\u{1b}[0m"), "{text}");
        assert!(
            text.contains("\u{1b}[1m\\u{1b}[2Jgone\\u{7}\u{1b}[0m"),
            "{text:?}"
        );
        let plain = Stream::default();
        run(
            folder.path(),
            "--color off history pay",
            true,
            &|_| (),
            &plain,
        );
        assert!(!plain.text().contains('\u{1b}') && plain.text().contains('●'));
    }
}
