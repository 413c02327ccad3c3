//! `lambdry rehearse begin` and `end`: a rehearsal over several processes.

use super::Rehearse;
use crate::face::{Globals, exit::Stop, world::World};

pub(super) fn begin(_: &Rehearse, _: &Globals, _: &mut World<'_>) -> Result<u8, Stop> {
    Err(Stop::Other("begin".to_owned()))
}

pub(super) fn end(_: &Rehearse, _: &Globals, _: &mut World<'_>) -> Result<u8, Stop> {
    Err(Stop::Other("end".to_owned()))
}
