//! Bare `lambdry`: the place of the state, its contents, and possible next commands.
//!
//! It reads and changes nothing, so it also works on a state directory that cannot be written. A function that cannot
//! be read is shown with its error and does not hide the others. `--output` and `--query` print the same facts as data.

use comfy_table::{ContentArrangement, Table, presets::ASCII_FULL_CONDENSED};
use serde::Serialize;
use serde_json::json;

use super::{
    backend::{Opened, stop},
    typed::Shell,
};
use crate::output::shown;
use crate::state::plain::plain;
use crate::{
    face::{self, Globals, State as _, exit::Stop, world::World},
    operation::{Lambda, Result as Answer, version::publish::makes_version},
    state::{
        alias::Alias,
        function::{ChangeKind, Function},
    },
    store::collection::View,
};

/// The largest number of functions that are shown.
const SHOWN: usize = 50;

/// The largest number of next commands that are shown.
const NEXT: usize = 4;

/// A function, shown in one line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    function_name: String,
    /// The state of `$LATEST`.
    #[serde(rename = "$LATEST")]
    latest: Latest,
    /// The newest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_version: Option<String>,
    aliases: Vec<Pointer>,
    /// The reason why the function cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The state of `$LATEST` compared with the last version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Latest {
    Pending,
    InProgress,
    Unpublished,
    Changed,
    /// The newest version has the same content. An update has succeeded since. Under the rule in force, a publish would
    /// create a version.
    Updated,
    Published,
    Unreadable,
}

/// An alias and its target.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Pointer {
    name: String,
    #[serde(flatten)]
    alias: Alias,
}

/// Runs the command.
pub(super) fn run(globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    let opened = Opened::new(&world.process, &globals.own)?;
    let region = face::region(&world.process, globals, opened.config())?;
    let names = opened
        .with(&region, |lambda| lambda.functions().names())
        .map_err(stop)?;
    let as_data = globals.output.is_some() || globals.query.is_some();
    let shown = if as_data { names.len() } else { SHOWN };
    let rows: Vec<Row> = opened.with(&region, |lambda| {
        names
            .iter()
            .take(shown)
            .filter_map(|name| row(lambda, name))
            .collect()
    });
    let unreadable = rows.iter().any(|row| row.latest == Latest::Unreadable);
    let code = if unreadable { 255 } else { 0 };
    if as_data {
        let value = json!({
            "StateDirectory": opened.store.root().to_string_lossy(),
            "Account": opened.account,
            "Region": region,
            "Functions": rows,
        });
        super::data(value, globals.output.as_deref(), globals, world)?;
        return Ok(code);
    }

    let out = &mut *world.stdout;
    writeln!(
        out,
        "lambdry answers aws lambda from plain files and never connects to AWS.\n"
    )?;
    let root = opened.store.root().display().to_string();
    writeln!(out, "State    {}", shown::line(&root))?;
    writeln!(out, "Account  {}", opened.account)?;
    writeln!(out, "Region   {region}\n")?;
    if rows.is_empty() {
        writeln!(out, "This state has no function yet.")?;
    } else {
        writeln!(out, "{}", table(&rows, world.process.width))?;
    }
    if let Some(more) = names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        writeln!(
            out,
            "and {more} more: lambdry list-functions --query 'Functions[].FunctionName'"
        )?;
    }
    for row in &rows {
        if let Some(cause) = &row.error {
            writeln!(
                out,
                "{}",
                shown::line(&format!("{}: {cause}", row.function_name))
            )?;
        }
    }
    let elsewhere = elsewhere(&opened, &region).map_err(stop)?;
    if !elsewhere.is_empty() {
        writeln!(out, "Also: {}", elsewhere.join("; "))?;
    }
    writeln!(out, "\nNext:")?;
    for (command, about) in next(&called(globals), &rows) {
        writeln!(out, "  {command}\n      {about}")?;
    }
    Ok(code)
}

/// One function; `None` if it was deleted after the names were listed.
fn row(lambda: &Lambda<'_>, name: &str) -> Option<Row> {
    let read = lambda
        .functions()
        .view(name, |view| seen(lambda, name, view));
    read.unwrap_or_else(|error| {
        Some(Row {
            function_name: name.to_owned(),
            latest: Latest::Unreadable,
            newest_version: None,
            aliases: Vec::new(),
            error: Some(plain(&error)),
        })
    })
}

