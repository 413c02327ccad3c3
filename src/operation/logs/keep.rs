//! Stores the logs of invocations. Nothing else writes logs, and a log is written in one step.

use std::cell::{Cell, RefCell};

use jiff::Timestamp;

use crate::{
    operation::{Lambda, Result, ready},
    state::{
        logs::{self, Event, Log, SERVICE},
        plain::plain,
        ready::Things,
    },
    store::{Failure, Place, StoreError},
};

/// Logs that are not written yet. If one command makes a thousand invocations, their logs are written together, once.
#[derive(Debug, Default)]
pub struct Pending {
    logs: RefCell<Vec<Log>>,
    waits: Cell<bool>,
}

impl Pending {
    /// Holds logs back until [`Self::write`].
    pub fn wait(&self) {
        self.waits.set(true);
    }

    /// Stores a log, or holds it back after a call of [`Self::wait`].
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn keep(&self, lambda: &Lambda<'_>, log: Log) -> Result<()> {
        self.logs.borrow_mut().push(log);
        match self.waits.get() {
            true => Ok(()),
            false => self.write(lambda.place),
        }
    }

    /// Writes the logs that are held back.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn write(&self, place: &Place<'_>) -> Result<()> {
        self.waits.set(false);
        let logs = self.logs.take();
        if logs.is_empty() {
            return Ok(());
        }
        let file = ready::file(SERVICE, &place.scope);
        let path = place.store.root().join(&file);
        let written = place.store.edit_document(&file, |things: &mut Things| {
            let kept = logs::keep(things, logs);
            kept.map_err(|error| StoreError::content(&path, plain(&error)))?;
            Ok(())
        });
        match written {
            // A read-only state directory can be read, and an invocation changes almost nothing: it succeeds without
            // its log.
            Err(Failure::Store(error)) if error.is(std::io::ErrorKind::ReadOnlyFilesystem) => {
                (place.store.patience.notice)(&format!("the log is not kept: {}", plain(&error)));
                Ok(())
            }
            written => written,
        }
    }
}

/// The events of a log, one for each line. The first event has the moment at which the invocation began. All others
/// have the moment at which it ended, because their own times are not known.
pub fn events(text: &[u8], began: Timestamp, ended: Timestamp) -> Vec<Event> {
    let text = String::from_utf8_lossy(text);
    let lines = text.split_inclusive('\n').enumerate();
    let events = lines.map(|(at, line)| Event {
        timestamp: match at {
            0 => began.as_millisecond(),
            _ => ended.as_millisecond(),
        },
        message: line.to_owned(),
    });
    events.collect()
}
