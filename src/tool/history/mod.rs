//! `lambdry history`: a function's versions and aliases over time, as a picture or as data.
//!
//! There is one model ([`model::History`]). It is read from the store and shows one moment. [`picture`] chooses the
//! parts to draw, and each form of drawing has a file. The command reads and changes nothing, so it works on a state
//! directory that cannot be written.

mod at;
mod big;
mod changed;
mod html;
mod lanes;
mod mappings;
mod mermaid;
mod model;
mod picture;
mod run;
#[cfg(unix)]
mod screen;
mod shown;
mod text;
mod watch;
mod words;

use clap::{CommandFactory as _, Parser, ValueEnum};
use indexmap::IndexMap;

use super::{
    AsData,
    backend::{Opened, stop},
};
use crate::{
    face::{self, Globals, State as _, exit::Stop, pager, world::World},
    operation::{Failure, Result as Answer, resolve::Target},
    state::{
        arn::FunctionRef,
        error::{Code, ServiceError},
        function::Function,
        head::Head as _,
    },
    store::collection::View,
};
use jiff::Timestamp;
use mappings::Mapping;
pub(super) use model::History;
use picture::Picture;
use serde::Serialize;
use serde_json::Value;
use text::Look;
use watch::Drawn;
pub(super) use words::Clock;

/// The command's description, in a sentence.
pub(super) const ABOUT: &str = "Draws a function's versions and aliases over time.";

/// The most functions that an error names.
const NAMED: usize = 10;

/// Draws the versions and aliases of a function over time. $LATEST comes first,
/// with its unpublished changes. Then come the versions, newest first. Each has its
/// date, its description, the start of its code hash, its size, and its changes
/// from the version before. An alias stands beside each version that it points at,
/// with its share of the traffic and the time of its last move. Beside a version
/// that an alias has left, the alias is dimmed. A deleted version is a gap. The
/// event source mappings of the function stand below. Environment variables are
/// shown by name, never with values.
///
/// On a terminal the drawing has boxes and colour (NO_COLOR and --color are
/// respected), elsewhere it is plain ASCII. It shows the ten newest versions, the
/// oldest, and every version that an alias points at or pointed at last. Three or
/// more hidden versions in a row become one line. Data (--output) always has every
/// version.
#[derive(Debug, Parser)]
#[command(name = "lambdry history", verbatim_doc_comment)]
struct Options {
    /// The function: its name, its partial ARN or its full ARN.
    #[arg(value_name = "FUNCTION", required_unless_present = "all_functions")]
    function: Option<String>,
    /// Draw every function of the account and region.
    #[arg(long, conflicts_with_all = ["function", "watch"])]
    all_functions: bool,
    /// Draw the state at this time: 2026-11-28T14:00Z, '2026-11-28 14:00', or 14:00 for today.
    #[arg(long, value_name = "MOMENT", conflicts_with_all = ["since", "until", "watch", "format", "all", "limit"])]
    at: Option<String>,
    /// Leave out everything before this time.
    #[arg(long, value_name = "MOMENT")]
    since: Option<String>,
    /// Leave out everything after this time.
    #[arg(long, value_name = "MOMENT")]
    until: Option<String>,
    /// Read and print times in the time zone of this machine. The default is UTC.
    #[arg(long)]
    local: bool,
    /// Draw every version.
    #[arg(long)]
    all: bool,
    /// The number of newest versions that are always drawn.
    #[arg(long, value_name = "N", default_value_t = 10, conflicts_with = "all")]
    limit: usize,
    /// The form of the drawing: text for a terminal, one HTML file, or a Mermaid flowchart.
    #[arg(long, value_enum, default_value = "text", conflicts_with = "output")]
    format: Form,
    #[command(flatten)]
    data: AsData,
    /// Draw again after every change, until you press q or Ctrl-C.
    #[arg(long, conflicts_with_all = ["format", "output"])]
    watch: bool,
    /// Draw only what is live, in letters big enough for a projector: each alias, its versions and their shares.
    #[arg(long, conflicts_with_all = ["format", "output", "at", "all", "limit"])]
    big: bool,
}

