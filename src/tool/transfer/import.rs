//! `lambdry import`: makes state from documents that `aws lambda` printed, or from an archive.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use clap::{CommandFactory as _, Parser};

use super::{
    assemble::{Around, assemble},
    documents::Facts,
    mask::mask,
    past,
    read::{self, Input},
};
use crate::{
    face::{self, Globals, State as _, exit::Stop, progress::Progress, world::World},
    operation,
    state::{arn::Scope, function::Function},
    store::{
        Place, Store,
        archive::{Archive, Contents},
        import::{Imported, Packed, Present},
        package::{Handle, inspect},
        restore::Batch,
    },
    tool::backend::{Opened, stop},
};

/// The command's summary in one sentence.
pub(in crate::tool) const ABOUT: &str = "Creates functions, layers and event source mappings from the output of aws \
    lambda, or reads an archive.";

/// Creates functions, layers and event source mappings from the output of aws
/// lambda. They keep their version numbers, ARNs, RevisionIds and account, so a
/// rehearsal starts from the real production state. An archive of lambdry export
/// can be read too.
///
/// import reads the output of get-function, get-function-configuration,
/// list-functions, list-versions-by-function, list-aliases, get-policy, list-tags,
/// list-layer-versions and get-layer-version, and zips with the code, in any order
/// and with any file names. lambdry generate snapshot prints a script that collects
/// all of them. CloudTrail events become the past in lambdry history: log files, or
/// the output of aws cloudtrail lookup-events.
#[derive(Debug, Parser)]
#[command(name = "lambdry import", verbatim_doc_comment)]
struct Import {
    /// Files and folders. - is stdin, with one JSON document after another.
    #[arg(required = true, value_hint = clap::ValueHint::AnyPath)]
    source: Vec<PathBuf>,
    /// Replace functions and layers that have the same name.
    #[arg(long)]
    replace: bool,
    /// Keep the names of environment variables and mask their values. Equal values get equal masks in every import.
    #[arg(long)]
    mask_values: bool,
    /// Report what would be created, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// The options, for completion and the man page.
pub(in crate::tool) fn options() -> clap::Command {
    Import::command()
}

/// Everything that is to be imported.
#[derive(Default)]
struct Plan {
    places: Vec<(Scope, Contents)>,
    /// Code by `CodeSha256`.
    packages: BTreeMap<String, CodeSource>,
    archive: Option<Archive>,
    notes: Vec<String>,
}

/// The source of code.
enum CodeSource {
    File(PathBuf),
    Archive,
}

/// Runs the command.
///
/// # Errors
/// When a source cannot be read or contradicts itself, a resource already exists, or the disk fails.
pub(in crate::tool) fn run(
    words: &[String],
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    let options: Import = match crate::tool::parse(words, world)? {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let opened = Opened::new(&world.process, &globals.own)?;
    let mut progress = Progress::new(&world.process);
    let input = read::read(&options.source, world, &mut |what, done, all| {
        progress.tell(what, done, all);
    })?;
    let mut plan = plan(input, &opened.store)?;
    if options.mask_values {
        let key = opened.store.mask_key(!options.dry_run).map_err(stop)?;
        for (_, contents) in &mut plan.places {
            let functions = contents.of_mut();
            functions.for_each(|function| mask(function, &key));
        }
    }
    let report = carry_out(&mut plan, &options, &opened, &mut progress)?;
    drop(progress);
    for line in &report.lines {
        writeln!(world.stdout, "{line}")?;
    }
    world.stdout.flush()?;
    for note in plan.notes.iter().chain(&report.notes) {
        writeln!(world.stderr, "note: {note}")?;
    }
    if world.process.hints() {
        hint(&plan, &opened, globals, world)?;
    }
    Ok(0)
}

/// Turns the sources into a plan.
fn plan(input: Input, store: &Store) -> Result<Plan, Stop> {
    let mut plan = Plan {
        notes: input.notes,
        ..Plan::default()
    };
    let mut zips = Vec::new();
    for zip in input.zips {
        match Archive::open(&zip.path) {
            Ok(None) => zips.push(zip),
            Ok(Some(mut archive)) => {
                if plan.archive.is_some() {
                    return Err(Stop::Invalid(
                        "import reads one archive at a time".to_owned(),
                    ));
                }
                plan.places
                    .extend(std::mem::take(&mut archive.places).into_values());
                plan.packages.extend(
                    archive
                        .packages()
                        .into_iter()
                        .map(|sha256| (sha256, CodeSource::Archive)),
                );
                plan.archive = Some(archive);
            }
            Err(error) => return Err(stop(error)),
        }
    }
    if plan.archive.is_some() {
        if !input.documents.is_empty() || !zips.is_empty() || !input.trail.is_empty() {
            return Err(Stop::Invalid(
                "an archive is a whole state; import it alone".to_owned(),
            ));
        }
        return Ok(plan);
    }

    let mut facts = Facts::default();
    let several =
        |wrong: Vec<String>| Stop::Store(wrong.join("\n"), Some("nothing was imported".to_owned()));
    let taken: Vec<String> = input
        .documents
        .iter()
        .filter_map(|document| facts.take(document).err())
        .collect();
    if !taken.is_empty() {
        return Err(several(taken));
    }
    facts.pair_tags().map_err(|wrong| several(vec![wrong]))?;
    plan.notes.append(&mut facts.notes);
    let unzipped = |sha256: &str| {
        let path = store.package(sha256).filter(|path| path.is_file())?;
        inspect(&path)
            .ok()
            .flatten()
            .map(|contents| contents.unzipped_size)
    };
    let made = assemble(
        &facts,
        &Around {
            zips: &zips,
            unzipped: &unzipped,
            ids: &store.ids,
        },
    )
    .map_err(several)?;
    plan.places = made.places.into_values().collect();
    plan.notes.extend(made.notes);
    let now = store.clock.now();
    plan.notes
        .extend(past::tell(input.trail, &mut plan.places, now));
    let wanted = code(&plan.places);
    for zip in zips {
        if let Some(whose) =
            named(&zip.path, &plan.places).filter(|(_, sha256)| *sha256 != zip.code_sha256)
        {
            return Err(several(vec![format!(
                "{} is not the code of {}: its SHA-256 is {}, but the documents say {}",
                zip.path.display(),
                whose.0,
                zip.code_sha256,
                whose.1
            )]));
        }
        if wanted.contains(&zip.code_sha256) {
            plan.packages
                .insert(zip.code_sha256, CodeSource::File(zip.path));
        } else {
            plan.notes.push(format!(
                "{} was skipped: it is not an archive, and not the code of anything in the documents",
                zip.path.display()
            ));
        }
    }
    if plan.places.is_empty() {
        plan.notes
            .push("the sources contain nothing to import".to_owned());
        return Err(several(plan.notes));
    }
    Ok(plan)
}

/// Finds the function and the version that a zip's path names, such as `functions/pay/3.zip` or
/// `functions/pay/latest.zip`. Returns their name, and the hash that the code must have.
fn named<'a>(path: &std::path::Path, places: &'a [(Scope, Contents)]) -> Option<(String, &'a str)> {
    let folder = path.parent()?.file_name()?.to_str()?;
    let kind = path.parent()?.parent()?.file_name()?.to_str()?;
    let stem = path.file_stem()?.to_str()?;
    places
        .iter()
        .filter(|_| kind == "functions")
        .find_map(|(_, contents)| {
            let mut functions = contents.of::<Function>();
            let function = functions.find(|function| function.head.function_name == folder)?;
            if stem == "latest" {
                return Some((
                    folder.to_owned(),
                    function.head.latest.configuration.code_sha256.as_str(),
                ));
            }
            let (_, version) = function
                .versions
                .iter()
                .find(|(number, _)| number.to_string() == stem)?;
            Some((
                format!("{folder}:{stem}"),
                version.configuration.code_sha256.as_str(),
            ))
        })
}

/// The hashes of all code that resources refer to.
fn code(places: &[(Scope, Contents)]) -> BTreeSet<String> {
    let all = places.iter().flat_map(|(_, contents)| &contents.0);
    all.flat_map(|resource| resource.packages()).collect()
}

/// The results of an import, in words.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    notes: Vec<String>,
}

