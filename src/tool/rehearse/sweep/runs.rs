//! The runs of a sweep. Each run has its own fork and its own copy of the working folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;

use super::{
    copy::{Folder, Lies, Moment, Size},
    end::{self, End, Reached},
    outcome,
    point::{self, Point},
    repeats, seen,
};
use crate::state::plain::plain;
use crate::{
    face::{exit::Stop, progress::Progress},
    store::{Store, moved::Look},
    tool::{
        backend::{Opened, stop},
        rehearse::{
            Rehearse, assume,
            calls::Call,
            child::Ended,
            folder::Stage,
            run::{self, Assume, Plan, Ran, Streams},
            stage::Rehearsal,
            touched::{self, Suspects},
        },
    },
};

/// The time between the failed run and the second run, by the fork's clock. Nobody runs a script again faster than
/// that, and by then the changes on AWS are complete.
const LATER: Duration = Duration::from_secs(60);

/// The time that must be between two builds so that they have different time stamps. A zip stores times in steps of two
/// seconds.
const APART: Duration = Duration::from_millis(2100);

/// The shortest time limit of a run, if `--timeout` is not given.
const PATIENCE: Duration = Duration::from_secs(60);

/// The limit for a run: its time and its number of calls may be this many times those of the clean run.
const TIMES: usize = 10;

/// A fault plan that contains no fault. It overrides the fault plans of the state directory and the environment.
const NO_FAULT: &str = "# none in this run";

/// All runs of a sweep.
#[derive(Debug)]
pub(super) struct Runs {
    plan: Plan,
    state: PathBuf,
    /// The first look at the state, taken before all runs.
    look: Look,
    /// A fork of the state. Every run begins from this fork, so all runs begin at the same moment.
    base: PathBuf,
    folder: Folder,
    /// The number of parallel runs that the user asked for.
    jobs: Option<usize>,
    /// The folder for the copies and for the records of `--once`. It is cleared when this value is dropped.
    home: Stage,
    /// Copies that no run uses any more.
    idle: Mutex<Vec<Copy>>,
    /// The number of copies made.
    copies: AtomicUsize,
    interrupted: Arc<AtomicBool>,
}

/// The clean run. Its fork lives as long as this value.
#[derive(Debug)]
pub(super) struct Clean {
    /// The run itself.
    pub(super) ran: Ran,
    /// The points of the run.
    pub(super) points: Vec<Point>,
    reached: Reached,
    /// The working folder before the clean run.
    folder: Moment,
    began: Instant,
    packages: Vec<String>,
}

/// The end and the calls of a run.
#[derive(Debug)]
pub(super) struct Brief {
    /// The way in which the run ended.
    pub(super) ended: Ended,
    /// The calls of the run.
    pub(super) calls: Vec<Call>,
}

/// A run with a fault, and a second run on the state that the first run left.
#[derive(Debug)]
pub(super) struct Made {
    /// The faulted run.
    pub(super) first: Brief,
    /// The second run.
    pub(super) again: Brief,
    /// The packages of the functions after the faulted run.
    packages: Vec<String>,
    /// The last output of the first run.
    pub(super) said_first: String,
    /// The last output of the second run.
    pub(super) said: String,
    /// The parts of the state that one of the two runs read or changed, as they were before both runs.
    pub(super) before: End,
    /// The same parts of the state after the clean run.
    pub(super) clean: End,
    /// The same parts of the state after the faulted run.
    pub(super) left: End,
    /// The same parts of the state after the second run.
    pub(super) end: End,
}

