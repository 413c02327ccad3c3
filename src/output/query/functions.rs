//! The functions of JMESPath, each with the types that it takes. For unusual arguments, the results are the same as in
//! Python.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::ast::Node;
use super::error::RunError;
use super::interpreter::{Answer, made, visit};
use super::python::{self, Number};
use crate::output::json::compact_tight;

/// One argument of a call.
#[derive(Debug)]
pub(super) enum Argument<'v> {
    /// The value of an expression.
    Value(Cow<'v, Value>),
    /// `&expression`, which the function itself evaluates.
    Expression(&'v Node),
}

/// The types that a parameter takes; an empty list allows any type. `array-number` is an array of numbers. If an array
/// may hold one of several types, the type of its first element decides.
type Types = &'static [&'static str];

struct Function {
    name: &'static str,
    parameters: &'static [Types],
    /// True if the last parameter may be given more than once; only the first argument for it is checked.
    variadic: bool,
    body: for<'v> fn(Arguments<'v>) -> Answer<'v>,
}

impl Function {
    const fn new(
        name: &'static str,
        parameters: &'static [Types],
        body: for<'v> fn(Arguments<'v>) -> Answer<'v>,
    ) -> Self {
        Self {
            name,
            parameters,
            variadic: false,
            body,
        }
    }

    const fn variadic(mut self) -> Self {
        self.variadic = true;
        self
    }

    fn check_count(&self, received: usize) -> Result<(), RunError> {
        let expected = self.parameters.len();
        if received == expected || self.variadic && received > expected {
            Ok(())
        } else {
            Err(RunError::arity(
                self.name,
                expected,
                self.variadic,
                received,
            ))
        }
    }

    fn check_type(&self, types: Types, argument: &Argument<'_>) -> Result<(), RunError> {
        let whole = |t: &&'static str| t.split('-').next();
        let parts: Vec<&str> = types
            .iter()
            .filter_map(|t| Some(t.split_once('-')?.1))
            .collect();
        let received = argument.type_name();
        if !types.is_empty() && !types.iter().any(|t| whole(t) == Some(received)) {
            let shown = argument.shown();
            return Err(RunError::wrong_type(self.name, &shown, types, received));
        }
        let Some(elements) = argument.value().as_array() else {
            return Ok(());
        };
        let Some(first) = elements.first().filter(|_| !parts.is_empty()) else {
            return Ok(());
        };
        for element in elements {
            let kind = type_name(element);
            if !parts.contains(&kind) || kind != type_name(first) {
                let received = python::type_name(element);
                return Err(RunError::wrong_type(
                    self.name,
                    &python::str(element),
                    types,
                    received,
                ));
            }
        }
        Ok(())
    }
}

const ANY: Types = &[];
const ARRAY: Types = &["array"];
const EXPREF: Types = &["expref"];
const NUMBER: Types = &["number"];
const NUMBERS: Types = &["array-number"];
const NUMBERS_OR_STRINGS: Types = &["array-number", "array-string"];
const OBJECT: Types = &["object"];
const STRING: Types = &["string"];

