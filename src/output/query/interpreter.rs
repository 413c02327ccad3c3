//! Evaluation of a tree on a document. Selected values are borrowed from the document until the end, so they are not
//! copied.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::ast::{Comparator, Node};
use super::error::RunError;
use super::functions::{self, Argument};
use super::python;

/// The result of a node: part of the document or of the expression, or a new value.
pub(super) type Answer<'v> = Result<Cow<'v, Value>, RunError>;

/// Evaluates `node` on `value`.
pub(super) fn visit<'v>(node: &'v Node, value: &'v Value) -> Answer<'v> {
    match node {
        Node::Field(name) => Ok(borrowed(value.get(name.as_str()))),
        Node::Literal(literal) => Ok(Cow::Borrowed(literal)),
        Node::Chain { steps, .. } => chain(steps, value),
        Node::Index(index) => Ok(borrowed(
            value
                .as_array()
                .and_then(|list| list.get(position(*index, list.len())?)),
        )),
        Node::Slice(start, stop, step) => match value {
            Value::Array(list) => slice(list, *start, *stop, *step).map(made),
            _ => Ok(Cow::Owned(Value::Null)),
        },
        Node::Each(each) => project(value.as_array(), each),
        Node::EachValue(each) => project(value.as_object().map(Map::values), each),
        Node::Flatten(each) => project(
            value.as_array().map(|list| list.iter().flat_map(elements)),
            each,
        ),
        Node::Filter { condition, each } => filter(value, condition, each),
        Node::Or(operands) => decide(operands, value, is_false),
        Node::And(operands) => decide(operands, value, |value| !is_false(value)),
        Node::Not(operand) => Ok(made(is_false(&*visit(operand, value)?))),
        Node::Compare(first, rest) => {
            let mut left = visit(first, value)?;
            for (comparator, right) in rest {
                left = Cow::Owned(compare(*comparator, &left, &*visit(right, value)?)?);
            }
            Ok(left)
        }
        Node::List(_) | Node::Hash(_) if value.is_null() => Ok(Cow::Owned(Value::Null)),
        Node::List(nodes) => {
            let elements = nodes
                .iter()
                .map(|node| Ok(visit(node, value)?.into_owned()));
            elements.collect::<Result<Value, _>>().map(Cow::Owned)
        }
        Node::Hash(pairs) => {
            let mut members = Map::new();
            for (key, node) in pairs {
                members.insert(key.clone(), visit(node, value)?.into_owned());
            }
            Ok(made(members))
        }
        Node::Call(name, nodes) => {
            let arguments = nodes.iter().map(|node| match node {
                Node::Reference(expression) => Ok(Argument::Expression(expression)),
                node => visit(node, value).map(Argument::Value),
            });
            functions::call(name, arguments.collect::<Result<_, _>>()?)
        }
        // In Python, the expression is passed on as a value until the result is printed.
        Node::Reference(_) => Err(RunError::expression_as_value()),
    }
}

fn borrowed(value: Option<&Value>) -> Cow<'_, Value> {
    value.map_or(Cow::Owned(Value::Null), Cow::Borrowed)
}

/// A new value that borrows from nothing.
pub(super) fn made<'v>(value: impl Into<Value>) -> Cow<'v, Value> {
    Cow::Owned(value.into())
}

fn chain<'v>(steps: &'v [Node], value: &'v Value) -> Answer<'v> {
    let mut current = Cow::Borrowed(value);
    for step in steps {
        current = match current {
            Cow::Borrowed(value) => visit(step, value)?,
            Cow::Owned(value) => Cow::Owned(visit(step, &value)?.into_owned()),
        };
    }
    Ok(current)
}

/// The elements of a list, or the value itself.
fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        other => std::slice::from_ref(other),
    }
}

/// The results of `each` for all values, without nulls; null if there are no values to project.
fn project<'v>(values: Option<impl IntoIterator<Item = &'v Value>>, each: &'v Node) -> Answer<'v> {
    let Some(values) = values else {
        return Ok(Cow::Owned(Value::Null));
    };
    let mut collected = Vec::new();
    for value in values {
        let answer = visit(each, value)?;
        if !answer.is_null() {
            collected.push(answer.into_owned());
        }
    }
    Ok(made(collected))
}

fn filter<'v>(value: &'v Value, condition: &'v Node, each: &'v Node) -> Answer<'v> {
    let Value::Array(list) = value else {
        return Ok(Cow::Owned(Value::Null));
    };
    let mut collected = Vec::new();
    for element in list {
        if !is_false(&*visit(condition, element)?) {
            let answer = visit(each, element)?;
            if !answer.is_null() {
                collected.push(answer.into_owned());
            }
        }
    }
    Ok(made(collected))
}