impl Runs {
    /// Prepares the runs.
    ///
    /// # Errors
    /// The working folder or the state cannot be found, or there is no place for copies.
    pub(super) fn new(
        plan: Plan,
        options: &Rehearse,
        interrupted: Arc<AtomicBool>,
        progress: &mut Progress,
    ) -> Result<Self, Stop> {
        let opened = Opened::new(&plan.process, &plan.globals.own)?;
        let state = run::whole(opened.store.root());
        let home = plan.process.path("HOME").map(Path::to_owned);
        let folder = Folder::of(&plan.cwd, &state, &options.share, home.as_deref())
            .context("cannot use the working folder")?;
        let cannot = "cannot make a folder for the sweep";
        let home = Stage::make(&state, &std::env::temp_dir()).context(cannot)?;
        let rehearsal = Rehearsal {
            state: state.clone(),
            parent: state.clone(),
            calls: home.calls(),
            ..Rehearsal::default()
        };
        home.describe(&rehearsal).context(cannot)?;
        let base = home.root().join("base");
        let scratch = home.root().join("clock");
        let mut tell = |what: &str, done, all| progress.tell(what, done, all);
        let look = opened.store.look(&scratch, &mut tell).map_err(stop)?;
        progress.clear();
        opened.store.fork(&base).map_err(stop)?;
        look.pass(&scratch).map_err(stop)?;
        Ok(Self {
            plan: Plan {
                timeout: options.timeout,
                ..plan
            },
            state,
            look,
            base,
            folder,
            jobs: options.jobs,
            home,
            idle: Mutex::default(),
            copies: AtomicUsize::new(0),
            interrupted,
        })
    }

    /// The state directory.
    pub(super) fn state(&self) -> &Path {
        &self.state
    }