fn carry_out(
    plan: &mut Plan,
    options: &Import,
    opened: &Opened,
    progress: &mut Progress,
) -> Result<Report, Stop> {
    let store = &opened.store;
    let mut report = Report::default();
    let mut taken = Vec::new();
    for (scope, contents) in &plan.places {
        let place = store.place(scope.clone());
        for resource in &contents.0 {
            if resource.present(&place).map_err(stop)? == Present::Other {
                taken.push(format!("{} ({})", resource.name(), scope.region));
            }
        }
    }
    if !taken.is_empty() && !options.replace {
        return Err(refuse_taken(&taken));
    }

    for (scope, contents) in &plan.places {
        room(
            &store.place(scope.clone()),
            contents,
            plan.archive.is_some(),
        )?;
    }

    // All faults of an archive are found here, before anything is written.
    if let Some(archive) = plan.archive.as_mut() {
        let differing = archive.judge_all(store, &operation::keys, &mut |what, done, all| {
            progress.tell(what, done, all);
        });
        let differing = differing.map_err(stop)?;
        if !differing.is_empty() && !options.replace {
            return Err(refuse_taken(&differing));
        }
    }
    if options.dry_run {
        put_all(
            plan,
            options,
            store,
            &BTreeMap::new(),
            &mut report,
            progress,
        )?;
    } else {
        let mut batch = store.batch().map_err(stop)?;
        let spools = spool(plan, store, &mut batch, progress)?;
        let placed = match plan.archive.as_mut() {
            Some(archive) => {
                let placed = archive.put_files(store, &mut batch, &mut |what, done, all| {
                    progress.tell(what, done, all);
                });
                Some(placed.map_err(stop)?)
            }
            None => None,
        };
        let put = put_all(plan, options, store, &spools, &mut report, progress);
        if let (Err(_), Some(placed)) = (&put, placed) {
            placed.take_back();
        }
        put?;
    }

    let all = code(&plan.places);
    let absent = all.iter().filter(|sha256| {
        !plan.packages.contains_key(*sha256)
            && !store.package(sha256).is_some_and(|path| path.is_file())
    });
    let absent = absent.count();
    if absent > 0 {
        let what = match all.len() {
            1 => "the code is".to_owned(),
            all if all == absent => format!("all {all} packages are"),
            all => format!("{absent} of {all} packages are"),
        };
        report.notes.push(format!(
            "{what} missing: hash and size are known, and versions, aliases and updates work. But CodeSource.Location \
             names a file that does not exist, and invoke cannot run the code. To add the code, import again with \
             the zips and --replace"
        ));
    }
    Ok(report)
}

