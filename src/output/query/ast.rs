//! The syntax tree of an expression: each node turns one value into another.
//!
//! jmespath.py nests everything to the left (`a.b | c` is a pipe of a subexpression …). In this tree, a series of steps
//! that pass a value from left to right is one flat [`Node::Chain`], and `||`, `&&` and the comparators hold all their
//! operands. The height of the tree therefore grows with the nesting of the expression and not with its length.

use serde_json::Value;

/// One node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// `name`: a member of an object.
    Field(String),
    /// A backtick or raw string literal.
    Literal(Value),
    /// `.`, `|` and brackets: each step takes the result of the step before it. A chain without steps is `@`.
    Chain {
        /// The steps from left to right.
        steps: Vec<Self>,
        /// True if the chain ends with `[n]`. If a slice directly follows, it does not project, unlike any other slice.
        indexed: bool,
    },
    /// `[n]`, counted from the end if negative.
    Index(i64),
    /// `[start:stop:step]`.
    Slice(Option<i64>, Option<i64>, Option<i64>),
    /// `[*]`, and the steps after it, which are applied to each element.
    Each(Box<Self>),
    /// `*`, and the steps after it, which are applied to each value of an object.
    EachValue(Box<Self>),
    /// `[]`, and the steps after it, which are applied to each element of the flattened list.
    Flatten(Box<Self>),
    /// `[?condition]`, and the steps after it.
    Filter {
        /// The condition that each element must meet.
        condition: Box<Self>,
        /// The steps that are applied to each element that meets the condition.
        each: Box<Self>,
    },
    /// `||`: the first operand that is true, or else the last operand.
    Or(Vec<Self>),
    /// `&&`: the first operand that is false, or else the last operand.
    And(Vec<Self>),
    /// `!`.
    Not(Box<Self>),
    /// `==` and the other comparators, from left to right: `a == b == c` compares the result of `a == b` with `c`.
    Compare(Box<Self>, Vec<(Comparator, Self)>),
    /// `[a, b]`.
    List(Vec<Self>),
    /// `{a: b}`.
    Hash(Vec<(String, Self)>),
    /// `name(a, b)`.
    Call(String, Vec<Self>),
    /// `&expression`.
    Reference(Box<Self>),
}

/// An operator that compares two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparator {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Lte,
    /// `>`
    Gt,
    /// `>=`
    Gte,
}

impl Node {
    /// `@`, the current value.
    pub(super) const CURRENT: Self = Self::Chain {
        steps: Vec::new(),
        indexed: false,
    };

    /// This node, followed by `next`.
    pub(super) fn then(self, next: Self) -> Self {
        let mut steps = match self {
            Self::Chain { steps, .. } => steps,
            first => vec![first],
        };
        steps.push(next);
        Self::Chain {
            steps,
            indexed: false,
        }
    }

    /// The members of the input value that the node reads first, each as a path of plain names.
    pub(super) fn members(&self) -> Vec<Vec<&str>> {
        match self {
            Self::Field(name) => vec![vec![name]],
            Self::Chain { steps, .. } => match steps.split_first() {
                Some((Self::Field(first), rest)) => {
                    let names = rest.iter().map_while(|step| match step {
                        Self::Field(name) => Some(name.as_str()),
                        _ => None,
                    });
                    vec![std::iter::once(first.as_str()).chain(names).collect()]
                }
                Some((first, _)) => first.members(),
                None => Vec::new(),
            },
            Self::Or(nodes) | Self::And(nodes) | Self::List(nodes) | Self::Call(_, nodes) => {
                nodes.iter().flat_map(Self::members).collect()
            }
            Self::Hash(pairs) => pairs.iter().flat_map(|(_, node)| node.members()).collect(),
            Self::Not(operand) => operand.members(),
            Self::Compare(first, rest) => {
                let others = rest.iter().flat_map(|(_, node)| node.members());
                first.members().into_iter().chain(others).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The number of levels that evaluation may recurse, and by which it may make a value deeper. The numbers of the
    /// steps of a chain are added, because each step may wrap its input, as in `[@] | [@] | [@]`. A node that only
    /// selects counts as 0.
    pub(super) fn depth(&self) -> usize {
        fn deepest<'n>(nodes: impl IntoIterator<Item = &'n Node>) -> usize {
            nodes.into_iter().map(Node::depth).max().unwrap_or(0)
        }
        match self {
            Self::Chain { steps, .. } => steps.iter().map(Self::depth).sum(),
            Self::Field(_) | Self::Literal(_) | Self::Index(_) | Self::Slice(..) => 0,
            Self::Each(each) | Self::EachValue(each) | Self::Flatten(each) => 1 + each.depth(),
            Self::Not(operand) | Self::Reference(operand) => 1 + operand.depth(),
            Self::Filter { condition, each } => 1 + condition.depth().max(each.depth()),
            Self::Or(nodes) | Self::And(nodes) | Self::List(nodes) | Self::Call(_, nodes) => {
                1 + deepest(nodes)
            }
            Self::Compare(first, rest) => {
                1 + first
                    .depth()
                    .max(deepest(rest.iter().map(|(_, node)| node)))
            }
            Self::Hash(pairs) => 1 + deepest(pairs.iter().map(|(_, node)| node)),
        }
    }
}
