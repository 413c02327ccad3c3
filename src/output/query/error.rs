//! Errors in the words of jmespath.py's exceptions, and of Python's own exceptions that jmespath.py does not catch.

use std::fmt;

use serde_json::Value;

use super::lexer::Token;
use super::python;

/// The reason why an expression does not compile. It is found before the call, so `aws` ends with 252.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError(String);

/// The reason why an expression fails on a document. It is found after the call, so `aws` ends with 255.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunError(String);

impl SyntaxError {
    /// EmptyExpressionError.
    pub(super) fn empty() -> Self {
        Self("Invalid JMESPath expression: cannot be empty.".to_owned())
    }

    /// LexerError. The caret is one column further left than in other errors, because only those print a quote before
    /// the expression.
    pub(super) fn lexer(expression: &str, position: usize, message: &str) -> Self {
        Self(format!(
            "Bad jmespath expression: {message}:\n{expression}\n{:position$}^",
            ""
        ))
    }

    /// ParseError with a caret below a token. `position` is the position of the token, except for one message.
    pub(super) fn parse(expression: &str, position: usize, token: &Token, message: &str) -> Self {
        Self(format!(
            "{message}: Parse error at column {position}, token \"{}\" ({}), for expression:\n\"{expression}\"\n{:width$}^",
            token.text(),
            token.kind.name().to_uppercase(),
            "",
            width = position + 1,
        ))
    }

    /// IncompleteExpressionError.
    pub(super) fn incomplete(expression: &str) -> Self {
        Self(format!(
            "Invalid jmespath expression: Incomplete expression:\n\"{expression}\"\n{:width$}^",
            "",
            width = expression.chars().count() + 1,
        ))
    }

    /// The error for an expression that is nested too deep. Python raises RecursionError at some depth between 250 and
    /// 500.
    pub(super) fn too_deep() -> Self {
        let limit = super::parser::MAX_DEPTH;
        Self(format!(
            "Invalid jmespath expression: it goes more than {limit} levels deep"
        ))
    }
}

impl RunError {
    /// UnknownFunctionError.
    pub(super) fn unknown_function(name: &str) -> Self {
        Self(format!("Unknown function: {name}()"))
    }

    /// ArityError, or VariadictArityError if `at_least` is true.
    pub(super) fn arity(function: &str, expected: usize, at_least: bool, received: usize) -> Self {
        let at_least = if at_least { "at least " } else { "" };
        let plural = if expected == 1 { "" } else { "s" };
        Self(format!(
            "Expected {at_least}{expected} argument{plural} for function {function}(), received {received}"
        ))
    }

    /// JMESPathTypeError. `received` is the type's name in JMESPath; for the element of an array, it is the name in
    /// Python.
    pub(super) fn wrong_type(
        function: &str,
        value: &str,
        expected: &[&str],
        received: &str,
    ) -> Self {
        Self(format!(
            "In function {function}(), invalid type for value: {value}, expected one of: {}, received: \"{received}\"",
            python::list(expected)
        ))
    }

    /// TypeError of an ordering comparison, such as `<`, between text and a number.
    pub(super) fn unordered(operator: &str, left: &Value, right: &Value) -> Self {
        Self(format!(
            "'{operator}' not supported between instances of '{}' and '{}'",
            python::type_name(left),
            python::type_name(right)
        ))
    }

    /// ValueError of `[::0]`.
    pub(super) fn zero_step() -> Self {
        Self("slice step cannot be zero".to_owned())
    }

    /// TypeError of `contains('text', x)` where x is not text.
    pub(super) fn not_text(type_name: &str) -> Self {
        Self(format!(
            "'in <string>' requires string as left operand, not {type_name}"
        ))
    }

    /// TypeError of `to_number(&x)`.
    pub(super) fn no_number() -> Self {
        Self(
            "int() argument must be a string, a bytes-like object or a real number, not '_Expression'"
                .to_owned(),
        )
    }

    /// TypeError of `merge(x, y)` where y is not iterable.
    pub(super) fn not_iterable(type_name: &str) -> Self {
        Self(format!("'{type_name}' object is not iterable"))
    }

    /// ValueError of `merge(x, y)` where the element of y at that index holds `length` values instead of a pair.
    pub(super) fn not_a_pair(index: usize, length: usize) -> Self {
        Self(format!(
            "dictionary update sequence element #{index} has length {length}; 2 is required"
        ))
    }

    /// TypeError of `merge(x, y)` where the element of y at that index is not a list.
    pub(super) fn not_a_sequence(index: usize) -> Self {
        Self(format!(
            "cannot convert dictionary update sequence element #{index} to a sequence"
        ))
    }

    /// TypeError of `merge(x, y)` where a pair in y starts with a list or an object.
    pub(super) fn unhashable(value: &Value) -> Self {
        Self(format!("unhashable type: '{}'", python::type_name(value)))
    }

    /// TypeError of the JSON writer for an expression in the place of a value.
    pub(super) fn expression_as_value() -> Self {
        Self("Encountered unrecognized type in JSON encoder.".to_owned())
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SyntaxError {}

impl std::error::Error for RunError {}
