//! Stores the logs of invocations. Only this file writes logs, and it writes each log in one step.

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

/// Logs that are not written yet. If one command makes a thousand invocations, it writes their logs together at the
/// end.
#[derive(Debug, Default)]
pub struct Pending {
    logs: RefCell<Vec<Log>>,
    waits: Cell<bool>,
}

impl Pending {
    /// Makes [`Self::keep`] collect logs instead of writing them, until [`Self::write`] is called.
    pub fn wait(&self) {
        self.waits.set(true);
    }

    /// Writes a log; after a call of [`Self::wait`], only collects it.
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

    /// Writes the logs that were collected.
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
            // In a read-only state directory, an invocation still succeeds, because its log is almost all that it
            // writes. Only the log is lost.
            Err(Failure::Store(error)) if error.is(std::io::ErrorKind::ReadOnlyFilesystem) => {
                (place.store.patience.notice)(&format!("the log is not kept: {}", plain(&error)));
                Ok(())
            }
            written => written,
        }
    }
}

/// The events of a log, one event for each line. The first event gets the time at which the invocation began. All
/// others get the time at which it ended, because their own times are not known.
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
