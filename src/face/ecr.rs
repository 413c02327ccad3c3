//! `ecr get-login-password`: a made-up password for `docker login`, which gives access to nothing.

use super::call::Session;
use super::custom::{Custom, Words};
use super::exit::Stop;
use super::world::World;
use crate::operation::ecr::get_authorization_token::password;

/// The commands that are not operations.
pub const COMMANDS: &[Custom] = &[Custom {
    name: "get-login-password",
    examples: &[
        "| docker login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com",
    ],
    about: "Prints an invented password for docker login. It gives access to nothing.",
    table: Vec::new,
    run,
}];

fn run(world: &mut World<'_>, session: &Session<'_>, _: &Words) -> Result<u8, Stop> {
    let region = session.reach(world)?;
    writeln!(world.stdout, "{}", password(&region))?;
    Ok(0)
}