/// Prepares all packages. Only one package is open at a time.
fn spool(
    plan: &mut Plan,
    store: &Store,
    batch: &mut Batch,
    progress: &mut Progress,
) -> Result<BTreeMap<String, Handle>, Stop> {
    let mut spools = BTreeMap::new();
    let all = plan.packages.len() as u64;
    for (done, (sha256, code)) in plan.packages.iter().enumerate() {
        progress.tell(sha256, done as u64, all);
        let handle = match (code, plan.archive.as_mut()) {
            (CodeSource::File(path), _) => {
                let mut file = std::fs::File::open(path)
                    .map_err(|error| read::failed("read", path, &error))?;
                let handle = store.spool_into(batch, &mut file, path).map_err(stop)?;
                if handle.code_sha256 != *sha256 {
                    return Err(Stop::Other(format!(
                        "{} changed during the import",
                        path.display()
                    )));
                }
                handle
            }
            (CodeSource::Archive, Some(archive)) => {
                archive.spool_package(store, batch, sha256).map_err(stop)?
            }
            (CodeSource::Archive, None) => continue,
        };
        spools.insert(sha256.clone(), handle);
    }
    Ok(spools)
}

/// Stores every resource. If a resource cannot be stored, the resources stored before it are removed again.
fn put_all(
    plan: &Plan,
    options: &Import,
    store: &Store,
    spools: &BTreeMap<String, Handle>,
    report: &mut Report,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let mut made = Vec::new();
    let all: usize = plan
        .places
        .iter()
        .map(|(_, contents)| contents.0.len())
        .sum();
    let mut done = 0;
    for (scope, contents) in &plan.places {
        let place = store.place(scope.clone());
        for resource in &contents.0 {
            progress.tell(resource.name(), done, all as u64);
            done += 1;
            let mut work = Work {
                place: &place,
                options,
                spools,
                report,
            };
            match work.put(resource.as_ref()) {
                Ok(true) => made.push((scope, resource)),
                Ok(false) => {}
                Err(error) => {
                    for (scope, resource) in made.into_iter().rev() {
                        // A resource that cannot be removed stays. The original error is reported.
                        let _ = resource.take_back(&store.place(scope.clone()));
                    }
                    return Err(error);
                }
            }
        }
    }
    Ok(())
}

