//! face
mod arguments; pub mod exit; mod json; mod nearest; mod python; mod shorthand;
