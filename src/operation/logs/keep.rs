//! Keeps the log of an invocation. No other call writes one, and it is one write.

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

/// Logs on their way to the disk. If one command invokes a thousand times, they are written once.
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

    /// Keeps a log.
    ///
    /// # Errors
    /// The disk's.
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
    /// The disk's.
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
            // Reads work there, and an invocation is nearly a read.
            Err(Failure::Store(error)) if error.is(std::io::ErrorKind::ReadOnlyFilesystem) => {
                (place.store.patience.notice)(&format!("the log is not kept: {}", plain(&error)));
                Ok(())
            }
            written => written,
        }
    }
}

/// The events of a log, one a line. Events between the first and the last have the moment at which the invocation
/// ended, too: the times at which they came are unknown.
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
