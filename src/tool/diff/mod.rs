//! `lambdry diff`: what differs between two moments of a function.

pub(crate) mod model;