const FUNCTIONS: &[Function] = &[
    Function::new("abs", &[NUMBER], |arguments| {
        Ok(made(match arguments.number(0) {
            Number::Int(whole) => Number::Int(whole.abs()).json(),
            Number::Float(float) => Number::Float(float.abs()).json(),
        }))
    }),
    Function::new("avg", &[NUMBERS], |arguments| {
        let numbers = arguments.array(0);
        Ok(made(match numbers.len() {
            0 => Value::Null,
            count => Number::Float(sum(numbers).float() / count as f64).json(),
        }))
    }),
    Function::new("ceil", &[NUMBER], |arguments| {
        Ok(made(rounded(arguments.number(0), f64::ceil)))
    }),
    Function::new("contains", &[&["array", "string"], ANY], contains),
    Function::new("ends_with", &[STRING, STRING], |arguments| {
        Ok(made(arguments.text(0).ends_with(arguments.text(1))))
    }),
    Function::new("floor", &[NUMBER], |arguments| {
        Ok(made(rounded(arguments.number(0), f64::floor)))
    }),
    Function::new("join", &[STRING, &["array-string"]], |arguments| {
        let texts: Vec<&str> = arguments
            .array(1)
            .iter()
            .filter_map(Value::as_str)
            .collect();
        Ok(made(texts.join(arguments.text(0))))
    }),
    Function::new("keys", &[OBJECT], |arguments| {
        let members = arguments.value(0).as_object().into_iter();
        Ok(made(
            members.flat_map(Map::keys).cloned().collect::<Value>(),
        ))
    }),
    Function::new("length", &[&["string", "array", "object"]], |arguments| {
        Ok(made(match arguments.value(0) {
            Value::String(text) => text.chars().count(),
            Value::Object(members) => members.len(),
            value => value.as_array().map_or(0, Vec::len),
        }))
    }),
    Function::new("map", &[EXPREF, ARRAY], |arguments| {
        let answers = arguments.array(1).iter().map(|element| {
            let answer = arguments.evaluate(0, element)?;
            Ok(answer.into_owned())
        });
        answers.collect::<Result<Value, _>>().map(Cow::Owned)
    }),
    Function::new("max", &[NUMBERS_OR_STRINGS], |arguments| {
        extreme(arguments.array(0), Ordering::Greater, |element| {
            Ok(Cow::Borrowed(element))
        })
    }),
    Function::new("max_by", &[ARRAY, EXPREF], |arguments| {
        extreme(arguments.array(0), Ordering::Greater, |element| {
            key(&arguments, "max_by", &["number", "string"], element)
        })
    }),
    Function::new("merge", &[OBJECT], merge).variadic(),
    Function::new("min", &[NUMBERS_OR_STRINGS], |arguments| {
        extreme(arguments.array(0), Ordering::Less, |element| {
            Ok(Cow::Borrowed(element))
        })
    }),
    Function::new("min_by", &[ARRAY, EXPREF], |arguments| {
        extreme(arguments.array(0), Ordering::Less, |element| {
            key(&arguments, "min_by", &["number", "string"], element)
        })
    }),
    Function::new("not_null", &[ANY], |arguments| {
        for argument in arguments.0 {
            match argument {
                Argument::Value(value) if value.is_null() => {}
                Argument::Value(value) => return Ok(value),
                Argument::Expression(_) => return Err(RunError::expression_as_value()),
            }
        }
        Ok(made(Value::Null))
    })
    .variadic(),
    Function::new("reverse", &[&["array", "string"]], |arguments| {
        Ok(made(match arguments.value(0) {
            Value::String(text) => text.chars().rev().collect::<String>().into(),
            _ => arguments.array(0).iter().rev().cloned().collect::<Value>(),
        }))
    }),
    Function::new("sort", &[&["array-string", "array-number"]], |arguments| {
        let mut elements = arguments.array(0).to_vec();
        elements.sort_by(|a, b| python::order(a, b).unwrap_or(Ordering::Equal));
        Ok(made(elements))
    }),
    Function::new("sort_by", &[ARRAY, EXPREF], sort_by),
    Function::new("starts_with", &[STRING, STRING], |arguments| {
        Ok(made(arguments.text(0).starts_with(arguments.text(1))))
    }),
    Function::new("sum", &[NUMBERS], |arguments| {
        Ok(made(sum(arguments.array(0)).json()))
    }),
    Function::new("to_array", &[ANY], |mut arguments| {
        let value = arguments.take(0)?;
        Ok(if value.is_array() {
            value
        } else {
            made(vec![value.into_owned()])
        })
    }),
    Function::new("to_number", &[ANY], to_number),
    Function::new("to_string", &[ANY], |mut arguments| {
        let value = arguments.take(0)?;
        Ok(if value.is_string() {
            value
        } else {
            made(compact_tight(&value))
        })
    }),
    Function::new("type", &[ANY], |arguments| {
        Ok(made(match arguments.is_expression(0) {
            false => type_name(arguments.value(0)).into(),
            true => Value::Null,
        }))
    }),
    Function::new("values", &[OBJECT], |arguments| {
        let members = arguments.value(0).as_object().into_iter();
        Ok(made(
            members.flat_map(Map::values).cloned().collect::<Value>(),
        ))
    }),
];