/// The form of the drawing.
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
        Err(code) => {
            if code != 0 {
                super::offer_functions(words, globals, world)?;
            }
            return Ok(code);
        }
    };
    let opened = Opened::new(&world.process, &globals.own)?;
    let region = face::region(&world.process, globals, opened.config())?;
    let source = |function: String| Source {
        opened: &opened,
        region: &region,
        function,
    };
    let sources: Vec<Source<'_>> = match &options.function {
        Some(function) => vec![source(whole(function)?)],
        None => {
            let names = opened.with(&region, |lambda| lambda.functions().names());
            names.map_err(ended)?.into_iter().map(source).collect()
        }
    };
    let limit = (!options.all).then_some(options.limit);
    let look = Look {
        width: world.process.width,
        color: super::color(globals, &world.process),
        boxes: world.process.stdout_is_terminal,
    };
    let clock = Clock::new(options.local);
    let drawn = Drawn {
        limit,
        look,
        clock: &clock,
        big: options.big,
    };
    if options.watch {
        if globals.output.is_some() || globals.query.is_some() {
            return Err(Stop::Invalid(
                "--watch draws a picture; it cannot be used with --output or --query".to_owned(),
            ));
        }
        let [source] = sources.as_slice() else {
            return Err(Stop::Invalid("--watch draws one function only".to_owned()));
        };
        return watch::watch(source, drawn, world);
    }
    let mut histories = Vec::new();
    for source in &sources {
        histories.push(source.read()?);
    }
    let now = opened.store.clock.now();
    let read = |text: &Option<String>| moment(text.as_deref(), now, &clock);
    if let Some(at) = past(options.at.as_deref(), now, &clock)? {
        return then(&histories, at, &options, &clock, globals, world);
    }
    let (since, until) = (read(&options.since)?, read(&options.until)?);
    if since.is_some() || until.is_some() {
        for history in &mut histories {
            let until = until.unwrap_or(Timestamp::MAX);
            history.between(since.unwrap_or(Timestamp::MIN), until);
        }
    }
    if let Some(output) = options.data.format(globals) {
        return super::data(data(&histories, &options), output, globals, world).map(|()| 0);
    }
    let page = match options.format {
        Form::Html => {
            let title = match histories.as_slice() {
                [one] if !options.all_functions => format!("History of {}", one.function_name),
                _ => format!("Functions of {} in {region}", opened.account),
            };
            html::draw(&title, &histories, &clock)
        }
        form => {
            let pictures = histories.iter().map(|history| match form {
                Form::Mermaid => mermaid::draw(&Picture::of(history, limit, &clock)),
                Form::Text | Form::Html => drawn.text(history),
            });
            pictures.collect::<Vec<_>>().join("\n")
        }
    };
    paged(&page, options.format, globals, world)
}

/// Prints a picture. On a terminal, a picture that does not fit is shown by a pager.
fn paged(text: &str, form: Form, globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    let pager = match form {
        Form::Text => pager::of_pictures(&world.process, globals),
        Form::Html | Form::Mermaid => None,
    };
    pager::through(pager, world, |out| Ok(out.write_all(text.as_bytes())?))?;
    Ok(0)
}

/// The function that a word names; a qualifier is refused.
fn whole(function: &str) -> Result<String, Stop> {
    if let Some(FunctionRef {
        qualifier: Some(qualifier),
        ..
    }) = FunctionRef::parse(function)
    {
        return Err(Stop::Invalid(format!(
            "history shows a whole function: remove :{qualifier} from {function}"
        )));
    }
    Ok(function.to_owned())
}

/// A moment that a word names.
///
/// # Errors
/// The word is not a moment.
fn moment(text: Option<&str>, now: Timestamp, clock: &Clock) -> Result<Option<Timestamp>, Stop> {
    let Some(text) = text else {
        return Ok(None);
    };
    super::moment::read(text, now, clock.zone())
        .map(Some)
        .ok_or_else(|| Stop::Invalid(format!("{text:?} is not a time: {}", super::moment::FORMS)))
}

/// A past moment that a word names.
///
/// # Errors
/// The word is not a moment, or the moment is in the future.
pub(super) fn past(
    text: Option<&str>,
    now: Timestamp,
    clock: &Clock,
) -> Result<Option<Timestamp>, Stop> {
    let at = moment(text, now, clock)?;
    if let (Some(text), true) = (text, at.is_some_and(|at| at > now)) {
        return Err(Stop::Invalid(format!(
            "{text:?} is in the future: it is {} ({})",
            clock.moment(now),
            clock.name()
        )));
    }
    Ok(at)
}

/// The data to print: one history, or a list if all functions were asked for.
fn data<T: Serialize>(of: &[T], options: &Options) -> Value {
    let value = match of {
        [one] if !options.all_functions => serde_json::to_value(one),
        all => serde_json::to_value(all),
    };
    value.expect("a history is plain data")
}

