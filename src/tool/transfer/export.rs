//! `lambdry export`: writes the documents that `aws lambda` would print into a folder, as the snapshot script does. It
//! can also write the whole state into one file.

use std::{
    any::TypeId,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::{CommandFactory as _, Parser};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::read::failed;
use crate::state::plain::plain;
use crate::{
    face::{self, Globals, State as _, exit::Stop, progress::Progress, world::World},
    operation::{
        Failure, Lambda, Operation,
        alias::list_aliases::ListAliasesRequest,
        event_source_mapping::get_event_source_mapping::GetEventSourceMappingRequest,
        function::get_function::GetFunctionRequest,
        layer::{
            get_layer_version::GetLayerVersionRequest,
            get_layer_version_policy::GetLayerVersionPolicyRequest,
            list_layer_versions::ListLayerVersionsRequest,
        },
        permission::get_policy::GetPolicyRequest,
        tags::list_tags::ListTagsRequest,
        version::list_versions_by_function::ListVersionsByFunctionRequest,
    },
    output::{self, Format, Style},
    state::{
        arn::FunctionRef, attached::Attached, event_source_mapping::EventSourceMapping,
        function::Function, layer::Layer,
    },
    store::{Store, kind::KINDS},
    tool::backend::{Opened, stop},
};

/// The command's summary in one sentence.
pub(in crate::tool) const ABOUT: &str =
    "Writes the output of aws lambda, or the whole state, for import to read.";

/// Writes the functions, layers and event source mappings of the region into a new folder. The folder has the code,
/// and the documents that aws lambda would print. The script from lambdry generate snapshot writes the same files.
/// With --archive, writes the whole state into one file: every account and region.
///
/// Environment variables are written with their values.
#[derive(Debug, Parser)]
#[command(name = "lambdry export", verbatim_doc_comment)]
struct Export {
    /// The new folder. It must not exist yet.
    #[arg(required_unless_present = "archive", value_hint = clap::ValueHint::DirPath)]
    folder: Option<PathBuf>,
    /// Export only these functions, with the layers that they use and the mappings that invoke them. The default is
    /// everything in the region.
    #[arg(value_name = "FUNCTION")]
    functions: Vec<String>,
    /// Write the whole state to this file. It must not exist yet.
    #[arg(long, value_name = "FILE", conflicts_with = "folder", value_hint = clap::ValueHint::FilePath)]
    archive: Option<PathBuf>,
}

/// The options, for completion and the man page.
pub(in crate::tool) fn options() -> clap::Command {
    Export::command()
}

/// Runs the command.
///
/// # Errors
/// When a function does not exist, the target already exists, or the disk fails.
pub(in crate::tool) fn run(
    words: &[String],
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    let options: Export = match crate::tool::parse(words, world)? {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let opened = Opened::new(&world.process, &globals.own)?;
    let target = options.archive.as_ref().or(options.folder.as_ref());
    let target = world
        .process
        .cwd
        .join(target.map_or(Path::new(""), PathBuf::as_path));
    if fs::symlink_metadata(&target).is_ok() {
        return Err(Stop::Store(
            format!("{} exists already", target.display()),
            Some("choose a name that does not exist; nothing was written".to_owned()),
        ));
    }
    let mut progress = Progress::new(&world.process);
    let (line, notes) = if options.archive.is_some() {
        let notes = archive(&opened.store, &target, &mut progress)?;
        (format!("the whole state is in {}", target.display()), notes)
    } else {
        let region = face::region(&world.process, globals, opened.config())?;
        let parent = target.parent().unwrap_or(Path::new("."));
        // The folder gets its final name only when it is complete.
        let folder = tempfile::Builder::new()
            .prefix(".export-")
            .tempdir_in(parent)
            .map_err(|error| failed("make a folder in", parent, &error))?;
        let mut work = Work {
            root: folder.path().to_owned(),
            written: (0, 0, 0),
            notes: Vec::new(),
            progress: &mut progress,
        };
        opened.with(&region, |lambda| work.all(lambda, &options.functions))?;
        let ((functions, layers, mappings), notes) =
            (work.written, std::mem::take(&mut work.notes));
        fs::rename(folder.keep(), &target).map_err(|error| failed("write", &target, &error))?;
        (
            format!(
                "{}, {} and {} of {region} are in {}",
                count(functions, "function"),
                count(layers, "layer"),
                count(mappings, "event source mapping"),
                target.display()
            ),
            notes,
        )
    };
    drop(progress);
    writeln!(world.stdout, "{line}")?;
    for note in notes {
        writeln!(world.stderr, "note: {note}")?;
    }
    Ok(0)
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

fn archive(store: &Store, target: &Path, progress: &mut Progress) -> Result<Vec<String>, Stop> {
    let parent = target.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".export-")
        .tempfile_in(parent)
        .map_err(|error| failed("make a file in", parent, &error))?;
    let left_out = store
        .archive(file.as_file_mut(), target, &mut |what, done, all| {
            progress.tell(what, done, all)
        })
        .map_err(stop)?;
    let kept = file
        .as_file()
        .sync_all()
        .map_err(|error| failed("write", target, &error));
    kept?;
    file.persist_noclobber(target)
        .map_err(|error| failed("write", target, &error.error))?;
    Ok(left_out
        .into_iter()
        .map(|what| format!("left out: {what}"))
        .collect())
}

struct Work<'a> {
    root: PathBuf,
    /// The numbers of functions, layers and event source mappings.
    written: (usize, usize, usize),
    notes: Vec<String>,
    progress: &'a mut Progress,
}

/// Calls an operation without the fault plan, because an export is not a call of a script.
fn ask<O: Operation + DeserializeOwned>(
    lambda: &Lambda<'_>,
    request: Value,
) -> Result<Value, Stop> {
    match answer::<O>(lambda, request)? {
        Some(answer) => Ok(answer),
        None => Err(Stop::Other(format!(
            "{} found nothing: it was deleted a moment ago",
            O::NAME
        ))),
    }
}

/// Calls an operation. Returns `None` if the requested thing does not exist.
fn answer<O: Operation + DeserializeOwned>(
    lambda: &Lambda<'_>,
    request: Value,
) -> Result<Option<Value>, Stop> {
    let request: O = serde_json::from_value(request).map_err(|error| Stop::Other(plain(&error)))?;
    match request.call(lambda) {
        Ok(answer) => serde_json::to_value(answer)
            .map(Some)
            .map_err(|error| Stop::Other(plain(&error))),
        Err(Failure::Service(error)) if error.code.status() == 404 => Ok(None),
        Err(failure) => Err(stop(failure)),
    }
}

/// Calls a list operation for each page, and returns the items of all pages in one answer.
fn pages<O: Operation + DeserializeOwned>(
    lambda: &Lambda<'_>,
    request: Value,
    list: &str,
) -> Result<Value, Stop> {
    let mut items = Vec::new();
    let mut request = request;
    loop {
        let mut page = ask::<O>(lambda, request.clone())?;
        if let Some(more) = page[list].as_array_mut() {
            items.append(more);
        }
        match page.get("NextMarker") {
            Some(marker) => request["Marker"] = marker.clone(),
            None => return Ok(json!({ list: items })),
        }
    }
}

impl Work<'_> {
    fn all(&mut self, lambda: &Lambda<'_>, named: &[String]) -> Result<(), Stop> {
        let names = if named.is_empty() {
            lambda.functions().names().map_err(stop)?
        } else {
            named.to_vec()
        };
        let mut layers = if named.is_empty() {
            lambda.layers().names().map_err(stop)?
        } else {
            Vec::new()
        };
        for (done, name) in names.iter().enumerate() {
            self.progress.tell(name, done as u64, names.len() as u64);
            let head = lambda
                .functions()
                .view(name, |view| Ok((view.head.clone(), view.numbers()?)))
                .map_err(stop)?;
            let Some((head, numbers)) = head else {
                return Err(Stop::Other(format!(
                    "there is no function {name} in {}",
                    lambda.place.scope.region
                )));
            };
            self.function(lambda, name, &head, &numbers)?;
            let own = lambda.place.scope.layer("");
            let used = head.latest.configuration.layers.iter();
            let used = used.filter_map(|layer| layer.arn.strip_prefix(&own)?.split(':').next());
            layers.extend(used.filter(|_| !named.is_empty()).map(str::to_owned));
            self.written.0 += 1;
        }
        layers.sort_unstable();
        layers.dedup();
        let all = layers.len() as u64;
        for (done, name) in layers.into_iter().enumerate() {
            let numbers = lambda
                .layers()
                .view(&name, |view| view.numbers())
                .map_err(stop)?
                .unwrap_or_default();
            if !numbers.is_empty() {
                self.progress.tell(&name, done as u64, all);
                self.layer(lambda, &name, &numbers)?;
                self.written.1 += 1;
            }
        }
        self.mappings(lambda, named)?;
        if named.is_empty() {
            self.left_out(lambda)?;
        }
        Ok(())
    }

    /// The mappings that invoke the given functions, or all mappings.
    fn mappings(&mut self, lambda: &Lambda<'_>, named: &[String]) -> Result<(), Stop> {
        let mappings = lambda.event_source_mappings();
        for uuid in mappings.names().map_err(stop)? {
            let head = mappings.view(&uuid, |view| Ok(view.head.clone()));
            let Some(head) = head.map_err(stop)? else {
                continue;
            };
            let invokes = FunctionRef::parse(head.configuration.target());
            let is_wanted =
                invokes.is_some_and(|invokes| named.is_empty() || named.contains(&invokes.name));
            let of = json!({ "UUID": uuid });
            if !is_wanted {
                continue;
            }
            let Some(mapping) = answer::<GetEventSourceMappingRequest>(lambda, of)? else {
                continue;
            };
            self.answer(&format!("event-source-mappings/{uuid}.json"), &mapping)?;
            if !head.tags.is_empty() {
                let of = json!({ "Resource": mapping["EventSourceMappingArn"] });
                let tags = ask::<ListTagsRequest>(lambda, of)?;
                self.answer(&format!("event-source-mappings/{uuid}.tags.json"), &tags)?;
            }
            self.written.2 += 1;
        }
        Ok(())
    }

    /// Reports the resources that documents cannot describe.
    fn left_out(&mut self, lambda: &Lambda<'_>) -> Result<(), Stop> {
        let written = [
            TypeId::of::<Function>(),
            TypeId::of::<Layer>(),
            TypeId::of::<EventSourceMapping>(),
        ];
        let mut left = Vec::new();
        for kind in KINDS.iter().filter(|kind| !written.contains(&kind.holds())) {
            let scope = kind.lies().scope(&lambda.place.scope);
            let names = kind.names(&lambda.place.store.place(scope)).map_err(stop)?;
            let words = kind.words();
            match names.len() {
                0 => {}
                1 => left.push(format!("1 {}", words.one)),
                number => left.push(format!("{number} {}", words.many)),
            }
        }
        if !left.is_empty() {
            self.notes.push(format!(
                "left out: {}; documents cannot hold them, but --archive keeps everything",
                left.join(", ")
            ));
        }
        Ok(())
    }

    fn function(
        &mut self,
        lambda: &Lambda<'_>,
        name: &str,
        head: &Function,
        numbers: &[u64],
    ) -> Result<(), Stop> {
        let folder = format!("functions/{name}");
        let of = |qualifier: Option<&str>| json!({ "FunctionName": name, "Qualifier": qualifier });
        let latest = ask::<GetFunctionRequest>(lambda, of(None))?;
        self.answer(&format!("{folder}/latest.json"), &latest)?;
        self.code(
            lambda.place.store,
            &format!("{folder}/latest.zip"),
            &latest["Configuration"],
        )?;
        for number in numbers {
            // The alias was deleted a moment ago. The list that is written below does not contain it either.
            if let Some(version) =
                answer::<GetFunctionRequest>(lambda, of(Some(&number.to_string())))?
            {
                self.answer(&format!("{folder}/{number}.json"), &version)?;
                self.code(
                    lambda.place.store,
                    &format!("{folder}/{number}.zip"),
                    &version["Configuration"],
                )?;
            }
        }
        let versions = pages::<ListVersionsByFunctionRequest>(lambda, of(None), "Versions")?;
        self.answer(&format!("{folder}/versions.json"), &versions)?;
        let aliases =
            pages::<ListAliasesRequest>(lambda, json!({ "FunctionName": name }), "Aliases")?;
        self.answer(&format!("{folder}/aliases.json"), &aliases)?;
        for (qualifier, attached) in &head.attached {
            if attached.policy.is_some() {
                let own = qualifier == "$LATEST";
                let asked = of((!own).then_some(qualifier.as_str()));
                let file = if own {
                    "policy.json".to_owned()
                } else {
                    format!("policy-{qualifier}.json")
                };
                if let Some(policy) = answer::<GetPolicyRequest>(lambda, asked)? {
                    self.answer(&format!("{folder}/{file}"), &policy)?;
                }
            }
        }
        let more = |attached: &Attached| {
            Attached {
                policy: None,
                ..attached.clone()
            } != Attached::default()
        };
        if head.attached.values().any(more)
            || head.recursive_loop.is_some()
            || head.code_signing_config_arn.is_some()
        {
            self.notes.push(format!(
                "{name} has settings that these documents cannot hold (for example a URL or \
                provisioned concurrency); --archive keeps everything"
            ));
        }
        Ok(())
    }

    fn layer(&mut self, lambda: &Lambda<'_>, name: &str, numbers: &[u64]) -> Result<(), Stop> {
        let folder = format!("layers/{name}");
        let versions = pages::<ListLayerVersionsRequest>(
            lambda,
            json!({ "LayerName": name }),
            "LayerVersions",
        )?;
        self.answer(&format!("{folder}/versions.json"), &versions)?;
        for number in numbers {
            let of = json!({ "LayerName": name, "VersionNumber": number });
            let Some(version) = answer::<GetLayerVersionRequest>(lambda, of.clone())? else {
                continue;
            };
            self.answer(&format!("{folder}/{number}.json"), &version)?;
            self.code(
                lambda.place.store,
                &format!("{folder}/{number}.zip"),
                &version["Content"],
            )?;
            if let Some(policy) = answer::<GetLayerVersionPolicyRequest>(lambda, of)? {
                self.answer(&format!("{folder}/policy-{number}.json"), &policy)?;
            }
        }
        Ok(())
    }

    /// Writes an answer in the form of `--output json`.
    fn answer(&mut self, name: &str, answer: &Value) -> Result<(), Stop> {
        let mut file = self.create(name)?;
        let style = Style {
            width: 80,
            color: false,
        };
        let text = output::render(Format::Json, answer, "", &style)
            .map_err(|error| Stop::Other(error.message))?;
        Ok(file.write_all(text.as_bytes())?)
    }

    /// Writes the code of a version, if the state has that code.
    fn code(&mut self, store: &Store, name: &str, told: &Value) -> Result<(), Stop> {
        let package = told["CodeSha256"]
            .as_str()
            .and_then(|sha256| store.package(sha256));
        match package.filter(|path| path.is_file()) {
            Some(package) => {
                let mut from =
                    fs::File::open(&package).map_err(|error| failed("read", &package, &error))?;
                let mut to = self.create(name)?;
                std::io::copy(&mut from, &mut to)?;
            }
            None if told["PackageType"] == "Image" => {}
            None => self.notes.push(format!(
                "{name} is missing: the state does not have its code"
            )),
        }
        Ok(())
    }

    /// Creates a file that only its owner can read, because the file may hold secrets.
    fn create(&self, name: &str) -> Result<fs::File, Stop> {
        let path = self.root.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| failed("make", folder, &error))?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&path)
            .map_err(|error| failed("write", &path, &error))
    }
}