/// Calls a function by name.
pub(super) fn call<'v>(name: &str, arguments: Vec<Argument<'v>>) -> Answer<'v> {
    let function = FUNCTIONS.iter().find(|function| function.name == name);
    let function = function.ok_or_else(|| RunError::unknown_function(name))?;
    function.check_count(arguments.len())?;
    for (types, argument) in function.parameters.iter().zip(&arguments) {
        function.check_type(types, argument)?;
    }
    (function.body)(Arguments(arguments))
}

/// Arguments whose types were checked. If an accessor does not fit the type of an argument, it returns an empty value.
struct Arguments<'v>(Vec<Argument<'v>>);

impl<'v> Arguments<'v> {
    fn value(&self, index: usize) -> &Value {
        self.0.get(index).map_or(NULL, Argument::value)
    }

    fn number(&self, index: usize) -> Number {
        Number::of(self.value(index)).unwrap_or(Number::Int(0))
    }

    fn text(&self, index: usize) -> &str {
        self.value(index).as_str().unwrap_or_default()
    }

    fn array(&self, index: usize) -> &[Value] {
        self.value(index).as_array().map_or(&[], Vec::as_slice)
    }

    fn is_expression(&self, index: usize) -> bool {
        matches!(self.0.get(index), Some(Argument::Expression(_)))
    }

    /// Takes the argument out of the list, to use it as the result or as part of the result.
    fn take(&mut self, index: usize) -> Answer<'v> {
        match self.0.get_mut(index) {
            Some(Argument::Value(value)) => Ok(std::mem::take(value)),
            _ => Err(RunError::expression_as_value()),
        }
    }

    fn evaluate<'e>(&'e self, index: usize, element: &'e Value) -> Answer<'e> {
        match self.0.get(index) {
            Some(Argument::Expression(node)) => visit(node, element),
            _ => Ok(Cow::Borrowed(NULL)),
        }
    }
}

const NULL: &Value = &Value::Null;

impl Argument<'_> {
    fn value(&self) -> &Value {
        match self {
            Self::Value(value) => value,
            Self::Expression(_) => NULL,
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Value(value) => type_name(value),
            Self::Expression(_) => "expref",
        }
    }

    /// The text by which errors show the argument. For an expression, Python also prints the address of the object.
    fn shown(&self) -> String {
        match self {
            Self::Value(value) => python::str(value),
            Self::Expression(_) => "<jmespath.visitor._Expression object>".to_owned(),
        }
    }
}

/// JMESPath's name of a value's type.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        // Infinity counts as a number, as in Python.
        Value::Object(_) if python::type_name(value) == "float" => "number",
        Value::Object(_) => "object",
    }
}

/// The sum of the numbers. It is an int as long as all numbers are ints.
fn sum(numbers: &[Value]) -> Number {
    let numbers = numbers.iter().filter_map(Number::of);
    numbers.fold(Number::Int(0), |sum, number| match (sum, number) {
        (Number::Int(a), Number::Int(b)) => Number::Int(a.saturating_add(b)),
        (a, b) => Number::Float(a.float() + b.float()),
    })
}

/// A rounded number. It is an integer, unless it is so large that JSON holds it as a float.
fn rounded(number: Number, round: fn(f64) -> f64) -> Value {
    match number {
        Number::Float(float) if float.abs() < 1e30 => Number::Int(round(float) as i128).json(),
        number => number.json(),
    }
}