fn refuse_taken(taken: &[String]) -> Stop {
    Stop::Store(
        format!("exists already, with other content: {}", taken.join(", ")),
        Some("nothing was imported; use --replace to replace the old ones, or another --state-dir to keep both".to_owned()),
    )
}

/// Refuses the whole import if the account's code storage does not have enough room. An archive contains its own
/// limits.
fn room(place: &Place<'_>, contents: &Contents, is_archive: bool) -> Result<(), Stop> {
    let (mut before, mut after) = (0u64, 0u64);
    for resource in &contents.0 {
        let (has, takes) = resource.sizes(place).map_err(stop)?;
        before += has;
        after = after.saturating_add(takes);
    }
    if is_archive || place.has_room(before, after).map_err(stop)? {
        return Ok(());
    }
    Err(Stop::Store(
        format!(
            "the code storage of {} in {} has no room for {after} more bytes",
            place.scope.account, place.scope.region
        ),
        Some(format!(
            "nothing was imported; the limit is TotalCodeSize in {}, or LAMBDRY_TOTAL_CODE_SIZE",
            place.root().join("account.json").display()
        )),
    ))
}

/// The parts of a resource, for people: `$LATEST, versions 1-3, alias live`.
fn parts(resource: &dyn Packed) -> String {
    let (mut parts, after) = resource.parts();
    match resource.numbers().as_deref() {
        Some([]) if parts.is_empty() => parts.push("no version".to_owned()),
        Some(versions) => parts.extend(numbers(versions)),
        None => {}
    }
    parts.extend(after);
    parts.join(", ")
}

/// `versions 1-3, 5`, or `version 1`.
fn numbers(versions: &[u64]) -> Option<String> {
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for number in versions {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => spans.push((*number, *number)),
        }
    }
    let shown = spans.iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    });
    let shown: Vec<String> = shown.collect();
    let word = if versions.len() == 1 {
        "version"
    } else {
        "versions"
    };
    (!shown.is_empty()).then(|| format!("{word} {}", shown.join(", ")))
}

struct Work<'a> {
    place: &'a Place<'a>,
    options: &'a Import,
    spools: &'a BTreeMap<String, Handle>,
    report: &'a mut Report,
}

impl Work<'_> {
    /// Stores a resource. Returns true if the state did not have it before.
    fn put(&mut self, resource: &dyn Packed) -> Result<bool, Stop> {
        let mut is_made = false;
        let name = resource.name();
        let said = if self.options.dry_run {
            match resource.present(self.place).map_err(stop)? {
                Present::Nothing => "would be created",
                Present::Same => "exists already",
                Present::Other => "would be replaced",
            }
        } else {
            let packages: Vec<Handle> = resource
                .packages()
                .iter()
                .filter_map(|sha256| self.spools.get(sha256))
                .cloned()
                .collect();
            match resource
                .import(self.place, &packages, self.options.replace)
                .map_err(stop)?
            {
                Imported::Made => {
                    is_made = true;
                    "made"
                }
                Imported::Replaced => "replaced",
                Imported::AlreadyThere => "exists already",
                Imported::Taken => return Err(refuse_taken(&[name.to_owned()])),
                Imported::OutOfStorage => {
                    return Err(Stop::Store(
                        format!("the account's code storage has no room for {name}"),
                        Some(format!(
                            "the limit is TotalCodeSize in {}",
                            self.place.root().join("account.json").display()
                        )),
                    ));
                }
            }
        };
        let Scope { region, account } = &self.place.scope;
        let parts = match parts(resource) {
            none if none.is_empty() => none,
            parts => format!(": {parts}"),
        };
        let told = resource.told();
        self.report
            .lines
            .push(format!("{told} ({account}, {region}){parts}; {said}"));
        Ok(is_made)
    }
}

/// Prints advice if calls use another account or region than the imported functions.
fn hint(
    plan: &Plan,
    opened: &Opened,
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<(), Stop> {
    let region = face::region(&world.process, globals, opened.config());
    if let [(scope, _)] = &plan.places[..]
        && (scope.account != opened.account || region.is_ok_and(|region| region != scope.region))
    {
        writeln!(
            world.stderr,
            "hint: to use it, set LAMBDRY_ACCOUNT_ID={} and AWS_REGION={}",
            scope.account, scope.region
        )?;
    }
    Ok(())
}
