//! Cuts a list into pages. The command asks for all of them, and an SDK asks for them one by one.

use serde_json::{Map, Value};

use super::{
    super::{catalogue::Token, template},
    Run,
};
use crate::operation::{
    Result,
    page::{behind, marker},
};

/// A page of a list.
pub(super) struct Page {
    items: Vec<Value>,
    /// The token of the next page; `None` on the last page.
    token: Option<String>,
    /// The first item of the next page.
    next: Option<Value>,
    /// The number of items that a page may have.
    size: usize,
}

impl Page {
    /// The places of templates that a page fills: `things` are its items, `more` is true if there is a next page, `next`
    /// is the first item there, and `size` is the number of items that fit on a page.
    pub(super) fn known(&mut self) -> Map<String, Value> {
        let items = std::mem::take(&mut self.items);
        let places: [(&str, Value); 4] = [
            ("things", items.into()),
            ("more", self.token.is_some().into()),
            ("next", self.next.take().unwrap_or_default()),
            ("size", self.size.to_string().into()),
        ];
        places
            .map(|(place, value)| (place.to_owned(), value))
            .into_iter()
            .collect()
    }
}

impl Run<'_> {
    /// Cuts a page out of items that come with their keys.
    ///
    /// # Errors
    /// A token that nobody gave out, and a number of items that a page cannot have.
    pub(super) fn page(&self, listed: Vec<(String, Value)>) -> Result<Page> {
        let call = &self.ready.call;
        let Some((from, limit, _)) = call.paging() else {
            return Ok(Page {
                size: listed.len(),
                items: listed.into_iter().map(|(_, item)| item).collect(),
                token: None,
                next: None,
            });
        };
        let size = self.size(limit)?;
        let from = self.request.get(from).and_then(Value::as_str);
        let start = match from.filter(|from| !from.is_empty()) {
            None => 0,
            Some(from) => {
                let place =
                    |is_it: &dyn Fn(&str) -> bool| listed.iter().position(|(key, _)| is_it(key));
                match call.token {
                    Token::Opaque => {
                        let last: Option<String> =
                            behind(Some(from)).map_err(|_| self.refusal(&self.ready.of.stray))?;
                        let last = last.unwrap_or_default();
                        place(&|key| *key > *last)
                    }
                    Token::Last => place(&|key| key > from),
                    Token::First => place(&|key| key == from).or_else(|| match call.starts {
                        Some(_) => Some(0),
                        None => place(&|key| key > from),
                    }),
                }
                .unwrap_or(listed.len())
            }
        };
        let mut rest = listed.into_iter().skip(start);
        let (keys, items): (Vec<String>, Vec<Value>) = rest.by_ref().take(size).unzip();
        let next = rest.next();
        let token = next.as_ref().map(|(next, _)| {
            let last = keys.last().map_or("", String::as_str);
            match call.token {
                Token::Opaque => marker(&last),
                Token::Last => last.to_owned(),
                Token::First => next.clone(),
            }
        });
        Ok(Page {
            items,
            token,
            next: next.map(|(_, item)| item),
            size,
        })
    }

    /// The number of items on a page.
    fn size(&self, limit: Option<&str>) -> Result<usize> {
        let [usual, most] = self.ready.call.page.unwrap_or([usize::MAX; 2]);
        let asked = limit.and_then(|limit| {
            Some((
                limit,
                match self.request.get(limit)? {
                    Value::String(text) => text.parse().ok()?,
                    number => number.as_i64()?,
                },
            ))
        });
        let Some((limit, asked)) = asked else {
            return Ok(usual);
        };
        let bound = match usize::try_from(asked) {
            Ok(asked) if asked > most => format!("less than or equal to {most}"),
            Ok(asked) if asked > 0 => return Ok(asked),
            _ => "greater than or equal to 1".to_owned(),
        };
        match &self.ready.of.length {
            Some(refusal) => {
                let name = limit[..1].to_ascii_lowercase() + &limit[1..];
                let text = format!(
                    "{refusal}: 1 validation error detected: Value '{asked}' at '{name}' failed to satisfy constraint: \
                     Member must have value {bound}"
                );
                Err(self.refusal(&text).into())
            }
            None if asked > 0 => Ok(most),
            None => Ok(usual),
        }
    }

    /// An answer with the token of the next page.
    pub(super) fn continued(&self, mut answer: Value, page: Page) -> Value {
        if let (Some((_, _, next)), Some(token)) = (self.ready.call.paging(), page.token)
            && let Some(place) = template::place_mut(&mut answer, next)
        {
            *place = token.into();
        }
        answer
    }

    /// An answer about one thing, whose list comes in pages. The keys of its items are their numbers.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub(super) fn cut(&self, mut answer: Value) -> Result<Value> {
        let list = self.ready.call.lists().next();
        let Some(list) = list.and_then(|list| template::place_mut(&mut answer, list)) else {
            return Ok(answer);
        };
        let Value::Array(items) = list.take() else {
            return Ok(answer);
        };
        let items = items.into_iter().enumerate();
        let mut page = self.page(items.map(|(at, item)| (format!("{at:08}"), item)).collect())?;
        *list = std::mem::take(&mut page.items).into();
        Ok(self.continued(answer, page))
    }
}