fn contains(arguments: Arguments<'_>) -> Answer<'_> {
    let (subject, search) = (arguments.value(0), arguments.value(1));
    let Value::String(text) = subject else {
        let mut elements = arguments.array(0).iter();
        let found = elements.any(|element| python::equal(element, search));
        return Ok(made(found && !arguments.is_expression(1)));
    };
    match search {
        Value::String(search) => Ok(made(text.contains(search.as_str()))),
        _ if arguments.is_expression(1) => Err(RunError::not_text("_Expression")),
        _ => Err(RunError::not_text(python::type_name(search))),
    }
}

/// The first element among those with the greatest or the smallest key.
fn extreme<'e>(
    elements: &'e [Value],
    wanted: Ordering,
    key: impl Fn(&'e Value) -> Answer<'e>,
) -> Answer<'static> {
    let operator = if wanted.is_gt() { ">" } else { "<" };
    let mut best: Option<(Cow<'e, Value>, &Value)> = None;
    for element in elements {
        let key = key(element)?;
        let better = match &best {
            None => true,
            Some((least, _)) => {
                let order = python::order(&key, least);
                order.ok_or_else(|| RunError::unordered(operator, &key, least))? == wanted
            }
        };
        if better {
            best = Some((key, element));
        }
    }
    Ok(made(
        best.map_or(Value::Null, |(_, element)| element.clone()),
    ))
}

/// The key of an element: the value of the expression in the second argument. The key must have one of these types.
fn key<'e>(
    arguments: &'e Arguments<'_>,
    function: &str,
    allowed: &[&str],
    element: &'e Value,
) -> Answer<'e> {
    let key = arguments.evaluate(1, element)?;
    let received = type_name(&key);
    if allowed.contains(&received) {
        Ok(key)
    } else {
        Err(RunError::wrong_type(
            function,
            &python::str(&key),
            allowed,
            received,
        ))
    }
}

