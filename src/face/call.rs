//! The call of one operation: from the words after the operation's name to the answer on stdout.
//!
//! Scripts depend on the order of checks, which is the order of aws-cli 2.36.7: options, then values and files, then
//! the region, then the client-side validation, then the call, then errors of the output.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};

use serde_json::{Map, Value};

use super::arguments::{self, Action};
use super::blobs::{Blobs, decode};
use super::check::check;
use super::config::Settings;
use super::exit::Stop;
use super::globals::Globals;
use super::options::{self, Given, Meaning, Opt, kebab};
use super::pager;
use super::pagination::{self, Pages, Paging};
use super::print::Printer;
use super::tally::Tally;
use super::values::{Reader, first};
use super::waiters::Waiter;
use super::world::World;
use super::{State, customize, help, input, paramfile, python, skeleton};
use crate::operation::ec2::describe_regions::is_region;
use crate::operation::shape::Shape;
use crate::operation::{Entry, Failure};
use crate::output::query::Query;
use crate::output::{self, Format, Style, yaml};

/// The member of Lambda's requests that the option of the same name sets if the operation does not page.
const MAX_ITEMS: &str = "MaxItems";

/// The state shared by every operation of a command line.
pub(crate) struct Session<'a> {
    pub(crate) globals: &'a Globals,
    pub(crate) settings: &'a Settings,
    pub(crate) query: Option<&'a Query>,
    pub(crate) state: &'a dyn State,
    /// The word for the service on the command line.
    pub(crate) service: &'a str,
    /// True if the calls of the service need a region.
    pub(crate) regional: bool,
}

impl Session<'_> {
    /// The region of the calls. It may be missing if the service has no regions.
    ///
    /// # Errors
    /// A missing region if the service needs one, and a text that is not a region.
    pub(crate) fn region(&self, world: &World<'_>) -> Result<String, Stop> {
        self.settings.demand_profile(&world.process, self.globals)?;
        self.settings.attempts(&world.process)?;
        self.settings.demand_formats()?;
        if let Some(url) = self
            .globals
            .endpoint
            .as_deref()
            .filter(|url| !has_host(url))
        {
            return Err(Stop::Other(format!("Invalid endpoint: {url}")));
        }
        let set = self.settings.region_word(&world.process, self.globals);
        let none = set.is_none() && !self.regional;
        if none || (set == Some("") && customize::is_global(self.service)) {
            return Ok("us-east-1".to_owned());
        }
        self.settings
            .region(&world.process, self.globals, self.service)
    }

    /// The region for commands that are not operations.
    ///
    /// # Errors
    /// The errors of [`Self::region`], and a region that AWS does not have.
    pub(crate) fn reach(&self, world: &World<'_>) -> Result<String, Stop> {
        let region = self.region(world)?;
        self.demand_host(&region, "/")?;
        Ok(region)
    }

    /// Refuses an endpoint that does not exist: a region that AWS does not have, or a scheme other than HTTP. `path` is
    /// the path of the call; messages contain it.
    ///
    /// # Errors
    /// An error in aws-cli's words.
    pub(crate) fn demand_host(&self, region: &str, path: &str) -> Result<(), Stop> {
        if let Some((kind, seconds)) = self.globals.negative_timeout() {
            return Err(Stop::Other(format!(
                "Attempted to set {kind} timeout to {seconds}, but the timeout cannot be set to a value less than or \
                 equal to 0."
            )));
        }
        if let Some(url) = &self.globals.endpoint {
            return match url.split_once("://") {
                Some(("http" | "https", _)) | None => Ok(()),
                Some((scheme, _)) => Err(Stop::Other(format!(
                    "An HTTP Client raised an unhandled exception: Not supported URL scheme {scheme}"
                ))),
            };
        }
        if customize::is_global(self.service) || is_region(region) {
            return Ok(());
        }
        let host = customize::host(self.service);
        let china = if region.starts_with("cn-") { ".cn" } else { "" };
        Err(Stop::Other(format!(
            "Could not connect to the endpoint URL: \"https://{host}.{region}.amazonaws.com{china}{path}\""
        )))
    }

    /// Returns true if output is coloured.
    pub(crate) fn color(&self, world: &World<'_>) -> bool {
        match self.globals.color.as_deref() {
            Some("on") => true,
            Some("off") => false,
            _ => world.process.stdout_is_terminal && !world.process.no_color(),
        }
    }

    /// A printer for the requested format; `title` is the heading of tables.
    fn printer<'p>(&'p self, world: &World<'_>, title: &'p str) -> Result<Printer<'p>, Stop> {
        let style = Style {
            width: world.process.width,
            color: self.color(world),
        };
        let format = self.settings.output(&world.process, self.globals);
        Printer::new(format, self.query, title, style)
    }

    fn pager(&self, world: &World<'_>) -> Option<Vec<String>> {
        pager::of_answers(&world.process, self.globals, self.settings)
    }

    /// Prints an answer in the requested format. `title` is the heading of tables.
    ///
    /// # Errors
    /// Unknown output format, or an error while printing.
    pub(crate) fn print(
        &self,
        world: &mut World<'_>,
        title: &str,
        answer: &Value,
    ) -> Result<(), Stop> {
        let printer = self.printer(world, title)?;
        pager::through(self.pager(world), world, |out| printer.value(answer, out))
    }
}

