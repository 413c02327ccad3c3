//! `--query`: JMESPath as jmespath.py 1.0.1 on Python 3.11 implements it, the pair inside `aws`.
//!
//! Python's behaviour is kept because scripts and expected outputs depend on it: a multi-select hash prints in the
//! order written, `` `$LATEST` `` needs no JSON quotes, a sum of ints is an int, `contains` treats `true` and `1` as
//! equal, a comma between arguments may be left out, and the errors are Python's, word for word.
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
//! Values that [`serde_json::Value`] cannot hold differ: an integer beyond 64 bits becomes a float, an infinite float
//! or NaN becomes `null`, and half a surrogate pair becomes U+FFFD. Also, `&name` is an error at once if it is not the
//! argument of a function that takes it; Python fails later, when it prints the value.

mod ast;
mod error;
mod functions;
mod interpreter;
mod json;
mod lexer;
mod parser;
mod python;

use std::borrow::Cow;

use serde_json::Value;

use ast::Node;
pub use error::{RunError, SyntaxError};

/// A compiled expression, usable for any number of searches.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    root: Node,
}

impl Query {
    /// Compiles an expression.
    ///
    /// # Errors
    /// A text that is not JMESPath, or that nests more than 128 levels deep. Unknown functions and wrong arguments are
    /// errors of [`Query::search`] instead.
    pub fn compile(expression: &str) -> Result<Self, SyntaxError> {
        parser::parse(expression).map(|root| Self { root })
    }

    /// Returns the value that the expression selects from the document; `null` if it selects nothing.
    ///
    /// # Errors
    /// A function that does not exist or does not take these arguments, an ordering comparison between text and a
    /// number, a slice with step 0, or an `&name` that is not an argument of a function.
    pub fn search(&self, document: &Value) -> Result<Value, RunError> {
        interpreter::visit(&self.root, document).map(Cow::into_owned)
    }