/// Draws the functions at a moment. If one function was asked for and did not exist yet, returns an error. If all
/// functions were asked for, leaves out those that did not exist yet.
fn then(
    histories: &[History],
    at: Timestamp,
    options: &Options,
    clock: &Clock,
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    let mut all = Vec::new();
    for history in histories {
        match history.at(at) {
            Ok(then) => all.push(then),
            Err(_) if options.all_functions => {}
            Err(since) => {
                let error = ServiceError::new(
                    Code::ResourceNotFoundException,
                    format!(
                        "Function not found: {} at {}; it was created {}",
                        history.function_arn,
                        clock.moment(at),
                        clock.moment(since)
                    ),
                );
                return Err(Stop::Service("GetFunction", Box::new(error)));
            }
        }
    }
    if let Some(output) = options.data.format(globals) {
        return super::data(data(&all, options), output, globals, world).map(|()| 0);
    }
    let drawn: Vec<String> = all.iter().map(|then| at::draw(then, clock)).collect();
    paged(&drawn.join("\n"), Form::Text, globals, world)
}

/// The meaning of a version, an alias or `$LATEST` at a moment: the number of the version, and the weights of an alias.
#[derive(Debug)]
pub(super) struct Meant {
    /// A number or `$LATEST`.
    pub(super) version: String,
    /// For an alias: the other versions that it sent traffic to, with their weights.
    pub(super) weights: Option<IndexMap<String, f64>>,
}

/// Finds the meaning of `target` at a moment. The inner error gives the reason why the meaning is unknown.
///
/// # Errors
/// When a version or the journal cannot be read.
pub(super) fn meant(
    view: &View<'_, Function>,
    target: &Target,
    at: Timestamp,
) -> Answer<Result<Meant, String>> {
    let history = History::read(view, &target.arn)?;
    let key = target.key();
    if let Some(alias) = history.aliases.iter().find(|alias| alias.name == key) {
        return Ok(History::pointed(alias, at)
            .map(|(point, ..)| Meant {
                version: point.function_version.clone(),
                weights: Some(point.additional_version_weights.clone()),
            })
            .ok_or_else(|| {
                let is_known =
                    history.is_whole || history.known_since.is_some_and(|since| since <= at);
                match is_known {
                    true => format!("alias {key} was not there at that moment"),
                    false => {
                        format!("history does not know where alias {key} pointed at that moment")
                    }
                }
            }));
    }
    let whole = |version: String| Meant {
        version,
        weights: None,
    };
    let then = match history.at(at) {
        Ok(then) => then,
        Err(_) => return Ok(Err("the function was created later".to_owned())),
    };
    Ok(match key {
        "$LATEST" => then.latest.same_as.map(whole).ok_or_else(|| {
            "the $LATEST of that moment is not kept: no version has the same content".to_owned()
        }),
        number => match then.versions.iter().any(|there| there.version == number) {
            true => Ok(whole(number.to_owned())),
            false => Err(format!("version {number} was not there at that moment")),
        },
    })
}

/// The function whose history is read, and the place to read it from.
struct Source<'a> {
    opened: &'a Opened,
    region: &'a str,
    function: String,
}

impl Source<'_> {
    fn read(&self) -> Result<History, Stop> {
        let read = self.opened.with(self.region, |lambda| {
            let target = lambda.target(&self.function, None)?;
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

    /// The function's head and its mappings at present. The picture changes only when these change.
    fn head(&self) -> Result<(Option<Function>, Vec<Mapping>), Stop> {
        let head = self.opened.with(self.region, |lambda| {
            let target = lambda.target(&self.function, None)?;
            let mut head = lambda.functions().head(target.name())?;
            if let Some(head) = &mut head {
                head.settle(lambda.place.store.clock.now());
            }
            Ok((head, mappings::of(lambda, target.name())?))
        });
        head.map_err(ended)
    }

    /// The error for a missing function. It names the functions that exist.
    fn missing(&self, names: Vec<String>, target: &Target) -> Failure {
        let more = names.len().saturating_sub(NAMED);
        let mut there = names;
        there.truncate(NAMED);
        let there = match (there.as_slice(), more) {
            ([], _) => format!("region {} has no function", self.region),
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

    /// Another region of the account that has a function of that name.
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

/// Converts a failure into a failure of GetFunction, because a history reads the same things.
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
        time::Duration,
    };

    use super::*;
    use crate::{face::world::Process, tool::backend::Lambdry};

    /// A stream that a test can read, and that can be closed.
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