    /// The working folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder.root
    }

    /// The size of a copy of the working folder.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn size(&self) -> Result<Size, Stop> {
        self.folder.size().map_err(unreadable)
    }

    /// The command's own files with their texts, if the texts can be read.
    pub(super) fn texts(&self) -> Vec<(PathBuf, String)> {
        crate::tool::rehearse::bypass::texts(&self.plan.command, &self.plan.cwd)
    }

    /// The plan.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Makes the clean run.
    ///
    /// # Errors
    /// The run fails, makes no call, or changes the working folder itself.
    pub(super) fn clean(&self) -> Result<Clean, Stop> {
        let before = self.folder.moment().map_err(unreadable)?;
        let copy = self.copy()?;
        let began = Instant::now();
        let mut ran = run::run_once(
            &self.planned(&copy, NO_FAULT),
            &mut Progress::silent(),
            &mut |_| {},
        )?;
        let said = said(&copy.said());
        if self.is_interrupted() {
            return Err(interrupted());
        }
        if ran.ended.timed_out {
            return Err(Stop::Store(
                "the clean run did not end in time".to_owned(),
                Some(
                    "--timeout gives it more time; in a sweep nobody can answer a question of the script"
                        .to_owned(),
                ),
            ));
        }
        if ran.ended.code != 0 {
            return Err(Stop::Store(
                format!("the clean run failed: {}", outcome::why(&ran.calls, &said, ran.ended.code)),
                Some("a sweep needs a first run without errors; for more details rehearse without --sweep".to_owned()),
            ));
        }
        if ran.saw_nothing() {
            return Err(Stop::Store(
                "the script made no aws call in the clean run".to_owned(),
                Some("rehearse it without --sweep to see possible reasons".to_owned()),
            ));
        }
        let after = self.folder.moment().map_err(unreadable)?;
        if let Some(changed) = before.changed(&after) {
            return Err(Stop::Store(
                format!(
                    "the script changed {} in {} itself, not in the copy for this run",
                    changed.display(),
                    self.folder.root.display()
                ),
                Some("a script that uses the full path of its folder leaves the copy; let it find its folder by $0 \
                    or $PWD".to_owned()),
            ));
        }
        // A place in the copy is shown as a place in the original folder.
        let (copied, own) = (
            self.folder.cwd(&copy.folder()),
            self.folder.cwd(&self.folder.root),
        );
        let told = |path: &mut PathBuf| *path = own.join(seen(path, &copied));
        for call in &mut ran.calls {
            told(&mut call.cwd);
            call.place
                .iter_mut()
                .for_each(|place| told(&mut place.file));
        }
        for unmade in &mut ran.unmade {
            told(&mut unmade.place.file);
        }
        let mut points = point::points(&ran.calls);
        for point in &mut points {
            if let Some(place) = &mut point.place {
                place.file = seen(&place.file, &own);
            }
        }
        let (old, new) = (self.store(&self.base)?, self.store(&ran.after)?);
        // The things that the script took for granted exist before every run, so no run makes them.
        let versions = ran.rehearsal.assume_versions;
        assume::make_before(&ran.calls, versions, &old, &new).map_err(stop)?;
        let reached = Reached::between(&old, &new).map_err(stop)?;
        lock(&self.idle).push(copy);
        Ok(Clean {
            packages: end::packages(&new, &reached).map_err(stop)?,
            ran,
            points,
            reached,
            folder: before,
            began,
        })
    }

    /// The number of parallel runs. If runs wait between two builds, more runs can be made at the same time.
    fn jobs(&self, builds_anew: bool) -> usize {
        let fit = || thread::available_parallelism().map_or(1, usize::from);
        match (self.jobs, self.is_alone()) {
            (Some(asked), _) => asked.max(1),
            (None, Some(_)) => 1,
            (None, None) if builds_anew => fit() * 3,
            (None, None) => fit(),
        }
    }

    /// The place at which the script names a folder that all runs share. Parallel runs would write there at the same
    /// time.
    fn is_alone(&self) -> Option<String> {
        let texts = self.texts();
        texts.iter().find_map(|(file, text)| {
            let line = text.lines().position(repeats::names_a_common_folder)?;
            Some(format!("{}:{}", file.display(), line + 1))
        })
    }

    /// Notes about the runs.
    pub(super) fn notes(&self, clean: &Clean) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(place) = self.is_alone() {
            notes.push(match self.jobs.unwrap_or(1) {
                0 | 1 => format!("{place} names a folder below /tmp, which all runs share, so they ran one after the \
                    other"),
                _ => format!("{place} names a folder below /tmp, which all runs share, so one run may have disturbed \
                    another"),
            });
        }
        if self.folder.is_worktree() {
            notes.push(".git is a link to another folder, which is not copied: git commands of the script wrote to \
                that folder".to_owned());
        }
        for bypass in &clean.ran.bypasses {
            notes.push(format!(
                "{}:{} may not reach lambdry: {}",
                seen(&bypass.file, &self.plan.cwd).display(),
                bypass.line,
                bypass.way.why()
            ));
        }
        for state in &clean.ran.others {
            notes.push(format!(
                "every run used another state directly, without a fork: {}",
                state.display()
            ));
        }
        notes
    }

    /// Describes a file in the original working folder that a run has changed.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn escaped(&self, clean: &Clean) -> Result<Option<String>, Stop> {
        let after = self.folder.moment().map_err(unreadable)?;
        let changed = clean.folder.changed(&after);
        Ok(changed.map(|changed| {
            format!(
                "{} changed in {} itself during the sweep, although the runs work in copies",
                changed.display(),
                self.folder.root.display()
            )
        }))
    }

    /// The changes of the state itself while runs worked on its forks.
    pub(super) fn touched(&self, clean: &Clean, progress: &mut Progress) -> Vec<touched::Touched> {
        let of_state = Rehearsal {
            parent: self.state.clone(),
            ..clean.ran.rehearsal.clone()
        };
        touched::judged(
            &self.plan.process,
            &of_state,
            Some(&self.look),
            &Suspects {
                calls: &clean.ran.calls,
                command: &self.plan.command,
                cwd: &self.plan.cwd,
                leftovers: &clean.ran.leftovers,
            },
            progress,
        )
    }

    /// Makes the clean run again, and then one run for every point. After each of these, makes a second run on the
    /// state that the run left.
    ///
    /// # Errors
    /// A run cannot be made, or somebody stops the sweep.
    pub(super) fn all(
        &self,
        points: &[Point],
        clean: &Clean,
        progress: Progress,
    ) -> Result<(Made, Vec<Made>), Stop> {
        let mut progress = progress.at_once();
        let all = points.len() + 1;
        let mut show = |done: usize| {
            progress.tell(&format!("{done} of {all} rounds"), done as u64, all as u64);
        };
        show(0);
        // This run is made alone. It shows if the packages of a build contain the time of the build.
        apart(clean.began);
        let check = self.one(None, clean, None)?;
        show(1);
        let builds_anew = check.packages != clean.packages;
        let next = AtomicUsize::new(0);
        let made: Mutex<Vec<Option<Made>>> = Mutex::new(points.iter().map(|_| None).collect());
        let failed: Mutex<Option<Stop>> = Mutex::new(None);
        thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            for _ in 0..self.jobs(builds_anew).min(points.len()) {
                let (tell, next, made, failed) = (tell.clone(), &next, &made, &failed);
                scope.spawn(move || {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(point) = points.get(at) else { return };
                        if self.is_interrupted() || lock(failed).is_some() {
                            return;
                        }
                        match self.one(Some(point), clean, Some(builds_anew)) {
                            Ok(one) => lock(made)[at] = Some(one),
                            Err(stop) => {
                                lock(failed).get_or_insert(stop);
                            }
                        }
                        // It is possible that nobody listens any more.
                        let _ = tell.send(());
                    }
                });
            }
            drop(tell);
            for (ended, ()) in told.into_iter().enumerate() {
                show(ended + 2);
            }
        });
        drop(progress);
        if self.is_interrupted() {
            return Err(interrupted());
        }
        if let Some(stop) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(stop);
        }
        let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok((check, made.into_iter().flatten().collect()))
    }

    /// Makes a run with or without a fault, and then a second run on the state that the first run left.
    fn one(
        &self,
        point: Option<&Point>,
        clean: &Clean,
        builds_anew: Option<bool>,
    ) -> Result<Made, Stop> {
        let copy = self.copy()?;
        let began = Instant::now();
        let limited = |plan: Plan| Plan {
            // The state before the run already has the things that the clean run took for granted.
            assume: match clean.ran.rehearsal.assume {
                true => Assume::Always,
                false => Assume::Never,
            },
            timeout: plan.timeout.or_else(|| {
                let times = u32::try_from(TIMES).unwrap_or(u32::MAX);
                Some(clean.ran.took.saturating_mul(times).max(PATIENCE))
            }),
            most_calls: Some(clean.ran.calls.len() * TIMES),
            ..plan
        };
        let fault = point.map_or_else(|| NO_FAULT.to_owned(), Point::fault);
        let mut silent = Progress::silent();
        let plan = limited(self.planned(&copy, &fault));
        let first = run::run_once(&plan, &mut silent, &mut |_| {})?;
        let said_first = said(&copy.said());
        let (real, fork) = (self.begun(&first.after)?, self.store(&first.after)?);
        let reached = Reached::between(&real, &fork).map_err(stop)?;
        let left = |reached: &Reached| End::read(&fork, reached).map_err(stop);
        // The second run may reach things that the first run did not reach. So the things of the clean run are read as
        // well.
        let known = reached.and(&clean.reached);
        let as_left = left(&known)?;
        let packages = end::packages(&fork, &reached).map_err(stop)?;
        fork.pass(LATER).map_err(stop)?;
        if builds_anew.unwrap_or(packages != clean.packages) {
            apart(began);
        }
        // The output of the first run is already saved. After this, the file gets the output of the second run.
        let _ = fs::remove_file(copy.said());
        let mut plan = limited(self.planned(&copy, NO_FAULT));
        plan.in_place = true;
        plan.globals.own.state_dir = Some(first.after.to_string_lossy().into_owned());
        let again = run::run_once(&plan, &mut silent, &mut |_| {})?;
        let fork = self.store(&first.after)?;
        let all = known.and(&Reached::between(&real, &fork).map_err(stop)?);
        let before = End::read(&real, &all).map_err(stop)?;
        let said = said(&copy.said());
        lock(&self.idle).push(copy);
        Ok(Made {
            clean: End::read(&self.store(&clean.ran.after)?, &all).map_err(stop)?,
            left: as_left.filled(&before, &known, &all),
            before,
            end: End::read(&fork, &all).map_err(stop)?,
            said,
            said_first,
            packages,
            first: brief(first),
            again: brief(again),
        })
    }

    fn store(&self, root: &Path) -> Result<Store, Stop> {
        let own = &self.plan.globals.own;
        Ok(Opened::at(&self.plan.process, own, root.to_owned())?.store)
    }

    /// The state in which a run began, read from the run's fork.
    fn begun(&self, fork: &Path) -> Result<Store, Stop> {
        self.store(fork).map(Store::as_it_began)
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// A copy of the working folder, and a folder for temporary files. The copy is either an idle copy that was
    /// restored, or a new copy.
    fn copy(&self) -> Result<Copy, Stop> {
        let idle = lock(&self.idle).pop();
        if let Some(mut copy) = idle
            && copy.renew(&self.folder).is_ok()
        {
            return Ok(copy);
        }
        let number = self.copies.fetch_add(1, Ordering::Relaxed);
        let root = self.home.root().join(format!("copy-{number}"));
        let make = || {
            fs::create_dir(&root)?;
            fs::create_dir(root.join("tmp"))?;
            let mut copy = Copy {
                root: root.clone(),
                lies: Lies::default(),
            };
            self.folder.copy(&copy.folder())?;
            copy.lies = Lies::of(&copy.folder(), &root.join("clock"))?;
            io::Result::Ok(copy)
        };
        Ok(make().context("cannot copy the working folder")?)
    }

    /// The plan of a run in the given copy.
    fn planned(&self, copy: &Copy, faults: &str) -> Plan {
        let mut plan = self.plan.clone();
        let folder = copy.folder();
        let renamed = |text: &str| self.folder.renamed(text, &folder);
        for word in &mut plan.command {
            if let Some(renamed) = renamed(word) {
                *word = renamed;
            }
        }
        for (name, value) in &mut plan.process.env {
            let is_ours = name.to_string_lossy().starts_with("LAMBDRY_");
            if let Some(renamed) = value.to_str().filter(|_| !is_ours).and_then(renamed) {
                *value = renamed.into();
            }
        }
        plan.cwd = self.folder.cwd(&folder);
        let mut set = |name: &str, path: &Path| plan.process.env.insert(name.into(), path.into());
        set("TMPDIR", &copy.root.join("tmp"));
        set("PWD", &self.folder.cwd(&folder));
        // If an SDK gives up at once, the script ends in the same way as after many attempts of the SDK.
        plan.process
            .env
            .entry("AWS_MAX_ATTEMPTS".into())
            .or_insert_with(|| "1".into());
        plan.globals.own.state_dir = Some(self.base.to_string_lossy().into_owned());
        plan.faults = Some(faults.to_owned());
        plan.streams = Streams::Into(copy.said());
        plan.rehearsal.folder = folder;
        plan.rehearsal.replays = self.home.root().join("replays");
        plan
    }
}