    /// The members of the document that the expression reads first, each as a path of plain names. For
    /// `Configuration.Version`, the path is `Configuration`, `Version`. For `Versions[-1].Version`, it is `Versions`.
    pub(crate) fn members(&self) -> Vec<Vec<&str>> {
        self.root.members()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::Query;

    /// Compares the results (as compact JSON) or the errors with the expected ones. The expected ones are jmespath.py
    /// 1.0.1's.
    pub(super) fn assert_answers(document: &Value, cases: &[(&str, &str)]) {
        for (expression, expected) in cases {
            let answer = match Query::compile(expression) {
                Ok(query) => match query.search(document) {
                    Ok(value) => value.to_string(),
                    Err(error) => error.to_string(),
                },
                Err(error) => error.to_string(),
            };
            assert_eq!(answer, *expected, "for {expression}");
        }
    }

    #[test]
    #[rustfmt::skip]
    fn answers_what_public_scripts_ask() {
        let document = json!({"Versions": [
            {"Version": "$LATEST", "CodeSize": 137, "Description": ""},
            {"Version": "9", "CodeSize": 140},
            {"Version": "10", "CodeSize": 141, "Description": "ten"},
        ]});
        assert_answers(&document, &[
            ("Versions[0].Version || `0`", r#""$LATEST""#),
            ("Versions[?Version!=`$LATEST`].Version", r#"["9","10"]"#),
            ("Versions[?Version!='$LATEST'].Version", r#"["9","10"]"#),
            ("Versions[-1].Version", r#""10""#),
            ("Versions[-2].[Version,CodeSize]", r#"["9",140]"#),
            ("max_by(Versions[?Version!=`$LATEST`], &to_number(Version)).Version", r#""10""#),
            ("max_by(Versions, &to_number(Version))", r#"In function max_by(), invalid type for value: None, expected one of: ['number', 'string'], received: "null""#),
            ("Versions[].{v:Version,d:Description}", r#"[{"v":"$LATEST","d":""},{"v":"9","d":null},{"v":"10","d":"ten"}]"#),
            ("Versions[].[Version,CodeSize,Nope]", r#"[["$LATEST",137,null],["9",140,null],["10",141,null]]"#),
            ("length(Versions)", "3"),
            ("length(Versions[0].CodeSize)", r#"In function length(), invalid type for value: 137, expected one of: ['string', 'array', 'object'], received: "number""#),
            ("foo(@)", "Unknown function: foo()"),
            ("sort_by(Versions, &CodeSize)[-1].Version", r#""10""#),
            ("reverse(sort_by(Versions[1:], &to_number(Version)))[*].Version", r#"["10","9"]"#),
            ("Versions[?Description=='ten'] | [0].Version", r#""10""#),
            ("Versions[?starts_with(Version, '1')].Version", r#"["10"]"#),
            ("sum(Versions[].CodeSize)", "418"),
            ("keys(Versions[1])", r#"["Version","CodeSize"]"#),
            ("to_string(Versions[1])", r#""{\"Version\":\"9\",\"CodeSize\":140}""#),
            ("{V:Version,A:Alias}", r#"{"V":null,"A":null}"#),
            ("Versions[0].CodeSize==`137`", "true"),
            ("Nope", "null"),
            ("`{}`", "{}"),
            ("Versions[?to_number(Version) > `9`].Version", r#"["10"]"#),
        ]);
    }

    const LEAVES: [&str; 16] = [
        "a",
        "b",
        "\"a b\"",
        "@",
        "*",
        "[*]",
        "[]",
        "[0]",
        "[-2:]",
        "[::-1]",
        "`1`",
        "`$LATEST`",
        "'a'",
        "`[1,2]`",
        "`null`",
        "`{\"a\":[{\"b\":1.5}]}`",
    ];

    const CALLS: [&str; 11] = [
        "length",
        "keys",
        "sort",
        "sum",
        "max",
        "reverse",
        "to_string",
        "to_number",
        "to_array",
        "merge",
        "not_null",
    ];

    /// A strategy for expressions that compile, as lists of tokens.
    fn tokens() -> impl Strategy<Value = Vec<&'static str>> {
        let leaf = prop::sample::select(&LEAVES).prop_map(|leaf| vec![leaf]);
        leaf.prop_recursive(5, 40, 3, |inner| {
            let two = (inner.clone(), inner.clone());
            prop_oneof![
                (
                    inner.clone(),
                    prop::sample::select(&[".a", ".*", "[1]", "[*]", "[]", "[:2]"][..])
                )
                    .prop_map(|(left, step)| [vec!["("], left, vec![")", step]].concat()),
                (
                    two.clone(),
                    prop::sample::select(&["|", "||", "&&", "==", "!=", "<", ">="][..])
                )
                    .prop_map(|((left, right), operator)| [
                        left,
                        vec![operator],
                        right
                    ]
                    .concat()),
                two.clone().prop_map(|(left, right)| {
                    [vec!["("], left, vec![")", "[?"], right, vec!["]"]].concat()
                }),
                two.clone()
                    .prop_map(|(a, b)| [vec!["[", "("], a, vec![")", ","], b, vec!["]"]].concat()),
                two.clone().prop_map(|(a, b)| {
                    [vec!["{", "b", ":"], a, vec![",", "a", ":"], b, vec!["}"]].concat()
                }),
                inner
                    .clone()
                    .prop_map(|operand| [vec!["!", "("], operand, vec![")"]].concat()),
                (prop::sample::select(&CALLS), inner).prop_map(|(name, argument)| [
                    vec![name, "("],
                    argument,
                    vec![")"]
                ]
                .concat()),
                (
                    prop::sample::select(&["sort_by", "max_by", "min_by"][..]),
                    two
                )
                    .prop_map(|(name, (a, b))| {
                        [vec![name, "("], a, vec![",", "&"], b, vec![")"]].concat()
                    }),
            ]
        })
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 30, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec(("[ab]|a b", inner), 0..4)
                    .prop_map(|pairs| pairs.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_text_compiles_or_is_refused(expression in ".*", document in document()) {
            if let Ok(query) = Query::compile(&expression) {
                let _ = query.search(&document);
            }
        }

        #[test]
        fn any_line_of_tokens_compiles_or_is_refused(
            expression in r#"([a-z@*.,:(){}'"`|&!=<>\\é -]|\[[\]?0*:]?|[-0-9]\]?){0,24}"#,
            document in document(),
        ) {
            if let Ok(query) = Query::compile(&expression) {
                let _ = query.search(&document);
            }
        }

        #[test]
        fn white_space_and_parentheses_change_nothing(tokens in tokens(), document in document()) {
            let text = tokens.concat();
            let query = Query::compile(&text);
            prop_assert!(query.is_ok(), "{text}: {query:?}");
            prop_assert_eq!(&query, &Query::compile(&tokens.join(" \n\t")));
            prop_assert_eq!(&query, &Query::compile(&format!("(({text}))")));
            if let Ok(query) = query {
                let answer = query.search(&document);
                let piped = Query::compile(&format!("@ | {text}"));
                prop_assert_eq!(Ok(answer), piped.map(|query| query.search(&document)));
            }
        }
    }
}