/// An operation on the line, or a waiter that polls one.
pub(crate) struct Command<'a> {
    /// The word for the service on the command line.
    pub(crate) service: &'a str,
    /// The operation to call.
    pub(crate) entry: &'a Entry,
    /// The waiter, if the line is a `wait`.
    pub(crate) waiter: Option<&'a Waiter>,
}

impl Command<'_> {
    /// The words of the line after the service.
    pub(crate) fn name(&self) -> String {
        self.waiter.map_or_else(
            || kebab(self.entry.name),
            |waiter| waiter.command.to_owned(),
        )
    }

    /// The description of the command.
    pub(crate) fn about(&self) -> String {
        self.waiter
            .map_or_else(|| self.entry.about.to_owned(), Waiter::about)
    }

    /// The options of the command.
    pub(crate) fn table(&self, is_aws: bool) -> Vec<Opt> {
        let mut table = options::of_operation(self.entry, self.waiter.is_some());
        if !is_aws {
            table.extend(options::own(self.entry.name));
        }
        table
    }
}

/// The path of a call: the route with the values of the request's members filled in.
fn path(route: &str, request: &Value) -> String {
    let template = route.split(' ').nth(1).unwrap_or("/");
    let mut out = String::new();
    for (at, part) in template.split(['{', '}']).enumerate() {
        if at % 2 == 0 {
            out.push_str(part);
            continue;
        }
        let value = request.get(part.trim_end_matches('+'));
        let text = value.map(output::python::str).unwrap_or_default();
        for byte in text.bytes() {
            let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            match plain || (byte == b'/' && part.ends_with('+')) {
                true => out.push(byte.into()),
                false => out.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    out
}

/// Returns true if a URL names a host: labels of letters, digits and hyphens after `//`.
fn has_host(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') {
        return host.contains(']');
    }
    let host = host.split(':').next().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    host.len() <= 255
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

/// Turns a call's failure into the error that ends the command line.
pub(crate) fn stop(operation: &'static str, failure: Failure) -> Stop {
    match failure {
        Failure::Service(error) => Stop::Service(operation, Box::new(error)),
        Failure::Store(error) => error.into(),
        Failure::NotSimulated(what) => Stop::NotSimulated(
            format!("{what} is not simulated"),
            "nothing was changed. Leave this setting out of the rehearsal.".to_owned(),
        ),
    }
}

/// Runs an operation with the words after its name.
///
/// # Errors
/// Any error that can end a command line.
pub(crate) fn run(
    world: &mut World<'_>,
    session: &Session<'_>,
    command: &Command<'_>,
    words: &[String],
) -> Result<(), Stop> {
    let request = command.entry.request();
    let table = command.table(world.process.is_aws());
    if words == ["help"] {
        return help::operation(world, command, &table);
    }
    let Some(given) = parse(&table, words)? else {
        return help::operation(world, command, &table);
    };
    let blobs = Blobs::new(session.state);
    let call = Call {
        session,
        command,
        given: &given,
        blobs: &blobs,
    };
    let list = call.pages()?;
    let mut built = call.build(world, &table, list.is_none())?;
    let list = list.filter(|_| !built.manual);
    if let Some(kind) = given.one("--generate-cli-skeleton")
        && kind != "output"
    {
        let text = match kind {
            "yaml-input" => skeleton::yaml_input(request),
            _ => match skeleton::input(request) {
                // An empty answer normally prints nothing. The sample of an empty answer is printed.
                Value::Object(none) if none.is_empty() => "{}\n".to_owned(),
                filled => output::render(Format::Json, &filled, "", &Style::default())
                    .map_err(|error| Stop::Other(error.message))?,
            },
        };
        return Ok(world.stdout.write_all(text.as_bytes())?);
    }
    let region = session.region(world)?;
    blobs.settle(
        request,
        &mut built.request,
        session.settings.binary_format(session.globals),
    )?;
    if let (Some(size), Some(pages)) = (built.paging.page_size, &list)
        && let Value::Object(members) = &mut built.request
    {
        pages.size(members, size);
    }
    if session.service == "s3api" {
        customize::refuse_bucket(&built.request)?;
    }
    check(&built.request, request, &built.ordered, &blobs)?;
    python::sendable(&mut built.request)?;
    if given.one("--generate-cli-skeleton") == Some("output") {
        let sample = skeleton::output(command.entry.response());
        return session.print(world, command.entry.name, &sample);
    }
    session.demand_host(&region, &path(command.entry.route, &built.request))?;
    if let Some(waiter) = command.waiter {
        let mut poll = || call.make(&region, built.request.clone());
        let mut complete = || {
            session
                .state
                .complete(&region, command.entry, &built.request)
                .map_err(|failure| stop(command.entry.name, failure))
        };
        return waiter.wait(&mut poll, &mut complete, world.sleep);
    }
    if let Some(times) = given.one("--count") {
        return call.tally(world, &region, times, built.request);
    }
    match list {
        Some(list) => call.list(world, &region, &list, built),
        None => {
            let mut answer = call.make(&region, built.request)?;
            call.write_outfile(world, &mut answer)?;
            session.print(world, command.entry.name, &answer)
        }
    }
}

/// Parses the words; `None` if they request help.
fn parse(table: &[Opt], words: &[String]) -> Result<Option<Given>, Stop> {
    let has = |name: &str| words.iter().any(|word| word == name);
    let after_skeleton = words
        .iter()
        .skip_while(|word| *word != "--generate-cli-skeleton")
        .nth(1);
    // aws-cli finds these options only if the full name is a separate word, so the same condition holds here.
    let lenient = ["--cli-input-json", "--cli-input-yaml"]
        .iter()
        .any(|name| has(name) && knows(table, name))
        || (has("--generate-cli-skeleton")
            && knows(table, "--generate-cli-skeleton")
            && after_skeleton.is_none_or(|word| word != "output"));
    let mut actions: Vec<Action> = table.iter().map(|opt| opt.action.clone()).collect();
    // With `--count`, the outfile may be missing, because it is not part of the request.
    let counts = words
        .iter()
        .any(|word| word == "--count" || word.starts_with("--count="))
        && knows(table, "--count");
    for action in &mut actions {
        let optional = if action.name.starts_with("--") {
            lenient
        } else {
            counts
        };
        action.required &= !optional;
    }
    actions.push(Action::new("help", arguments::Takes::Optional));
    let taken = arguments::parse(&actions, words)?;
    let mut unknown = taken.rest.clone();
    match taken
        .words(actions.len() - 1)
        .and_then(|words| words.first())
        .map(String::as_str)
    {
        Some("help") => return Ok(None),
        // An empty word does not request help, and is not an error.
        None | Some("") => {}
        Some(extra) => unknown.push(extra.to_owned()),
    }
    if !unknown.is_empty() {
        return Err(Stop::Unknown(unknown));
    }
    Ok(Some(options::given(table, &taken)))
}

fn knows(table: &[Opt], name: &str) -> bool {
    table.iter().any(|opt| opt.name() == name)
}

struct Call<'a> {
    session: &'a Session<'a>,
    command: &'a Command<'a>,
    given: &'a Given,
    blobs: &'a Blobs<'a>,
}

/// A request that was read from the line.
struct Built {
    request: Value,
    /// The names of the members that were given as JSON.
    ordered: BTreeSet<String>,
    paging: Paging,
    /// True if the input itself names a page. Paging is then off.
    manual: bool,
}

impl Call<'_> {
    /// The paging of the operation; `None` if paging is off.
    fn pages(&self) -> Result<Option<Pages>, Stop> {
        let list = match self.command.waiter {
            None => pagination::of(self.command.entry),
            Some(_) => None,
        };
        let Some(pages) = list else {
            return Ok(None);
        };
        let by_hand = pages
            .members()
            .filter(|name| *name != MAX_ITEMS)
            .any(|name| self.given.has(&format!("--{}", kebab(name))));
        if self.session.globals.paginate && !by_hand {
            return Ok(Some(pages));
        }
        let used: Vec<&str> = ["--starting-token", "--page-size"]
            .into_iter()
            .filter(|name| {
                self.given
                    .one(name)
                    .is_some_and(|word| !matches!(word, "" | "0"))
            })
            .collect();
        if used.is_empty() {
            return Ok(None);
        }
        Err(Stop::Invalid(format!(
            "Cannot specify --no-paginate along with pagination arguments: {}",
            used.join(", ")
        )))
    }

    /// Reads the value of every option, in the table's order.
    fn build(
        &self,
        world: &mut World<'_>,
        table: &[Opt],
        paging_is_off: bool,
    ) -> Result<Built, Stop> {
        let reader = Reader {
            process: &world.process,
            blobs: self.blobs,
        };
        let int = |name: &str| {
            self.given
                .one(name)
                .map(super::python::int)
                .transpose()
                .map_err(Stop::Other)
        };
        let of_request = self.command.entry.request().member(MAX_ITEMS);
        let is_text = of_request.is_some_and(|member| matches!(member.shape, Shape::String(_)));
        let mut paging = Paging {
            // A text is the service's own: Route 53 and CloudFront count in texts.
            max_items: match paging_is_off && is_text {
                true => None,
                false => int("--max-items")?,
            },
            starting_token: self.given.one("--starting-token").map(str::to_owned),
            page_size: int("--page-size")?,
        };
        let operation = self.command.entry.name;
        let mut request = Map::new();
        let mut ordered = BTreeSet::new();
        let mut source = None;
        for opt in table {
            let Some(words) = self.given.all(opt.name()) else {
                continue;
            };
            match &opt.meaning {
                Meaning::Member(member, _) if customize::must_be_zip(operation, member) => {
                    request.insert((*member).to_owned(), reader.zip(opt.name(), first(words))?);
                }
                Meaning::Member(member, _) if customize::is_a_path(operation, member) => {
                    request.insert((*member).to_owned(), reader.path(opt.name(), first(words))?);
                }
                Meaning::Member(member, shape) => {
                    let read = reader.member(opt.name(), shape, words)?;
                    if customize::zip_lifted_from(operation) == Some(*member) {
                        customize::refuse_zip_inside(opt.name(), &read.value)?;
                    }
                    if read.ordered {
                        ordered.insert((*member).to_owned());
                    }
                    request.insert((*member).to_owned(), read.value);
                }
                Meaning::Switch(member, on) => {
                    request.insert((*member).to_owned(), (*on).into());
                }
                Meaning::Zip(structure) => {
                    let zip = reader.zip(opt.name(), first(words))?;
                    customize::put_zip(&mut request, structure, zip);
                }
                Meaning::Input if source.is_none() => source = input::text(&reader, self.given)?,
                Meaning::Input => {}
                Meaning::Face => {}
            }
        }
        if let (Some(text), true) = (self.given.one("--max-items"), paging_is_off && is_text) {
            request.insert(MAX_ITEMS.to_owned(), text.into());
        }
        if let Some(max) = paging.max_items {
            if paging_is_off {
                if of_request.is_some() {
                    request.insert(MAX_ITEMS.to_owned(), max.into());
                }
            } else if max <= 0 {
                writeln!(
                    world.stderr,
                    "warning: Non-positive values for --max-items may result in undefined behavior."
                )?;
            }
        }
        let mut manual = false;
        if let Some((option, text)) = source {
            let before = request.clone();
            input::merge(&mut request, option, &text, &yaml::parse)?;
            let pages = pagination::of(self.command.entry);
            if pages.is_some()
                && let Some(config) = request.shift_remove("PaginationConfig")
            {
                // The input may also set the page options by the model's names. The option on the line has priority
                // here, too.
                let number = |name: &str| config.get(name).and_then(Value::as_i64);
                paging.max_items = paging.max_items.or(number("MaxItems"));
                paging.page_size = paging.page_size.or(number("PageSize"));
                let token = config.get("StartingToken").and_then(Value::as_str);
                paging.starting_token = paging.starting_token.or(token.map(str::to_owned));
            }
            manual = pages
                .iter()
                .flat_map(|pages| pages.members())
                .any(|name| request.contains_key(name) && !before.contains_key(name));
        }
        Ok(Built {
            request: Value::Object(request),
            ordered,
            paging,
            manual,
        })
    }

    fn make(&self, region: &str, request: Value) -> Result<Value, Stop> {
        let entry = self.command.entry;
        let answer = self
            .session
            .state
            .call(self.session.service, region, entry, request);
        match answer.map_err(|failure| stop(entry.name, failure))? {
            // An operation without output has this answer. A query sees an empty object.
            Value::Null => Ok(Value::Object(Map::new())),
            answer => Ok(answer),
        }
    }

    fn list(
        &self,
        world: &mut World<'_>,
        region: &str,
        pages: &Pages,
        built: Built,
    ) -> Result<(), Stop> {
        let printer = self.session.printer(world, self.command.entry.name)?;
        let Value::Object(request) = built.request else {
            return Ok(());
        };
        pager::through(self.session.pager(world), world, |out| {
            printer.listing(pages, out, |sink| {
                pagination::walk(
                    pages,
                    request,
                    &built.paging,
                    &mut |request| self.make(region, request),
                    sink,
                )
            })
        })
    }

    /// Makes the call `times` times and prints how often each version answered. If there is an outfile, the last answer
    /// is written to it.
    fn tally(
        &self,
        world: &mut World<'_>,
        region: &str,
        times: &str,
        request: Value,
    ) -> Result<(), Stop> {
        let times = super::python::int(times).map_err(Stop::Other)?;
        if times < 1 {
            return Err(Stop::Invalid("--count must be at least 1.".to_owned()));
        }
        let mut tally = Tally::default();
        let mut last = Value::Null;
        let mut all = || {
            for _ in 0..times {
                last = self.make(region, request.clone())?;
                tally.count(&last);
            }
            Ok(())
        };
        self.session.state.together(region, &mut all)?;
        self.write_outfile(world, &mut last)?;
        if self.session.globals.output.is_some() || self.session.query.is_some() {
            return self
                .session
                .print(world, self.command.entry.name, &tally.value());
        }
        Ok(world.stdout.write_all(tally.table().as_bytes())?)
    }

    /// Writes the outfile from its member, and removes the member from the answer. The member holds base64; the file
    /// gets the decoded bytes.
    fn write_outfile(&self, world: &mut World<'_>, answer: &mut Value) -> Result<(), Stop> {
        let Some(member) = customize::written_to_outfile(self.command.entry.name) else {
            return Ok(());
        };
        let content = answer
            .as_object_mut()
            .and_then(|members| members.shift_remove(member));
        let (Some(content), Some(path)) = (content, self.given.one("outfile")) else {
            return Ok(());
        };
        let mut stored;
        let decoded;
        let content: &mut dyn Read = match content.get("File").and_then(Value::as_str) {
            Some(file) => {
                stored = File::open(file)
                    .map_err(|error| Stop::Other(paramfile::os_error(&error, file)))?;
                &mut stored
            }
            None => {
                decoded = content.as_str().and_then(decode).unwrap_or_default();
                &mut decoded.as_slice()
            }
        };
        // The member and the answer go through the same stdout, so the member comes first even if stdout is redirected.
        if path == "/dev/stdout" {
            io::copy(content, world.stdout)?;
            return Ok(());
        }
        File::create(world.process.cwd.join(path))
            .and_then(|mut file| io::copy(content, &mut file))
            .map_err(|error| Stop::Other(paramfile::os_error(&error, path)))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn puts_members_into_the_path_of_a_call() {
        let request = json!({"FunctionName": "a b:1", "Bucket": "b", "Key": "x/é", "Version": 1});
        for (route, expected) in [
            ("GET /f/{FunctionName}/aliases 200", "/f/a%20b%3A1/aliases"),
            ("GET /{Bucket}/{Key+} 200", "/b/x/%C3%A9"),
            ("GET /v/{Version} 200", "/v/1"),
            ("POST / 200", "/"),
        ] {
            assert_eq!(path(route, &request), expected);
        }
    }

    #[test]
    fn knows_a_host_by_its_labels() {
        for url in [
            "http://localhost:4566",
            "https://a.b-c/x",
            "http://[::1]:80",
            "http://u@h?q",
        ] {
            assert!(has_host(url), "{url}");
        }
        for url in ["x:1", "http:///x", "http://-a", "http://a..b", "http://a_b"] {
            assert!(!has_host(url), "{url}");
        }
    }
}