/// The value of the first operand for which `more` is false, or else the value of the last operand. Later operands are
/// not evaluated.
fn decide<'v>(operands: &'v [Node], value: &'v Value, more: fn(&Value) -> bool) -> Answer<'v> {
    let mut answer = Cow::Owned(Value::Null);
    for operand in operands {
        answer = visit(operand, value)?;
        if !more(&answer) {
            break;
        }
    }
    Ok(answer)
}

/// Returns true for empty values, null and false; 0 is true.
fn is_false(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn compare(comparator: Comparator, left: &Value, right: &Value) -> Result<Value, RunError> {
    let (operator, holds): (_, fn(Ordering) -> bool) = match comparator {
        Comparator::Eq => return Ok(equal(left, right).into()),
        Comparator::Ne => return Ok((!equal(left, right)).into()),
        Comparator::Lt => ("<", Ordering::is_lt),
        Comparator::Lte => ("<=", Ordering::is_le),
        Comparator::Gt => (">", Ordering::is_gt),
        Comparator::Gte => (">=", Ordering::is_ge),
    };
    let comparable = |value: &Value| value.is_number() || value.is_string();
    match python::order(left, right) {
        Some(order) => Ok(holds(order).into()),
        None if comparable(left) && comparable(right) => {
            Err(RunError::unordered(operator, left, right))
        }
        None => Ok(Value::Null),
    }
}

/// Python's `==`, except that a boolean does not equal a number. Inside lists and objects, `true` equals 1 as in
/// Python.
fn equal(left: &Value, right: &Value) -> bool {
    left.is_boolean() == right.is_boolean() && python::equal(left, right)
}

/// The position in a list that an index refers to, if it is inside the list.
fn position(index: i64, length: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

/// Python's `list[start:stop:step]`.
fn slice(
    list: &[Value],
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Result<Vec<Value>, RunError> {
    let step = i128::from(step.unwrap_or(1));
    if step == 0 {
        return Err(RunError::zero_step());
    }
    let length = list.len() as i128;
    // If the step is positive, a bound may be one position after the last element. If it is negative, a bound may be
    // one position before the first element.
    let (least, most) = if step > 0 {
        (0, length)
    } else {
        (-1, length - 1)
    };
    let bound = |given: Option<i64>, otherwise: i128| match given.map(i128::from) {
        None => otherwise,
        Some(bound) if bound < 0 => (bound + length).max(least),
        Some(bound) => bound.min(most),
    };
    let (first, last) = if step > 0 {
        (least, most)
    } else {
        (most, least)
    };
    let (mut at, stop) = (bound(start, first), bound(stop, last));
    let mut selected = Vec::new();
    while if step > 0 { at < stop } else { at > stop } {
        selected.extend(
            usize::try_from(at)
                .ok()
                .and_then(|at| list.get(at))
                .cloned(),
        );
        at += step;
    }
    Ok(selected)
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
            ("n[::0]", "slice step cannot be zero"),
            ("n[::-1]", "[2.5,1,3]"),
            ("n[5:-9:-2]", "[2.5,3]"),
            ("n[-2:]", "[1,2.5]"),
            ("n[-1]", "2.5"),
            ("n[7]", "null"),
            ("s[0]", "null"),
            ("[[1]]", "[null]"),
            ("`[[[1,2]]]`[0][0:1][0]", "[1,2]"),
            ("`[[1,2]]`[0:1][0]", "[1]"),
            ("o.*", "[1,[1,2]]"),
            ("n.*", "null"),
            ("o[*]", "null"),
            ("n[]", "[3,1,2.5]"),
            ("[n,t][]", r#"[3,1,2.5,"b","é","a","Z"]"#),
            ("n[?@>`1`]", "[3,2.5]"),
            ("!i", "false"),
            ("!`0`", "false"),
            ("!nul", "true"),
            ("nul || i", "4"),
            ("i && s", r#""né😀""#),
            ("`1`==`true`", "false"),
            ("`1`==`1.0`", "true"),
            ("`[1]`==`[true]`", "true"),
            (r#"`{"a":1,"b":2}`==`{"b":2,"a":1}`"#, "true"),
            ("s<i", "'<' not supported between instances of 'str' and 'int'"),
            ("i>=s", "'>=' not supported between instances of 'int' and 'str'"),
            ("`1.5`<=s", "'<=' not supported between instances of 'float' and 'str'"),
            ("yes<i", "null"),
            ("`9007199254740993`==`9007199254740992.0`", "false"),
            ("`9007199254740993`>`9007199254740992.0`", "true"),
            ("nul.[i]", "null"),
            ("nul.{a:i}", "null"),
            ("{b:i,a:i,b:s}", r#"{"b":"né😀","a":4}"#),
            ("i == i == `true`", "true"),
            ("[&i]", "Encountered unrecognized type in JSON encoder."),
        ]);
    }
}