fn sort_by(mut arguments: Arguments<'_>) -> Answer<'_> {
    let elements = arguments.array(0);
    let Some(first) = elements.first() else {
        return arguments.take(0);
    };
    let required = type_name(&*arguments.evaluate(1, first)?);
    if !["number", "string"].contains(&required) {
        // This error shows the element, not its key.
        let (shown, types) = (python::str(first), ["string", "number"]);
        return Err(RunError::wrong_type("sort_by", &shown, &types, required));
    }
    let mut keyed = Vec::with_capacity(elements.len());
    for element in elements {
        keyed.push((key(&arguments, "sort_by", &[required], element)?, element));
    }
    keyed.sort_by(|(a, _), (b, _)| python::order(a, b).unwrap_or(Ordering::Equal));
    Ok(made(
        keyed
            .into_iter()
            .map(|(_, element)| element.clone())
            .collect::<Value>(),
    ))
}

/// Python's `dict.update` with one argument after another. All arguments but the first may be anything that Python
/// accepts as pairs.
fn merge(arguments: Arguments<'_>) -> Answer<'_> {
    let mut merged = Map::new();
    for argument in arguments.0 {
        let Argument::Value(value) = argument else {
            return Err(RunError::not_iterable("_Expression"));
        };
        match value.into_owned() {
            Value::Object(members) => merged.extend(members),
            Value::Array(pairs) => {
                for (index, pair) in pairs.into_iter().enumerate() {
                    let (key, value) = pair_of(index, pair)?;
                    merged.insert(key, value);
                }
            }
            Value::String(text) if text.is_empty() => {}
            Value::String(_) => return Err(RunError::not_a_pair(0, 1)),
            value => return Err(RunError::not_iterable(python::type_name(&value))),
        }
    }
    Ok(made(merged))
}

/// Makes a pair of the two elements of a list, the two characters of a text or the two keys of an object.
fn pair_of(index: usize, value: Value) -> Result<(String, Value), RunError> {
    let sequence: Vec<Value> = match value {
        Value::Array(elements) => elements,
        Value::String(text) => text.chars().map(|c| c.to_string().into()).collect(),
        Value::Object(members) => members.into_iter().map(|(key, _)| key.into()).collect(),
        _ => return Err(RunError::not_a_sequence(index)),
    };
    let length = sequence.len();
    match <[Value; 2]>::try_from(sequence) {
        Ok([key @ (Value::Array(_) | Value::Object(_)), _]) => Err(RunError::unhashable(&key)),
        Ok([Value::String(key), value]) => Ok((key, value)),
        // The keys of JSON objects are text.
        Ok([key, value]) => Ok((compact_tight(&key), value)),
        Err(_) => Err(RunError::not_a_pair(index, length)),
    }
}

fn to_number(mut arguments: Arguments<'_>) -> Answer<'_> {
    if arguments.is_expression(0) {
        return Err(RunError::no_number());
    }
    let value = arguments.take(0)?;
    Ok(match &*value {
        Value::Number(_) => value,
        Value::String(text) => made(python::number(text).map_or(Value::Null, Number::json)),
        _ => made(Value::Null),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::output::query::tests::assert_answers;

    #[test]
    #[rustfmt::skip]
    fn answers_as_jmespath_py_does() {
        let document = json!({
            "n": [3, 1, 2.5], "t": ["b", "é", "a", "Z"], "s": "né😀", "o": {"z": 1, "a": [1, 2]},
            "i": 4, "nul": null, "yes": true,
        });
        assert_answers(&document, &[
            ("abs(`-1`)", "1"),
            ("abs(`-1.5`)", "1.5"),
            ("avg(n)", "2.1666666666666665"),
            ("avg(`[2]`)", "2.0"),
            ("avg(`[]`)", "null"),
            ("ceil(`1.2`)", "2"),
            ("floor(`-0.5`)", "-1"),
            ("contains(n,`3.0`)", "true"),
            ("contains(`[1]`,`true`)", "true"),
            ("contains(s,'é')", "true"),
            ("contains(s,i)", "'in <string>' requires string as left operand, not int"),
            ("contains(s,&i)", "'in <string>' requires string as left operand, not _Expression"),
            ("contains(nul,i)", r#"In function contains(), invalid type for value: None, expected one of: ['array', 'string'], received: "null""#),
            ("ends_with(s,'😀')", "true"),
            ("join(', ',t)", r#""b, é, a, Z""#),
            ("join(i,t)", r#"In function join(), invalid type for value: 4, expected one of: ['string'], received: "number""#),
            ("join('',n)", r#"In function join(), invalid type for value: 3, expected one of: ['array-string'], received: "int""#),
            ("keys(o)", r#"["z","a"]"#),
            ("length(s)", "3"),
            ("length(o)", "2"),
            ("map(&@.z,[o,nul])", "[1,null]"),
            ("max(n)", "3"),
            ("max(t)", r#""é""#),
            ("max(`[1,1.0]`)", "1"),
            (r#"max(`[1,"a"]`)"#, r#"In function max(), invalid type for value: a, expected one of: ['array-number', 'array-string'], received: "str""#),
            ("max(`[null]`)", r#"In function max(), invalid type for value: None, expected one of: ['array-number', 'array-string'], received: "NoneType""#),
            ("max_by([o],&z).a", "[1,2]"),
            ("max_by([o],&nul)", r#"In function max_by(), invalid type for value: None, expected one of: ['number', 'string'], received: "null""#),
            (r#"max_by(`[{"a":1},{"a":"x"}]`,&a)"#, "'>' not supported between instances of 'str' and 'int'"),
            (r#"min_by(`[{"a":1},{"a":"x"}]`,&a)"#, "'<' not supported between instances of 'str' and 'int'"),
            ("max_by(n,n)", r#"In function max_by(), invalid type for value: [3, 1, 2.5], expected one of: ['expref'], received: "array""#),
            (r#"merge(o,`{"a":0,"b":1}`)"#, r#"{"z":1,"a":0,"b":1}"#),
            ("merge(o,nul)", "'NoneType' object is not iterable"),
            ("merge(o,s)", "dictionary update sequence element #0 has length 1; 2 is required"),
            (r#"merge(o,`[["k",1],"ab"]`)"#, r#"{"z":1,"a":"b","k":1}"#),
            ("merge(o,n)", "cannot convert dictionary update sequence element #0 to a sequence"),
            ("merge()", "Expected at least 1 argument for function merge(), received 0"),
            ("min(n)", "1"),
            ("min(`[]`)", "null"),
            ("not_null(nul,i)", "4"),
            ("not_null()", "Expected at least 1 argument for function not_null(), received 0"),
            ("reverse(s)", r#""😀én""#),
            ("reverse(n)", "[2.5,1,3]"),
            ("sort(t)", r#"["Z","a","b","é"]"#),
            ("sort(n)", "[1,2.5,3]"),
            ("sort(`[true]`)", r#"In function sort(), invalid type for value: True, expected one of: ['array-string', 'array-number'], received: "bool""#),
            ("sort_by([o],&a)", r#"In function sort_by(), invalid type for value: {'z': 1, 'a': [1, 2]}, expected one of: ['string', 'number'], received: "array""#),
            (r#"sort_by(`[{"a":1},{"a":"x"}]`,&a)"#, r#"In function sort_by(), invalid type for value: x, expected one of: ['number'], received: "string""#),
            (r#"sort_by(`[{"a":2,"b":1},{"a":1.5},{"a":2}]`,&a)"#, r#"[{"a":1.5},{"a":2,"b":1},{"a":2}]"#),
            ("starts_with(s,'n')", "true"),
            ("sum(`[1,2]`)", "3"),
            ("sum(n)", "6.5"),
            ("sum(`[]`)", "0"),
            ("sum(`[18446744073709551615,-1]`)", "18446744073709551614"),
            ("to_array(i)", "[4]"),
            ("to_array(n)", "[3,1,2.5]"),
            ("to_number('7')", "7"),
            ("to_number(' -1_0 ')", "-10"),
            ("to_number('1.50')", "1.5"),
            ("to_number('٣')", "3"),
            ("to_number('１२.５')", "12.5"),
            ("to_number('1__0')", "null"),
            ("to_number('x')", "null"),
            ("to_number(yes)", "null"),
            ("to_number(&i)", "int() argument must be a string, a bytes-like object or a real number, not '_Expression'"),
            ("to_string(@)", r#""{\"n\":[3,1,2.5],\"t\":[\"b\",\"\\u00e9\",\"a\",\"Z\"],\"s\":\"n\\u00e9\\ud83d\\ude00\",\"o\":{\"z\":1,\"a\":[1,2]},\"i\":4,\"nul\":null,\"yes\":true}""#),
            ("to_string(s)", r#""né😀""#),
            ("type(nul)", r#""null""#),
            ("type(&i)", "null"),
            ("values(o)", "[1,[1,2]]"),
            ("abs()", "Expected 1 argument for function abs(), received 0"),
            ("abs(i,i)", "Expected 1 argument for function abs(), received 2"),
            ("abs(s)", r#"In function abs(), invalid type for value: né😀, expected one of: ['number'], received: "string""#),
            ("nope(length(i))", r#"In function length(), invalid type for value: 4, expected one of: ['string', 'array', 'object'], received: "number""#),
            (r#"abs(`"it's"`)"#, r#"In function abs(), invalid type for value: it's, expected one of: ['number'], received: "string""#),
            (r#"abs(`["it's","\u0001\n\u200b\u00e9\\",null,1e16,1e-5,0.0001]`)"#, r#"In function abs(), invalid type for value: ["it's", '\x01\n\u200bé\\', None, 1e+16, 1e-05, 0.0001], expected one of: ['number'], received: "array""#),
        ]);
    }
}
