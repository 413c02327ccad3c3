//! face
mod python; mod json; mod shorthand;
