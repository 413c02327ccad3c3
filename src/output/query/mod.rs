//! `--query`: JMESPath as jmespath.py 1.0.1 has it, on Python 3.11, the pair inside `aws`.
//!
//! Python's habits are kept because scripts and expected outputs rest on them: a multi-select hash prints in the order
//! written, `` `$LATEST` `` needs no JSON quotes, a sum of ints is an int, `contains` holds `true` and `1` equal, a comma
//! between arguments may be left out, and the errors are Python's, word for word.
//!
//! ```
//! use lambdry::output::query::Query;
//! use serde_json::json;
//!
//! let query = Query::compile("Versions[?Version!=`$LATEST`].Version")?;
//! let answer = query.search(&json!({"Versions": [{"Version": "$LATEST"}, {"Version": "1"}]}));
//! assert_eq!(answer, Ok(json!(["1"])));
//! # Ok::<(), lambdry::output::query::SyntaxError>(())
//! ```
//!
//! Three things a [`serde_json::Value`] cannot hold differ: a whole number beyond 64 bits becomes a float, a float that is
//! infinite or no number becomes `null`, and half a surrogate pair becomes U+FFFD.

mod ast;
mod error;
mod functions;
mod interpreter;
mod json;
mod lexer;
mod parser;
mod python;

use serde_json::Value;

use ast::Node;
pub use error::{RunError, SyntaxError};

/// A compiled expression, good for any number of searches.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    root: Node,
}

impl Query {
    /// Compiles an expression.
    ///
    /// # Errors
    /// When it is not JMESPath, or goes more than 500 levels deep. Unknown functions and wrong arguments are not found
    /// here but by [`Query::search`].
    pub fn compile(expression: &str) -> Result<Self, SyntaxError> {
        parser::parse(expression).map(|root| Self { root })
    }

    /// What the expression selects from the document: `null` when there is nothing.
    ///
    /// # Errors
    /// A function that does not exist or does not take these arguments, text compared with a number by order, a slice
    /// with step 0, and an expression (`&name`) that is not an argument.
    pub fn search(&self, document: &Value) -> Result<Value, RunError> {
        interpreter::visit(&self.root, document).map(std::borrow::Cow::into_owned)
    }
}
