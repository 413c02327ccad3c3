//! A rehearsal as the observer of a call. The observer knows the account of a profile and makes the things that the
//! script takes for granted. With `--learn`, it turns refused calls into successes. It writes every call to its log.

use serde_json::Value;

#[cfg(unix)]
use super::others;
use super::{
    assume::Assumptions,
    calls::{Answered, Exchange, Recorder, failed},
    stage::Rehearsal,
};
use crate::{
    face::{
        End, Globals,
        exit::Stop,
        world::{Process, World},
    },
    operation::{Entry, Lambda, Result, ready},
    tool::observer::Observer,
};

/// The observer of the calls in a rehearsal.
#[derive(Debug)]
pub(in crate::tool) struct Rehearsed {
    recorder: Recorder,
    rehearsal: Option<Rehearsal>,
    assumptions: Option<Assumptions>,
}

impl Rehearsed {
    /// The observer of a process; `None` if the process does not belong to a rehearsal and its calls are not logged.
    pub(in crate::tool) fn of(process: &Process) -> Option<Self> {
        let recorder = Recorder::new(process);
        let stage = process
            .path("LAMBDRY_REHEARSAL")
            .filter(|stage| !stage.as_os_str().is_empty());
        let rehearsal = stage.and_then(Rehearsal::read);
        (recorder.is_on() || rehearsal.is_some()).then(|| Self {
            recorder,
            assumptions: rehearsal.as_ref().and_then(Assumptions::of),
            rehearsal,
        })
    }

    /// The observer of a request over HTTP.
    #[cfg(unix)]
    pub(super) fn of_request(recorder: Recorder, rehearsal: Rehearsal) -> Self {
        Self {
            recorder,
            assumptions: Assumptions::of(&rehearsal),
            rehearsal: Some(rehearsal),
        }
    }
}

impl Observer for Rehearsed {
    fn account(&self, process: &Process, globals: &Globals) -> Option<String> {
        let profile = globals.profile.as_deref();
        let profile = profile
            .or_else(|| process.var("AWS_PROFILE"))
            .or_else(|| process.var("AWS_DEFAULT_PROFILE"))?;
        self.rehearsal.as_ref()?.accounts.get(profile).cloned()
    }

    fn call(
        &self,
        service: &str,
        lambda: &Lambda<'_>,
        entry: &Entry,
        request: Value,
    ) -> Result<Value> {
        if let Some(given) = self.rehearsal.as_ref().map(|rehearsal| &rehearsal.given)
            && entry.answer().is_some()
        {
            ready::give(lambda, given)?;
        }
        let moment = lambda.place.store.clock.now();
        let asked = self.recorder.is_on().then(|| request.clone());
        let (assumed, answer) = match &self.assumptions {
            Some(assumptions) => {
                #[cfg(unix)]
                let is_its_own = || self.recorder.is_of_its_own();
                #[cfg(not(unix))]
                let is_its_own = || false;
                assumptions.call(lambda, entry, request, &is_its_own)
            }
            None => (Vec::new(), entry.call(lambda, request)),
        };
        let depends_on_aws = lambda.publishing.depended();
        let scope = &lambda.place.scope;
        self.recorder.keep(|| Exchange {
            moment,
            service: service.to_owned(),
            operation: entry.name.to_owned(),
            account: scope.account.clone(),
            region: scope.region.clone(),
            request: asked.unwrap_or_default(),
            response: answer.as_ref().ok().cloned(),
            error: answer.as_ref().err().map(failed),
            assumed,
            depends_on_aws,
            unanswered: lambda.runner.unanswered.take(),
        });
        answer
    }

    fn stubbed(&self) {
        self.recorder.stubbed();
    }

    #[cfg(unix)]
    fn elsewhere(&self, world: &mut World<'_>) -> Option<std::result::Result<u8, Stop>> {
        let rehearsal = self.rehearsal.as_ref()?;
        let url = rehearsal.others.as_deref()?;
        let ended = others::ask(world, rehearsal, url);
        if ended.is_ok() {
            self.recorder.handed_over(others::shown(url));
        }
        Some(ended)
    }

    #[cfg(not(unix))]
    fn elsewhere(&self, _: &mut World<'_>) -> Option<std::result::Result<u8, Stop>> {
        None
    }

    fn pardons(&self, stop: &Stop) -> bool {
        let learns = |rehearsal: &Rehearsal| rehearsal.learn;
        teaches(stop) && self.rehearsal.as_ref().is_some_and(learns)
    }

    fn learned(&self, stop: &Stop, words: &[String]) -> Option<Value> {
        // With `--learn`, a refused call succeeds. So the script takes the same path as in a later run with the stubs.
        #[cfg(unix)]
        return self.pardons(stop).then(|| super::learn::answer(words))?;
        #[cfg(not(unix))]
        {
            let _ = (stop, words);
            None
        }
    }

    fn ended(&self, process: &Process, end: &End<'_>) {
        let answered = match end.stop {
            Some(stop) if end.code == 0 && teaches(stop) => Answered::Learned,
            _ => Answered::Simulated,
        };
        // `begin` and `end` are not part of the rehearsal.
        if process.is_aws() || process.args.iter().all(|word| word != "rehearse") {
            self.recorder.end(process, answered, end);
        }
    }
}

/// Returns true if a stub could prevent the error of a command line. Either the command is not simulated, or a ready
/// answer says that a thing does not exist.
fn teaches(stop: &Stop) -> bool {
    match stop {
        Stop::NotSimulated(..) | Stop::Unanswered(_) => true,
        Stop::Service(_, error) => ready::is_not_put(error),
        _ => false,
    }
}
