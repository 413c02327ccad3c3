//! Guards
mod line;
mod table;