/// A copy of the working folder. It is removed when this value is dropped.
#[derive(Debug)]
struct Copy {
    root: PathBuf,
    lies: Lies,
}

impl Copy {
    /// Restores the copy to its state before a run.
    fn renew(&mut self, folder: &Folder) -> io::Result<()> {
        let _ = fs::remove_file(self.said());
        let temporary = self.root.join("tmp");
        fs::remove_dir_all(&temporary)?;
        fs::create_dir(&temporary)?;
        folder.restore(&self.folder(), &self.lies)?;
        self.lies = Lies::of(&self.folder(), &self.root.join("clock"))?;
        Ok(())
    }

    fn folder(&self) -> PathBuf {
        self.root.join("folder")
    }

    fn said(&self) -> PathBuf {
        self.root.join("said")
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // If a file cannot be removed here, it is removed later with the sweep's folder, or by the next sweep.
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Waits until a new build gets another time stamp than a build at the given moment. Otherwise two builds could look
/// equal only because the machine is fast.
fn apart(from: Instant) {
    thread::sleep(APART.saturating_sub(from.elapsed()));
}

/// The end and the calls of a run, without its fork.
fn brief(ran: Ran) -> Brief {
    Brief {
        ended: ran.ended,
        calls: ran.calls,
    }
}

/// The last part of the text in the given output file.
fn said(file: &Path) -> String {
    const LAST: usize = 4096;
    let text = fs::read(file).unwrap_or_default();
    let last = text.len().saturating_sub(LAST);
    String::from_utf8_lossy(&text[last..]).into_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unreadable(error: io::Error) -> Stop {
    Stop::Other(format!("cannot read the working folder: {}", plain(&error)))
}

/// The error of a sweep that the user interrupted.
fn interrupted() -> Stop {
    Stop::Other("the sweep was interrupted".to_owned())
}