fn seen(lambda: &Lambda<'_>, name: &str, view: &View<'_, Function>) -> Answer<Row> {
    let head = &view.head;
    let newest_version = match &head.published {
        Some(published) => Some(published.version.clone()),
        // The last version was deleted, or there never was one.
        None => view.numbers()?.last().map(u64::to_string),
    };
    let changed = |digest: &str| head.latest.configuration.digest() != digest;
    let latest = match (&head.latest.change, &head.published) {
        (Some(change), _) if change.kind == ChangeKind::Pending => Latest::Pending,
        (Some(_), _) => Latest::InProgress,
        (None, Some(published)) if !changed(&published.digest) => match makes_version(lambda, head)
        {
            true => Latest::Updated,
            false => Latest::Published,
        },
        _ if newest_version.is_some() => Latest::Changed,
        _ => Latest::Unpublished,
    };
    let pointer = |(name, alias): (&String, &Alias)| Pointer {
        name: name.clone(),
        alias: alias.clone(),
    };
    Ok(Row {
        function_name: name.to_owned(),
        latest,
        newest_version,
        aliases: head.aliases.iter().map(pointer).collect(),
        error: None,
    })
}

fn table(rows: &[Row], width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(ASCII_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(["Function", "$LATEST", "Newest", "Aliases"]);
    for row in rows {
        let newest = row.newest_version.as_deref().unwrap_or("-");
        let latest = match row.latest {
            Latest::Pending => "being created".to_owned(),
            Latest::InProgress => "update in progress".to_owned(),
            Latest::Unpublished => "not published".to_owned(),
            Latest::Changed => format!("changed after {newest}"),
            Latest::Updated => format!("same as {newest}, updated after it"),
            Latest::Published => format!("same as {newest}"),
            Latest::Unreadable => "cannot be read".to_owned(),
        };
        let aliases: Vec<String> = row.aliases.iter().map(pointed).collect();
        table.add_row([&row.function_name, &latest, newest, &aliases.join("\n")]);
    }
    table
}

/// An alias in a line: `live → 2 (90 %), 3 (10 %)`.
fn pointed(Pointer { name, alias }: &Pointer) -> String {
    if alias.additional_version_weights.is_empty() {
        return format!("{name} → {}", alias.function_version);
    }
    let shares = alias.shares().into_iter();
    let shares: Vec<String> = shares
        .map(|(version, share)| format!("{version} ({share} %)"))
        .collect();
    format!("{name} → {}", shares.join(", "))
}

/// Other accounts and regions with functions.
fn elsewhere(opened: &Opened, region: &str) -> Answer<Vec<String>> {
    let mut others = Vec::new();
    for scope in opened.store.scopes()? {
        if scope.region == region && scope.account == opened.account {
            continue;
        }
        let account = scope.account.clone();
        let place = scope.region.clone();
        let count = opened.store.place(scope).all::<Function>().names()?.len();
        if count > 0 {
            let functions = if count == 1 { "function" } else { "functions" };
            others.push(format!(
                "{count} {functions} in region {place} of account {account}"
            ));
        }
    }
    Ok(others)
}

/// The program's name, with the options that are needed so that a next command uses the same state.
fn called(globals: &Globals) -> String {
    let mut text = "lambdry".to_owned();
    for (option, value) in [
        ("--state-dir", &globals.own.state_dir),
        ("--profile", &globals.profile),
        ("--region", &globals.region),
    ] {
        if let Some(value) = value {
            text = format!("{text} {option} {}", Shell::Sh.quoted(value));
        }
    }
    text
}

/// Possible next commands with their reasons, the most urgent first. There is at most one command of each kind. Each
/// command begins with the text `lambdry`.
fn next(lambdry: &str, rows: &[Row]) -> Vec<(String, String)> {
    let mut kinds: Vec<Option<(String, String)>> = vec![None; 6];
    for row in rows {
        let name = &row.function_name;
        let mut offer = |kind: usize, command: String, about: String| {
            kinds[kind].get_or_insert((command, about));
        };
        match row.latest {
            Latest::Pending => offer(
                0,
                format!("wait function-active-v2 --function-name {name}"),
                format!("returns when {name} is ready; {name} cannot be changed before that"),
            ),
            Latest::InProgress => offer(
                0,
                format!("wait function-updated-v2 --function-name {name}"),
                format!(
                    "returns when the update is complete; {name} cannot be changed before that"
                ),
            ),
            Latest::Unpublished | Latest::Changed => offer(
                1,
                format!("publish-version --function-name {name}"),
                "freezes $LATEST as a new version".to_owned(),
            ),
            Latest::Updated => offer(
                1,
                format!("publish-version --function-name {name}"),
                "makes a version with the same content, because there was an update".to_owned(),
            ),
            Latest::Published => offer(
                4,
                format!("update-function-code --function-name {name} --zip-file fileb://app.zip"),
                "changes $LATEST; versions stay as they are".to_owned(),
            ),
            Latest::Unreadable => continue,
        }
        let Some(newest) = &row.newest_version else {
            continue;
        };
        if row.aliases.is_empty() {
            offer(
                3,
                format!(
                    "create-alias --function-name {name} --name live --function-version {newest}"
                ),
                format!("gives version {newest} an alias, a name that you can move"),
            );
        }
        for Pointer {
            name: alias,
            alias: to,
        } in &row.aliases
        {
            let update = format!("update-alias --function-name {name} --name {alias}");
            if let Some(version) = to.additional_version_weights.keys().next() {
                offer(
                    2,
                    format!(
                        "{update} --function-version {version} \\\n      \
                         --routing-config 'AdditionalVersionWeights={{}}'"
                    ),
                    format!("ends the traffic split: all calls of {alias} go to version {version}"),
                );
            } else if to.function_version != *newest {
                offer(
                    2,
                    format!("{update} --function-version {newest}"),
                    format!(
                        "moves {alias} from version {} to {newest}",
                        to.function_version
                    ),
                );
            }
        }
        offer(
            5,
            format!("history {name}"),
            "draws its versions and the moves of its aliases".to_owned(),
        );
    }
    let calls = kinds.into_iter().flatten();
    let mut next: Vec<_> = calls
        .map(|(call, about)| (format!("{lambdry} {call}"), about))
        .collect();
    next.insert(
        0,
        (
            format!("{lambdry} rehearse -- ./deploy.sh"),
            "runs a deploy script on a copy of this state, and says why it would break".to_owned(),
        ),
    );
    let more = match rows.first() {
        Some(Row { function_name, .. }) => [
            (
                format!("{lambdry} get-function --function-name {function_name}"),
                "shows its settings and the location of its code",
            ),
            (
                format!("{lambdry} list-functions --output table"),
                "shows the settings of all functions",
            ),
        ],
        None => [
            (
                "lambdry tour list".to_owned(),
                "lists lessons to do; lambdry tour plays a whole release to watch",
            ),
            (
                format!(
                    "{lambdry} create-function --function-name hello --runtime python3.13 \\\n      \
                     --handler app.handler --role arn:aws:iam::123456789012:role/any \\\n      \
                     --zip-file fileb://app.zip"
                ),
                "creates a function; any zip will do, for example from git archive -o app.zip HEAD",
            ),
        ],
    };
    next.extend(more.map(|(command, about)| (command, about.to_owned())));
    next.push((
        "lambdry help".to_owned(),
        "lists every option and command".to_owned(),
    ));
    next.truncate(NEXT);
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_read_as_tenths_of_a_per_cent() {
        let alias = |weights: &[(&str, f64)]| {
            pointed(&Pointer {
                name: "live".to_owned(),
                alias: Alias {
                    function_version: "2".to_owned(),
                    description: String::new(),
                    additional_version_weights: weights
                        .iter()
                        .map(|(version, weight)| ((*version).to_owned(), *weight))
                        .collect(),
                    revision_id: String::new(),
                },
            })
        };
        assert_eq!(alias(&[]), "live → 2");
        assert_eq!(alias(&[("3", 0.1)]), "live → 2 (90 %), 3 (10 %)");
        assert_eq!(alias(&[("3", 0.0512)]), "live → 2 (94.9 %), 3 (5.1 %)");
    }

    #[test]
    fn offers_one_command_of_a_kind_however_many_functions_there_are() {
        let row = |n: usize| Row {
            function_name: format!("f{n}"),
            latest: Latest::Unpublished,
            newest_version: None,
            aliases: Vec::new(),
            error: None,
        };
        let rows: Vec<Row> = (0..SHOWN).map(row).collect();
        let next = next("lambdry", &rows);
        assert_eq!(next.len(), NEXT);
        assert_eq!(next[0].0, "lambdry rehearse -- ./deploy.sh");
        assert_eq!(next[1].0, "lambdry publish-version --function-name f0");
        assert!(
            next[2..]
                .iter()
                .all(|(command, _)| !command.contains("publish"))
        );
    }
}
