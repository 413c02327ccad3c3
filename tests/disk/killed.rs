//! Real processes that are killed at random moments.

use std::{
    env,
    process::Stdio,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::{Answer, State};

/// The time for which processes are killed: a few seconds, or the number of seconds in `LAMBDRY_KILL_SECONDS`.
#[allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]
pub fn killing() -> Duration {
    let seconds = env::var("LAMBDRY_KILL_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(3))
}

/// Random numbers, different in every run: xorshift.
pub struct Numbers(u64);

impl Numbers {
    pub fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let nanoseconds = u64::from(now.expect("after 1970").subsec_nanos());
        Self(nanoseconds.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).expect("it fits")
    }
}

/// Runs a command and kills it at a random moment within the time that it usually takes. If the command ends before
/// that moment, its answer has the command's own exit code.
pub fn killed_within(
    state: &State,
    command: &[String],
    took: Duration,
    numbers: &mut Numbers,
) -> Answer {
    let mut child = state
        .command(command)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let most = usize::try_from(took.as_micros()).expect("it fits");
    thread::sleep(Duration::from_micros(numbers.below(most) as u64));
    // The process may have ended already.
    let _ = child.kill();
    child.wait_with_output().expect("it is over").into()
}
