//! Printing of answers to stdout in the requested format. It applies `--query`, and prints an answer page by page or as
//! a whole.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::exit::Stop;
use super::pagination::{self, Pages};
use crate::output::query::Query;
use crate::output::{Format, Style, render};
use crate::state::plain::plain;

/// The settings for the printing of answers.
#[derive(Debug)]
pub(crate) struct Printer<'a> {
    format: Format,
    query: Option<&'a Query>,
    title: &'a str,
    style: Style,
}

impl<'a> Printer<'a> {
    /// A printer for the format with that name. `title` is the heading of tables.
    ///
    /// # Errors
    /// `Unknown output type`, which is found only here, after the call.
    pub(crate) fn new(
        format: &str,
        query: Option<&'a Query>,
        title: &'a str,
        style: Style,
    ) -> Result<Self, Stop> {
        let format = format
            .parse()
            .map_err(|_| Stop::Other(format!("Unknown output type: {format}")))?;
        Ok(Self {
            format,
            query,
            title,
            style,
        })
    }

    /// Prints one answer.
    ///
    /// # Errors
    /// A query that fails on this value, a value that the format cannot show, a closed pipe.
    pub(crate) fn value(&self, value: &Value, out: &mut dyn Write) -> Result<(), Stop> {
        self.show(value, out, false)
    }

    /// Prints an answer or a page of a listing. `yaml-stream` shows an empty page, and shows nothing for an empty
    /// answer.
    fn show(&self, value: &Value, out: &mut dyn Write, is_page: bool) -> Result<(), Stop> {
        if self.format == Format::Off {
            return Ok(());
        }
        let queried = match self.query {
            Some(query) => Some(
                query
                    .search(value)
                    .map_err(|error| Stop::Other(plain(&error)))?,
            ),
            None => None,
        };
        let value = queried.as_ref().unwrap_or(value);
        if self.format == Format::YamlStream
            && !is_page
            && value.as_object().is_some_and(Map::is_empty)
        {
            return Ok(());
        }
        match render(self.format, value, self.title, &self.style) {
            Ok(text) => Ok(out.write_all(text.as_bytes())?),
            Err(error) => {
                out.write_all(error.partial.as_bytes())?;
                Err(Stop::Other(error.message))
            }
        }
    }

    /// Prints a listing. `walk` passes each page to its sink and returns the token of a listing that was cut short.
    /// Text and `yaml-stream` are printed page by page. Text shows only the lists, and on the first page also the other
    /// members. For json, yaml and tables, all pages are fetched first.
    ///
    /// # Errors
    /// Errors of `walk`, and those of [`Self::value`].
    pub(crate) fn listing(
        &self,
        pages: &Pages,
        out: &mut dyn Write,
        walk: impl FnOnce(
            &mut dyn FnMut(Map<String, Value>) -> Result<(), Stop>,
        ) -> Result<Option<String>, Stop>,
    ) -> Result<(), Stop> {
        if !self.format.is_paged() {
            let mut all = Vec::new();
            let token = walk(&mut |page| {
                all.push(page);
                Ok(())
            })?;
            return self.value(&pagination::merged(pages, all, token.as_deref()), out);
        }
        let text = self.format == Format::Text;
        let mut first = true;
        let token = walk(&mut |page| {
            let page = match text {
                true => pages.shown(page, std::mem::take(&mut first)),
                false => Value::Object(page),
            };
            self.show(&page, out, true)
        })?;
        match token {
            // The query is applied to this object, too. It usually finds nothing there, so an extra `None` is printed.
            Some(token) if text => self.value(&json!({"NextToken": {"NextToken": token}}), out),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::fixtures;

    fn listed(format: &str, query: Option<&str>, token: Option<&str>) -> String {
        let query = query.map(|query| Query::compile(query).unwrap());
        let printer = Printer::new(format, query.as_ref(), "List", Style::default()).unwrap();
        let mut out = Vec::new();
        let pages = pagination::of(fixtures::entry("ListVersionsByFunction")).unwrap();
        printer
            .listing(&pages, &mut out, |sink| {
                for (page, next) in [
                    (json!([{"V": "1"}, {"V": "2"}]), Some("x")),
                    (json!([{"V": "3"}]), None),
                ] {
                    let mut page = Map::from_iter([("Versions".to_owned(), page)]);
                    if let Some(next) = next {
                        page.insert("NextMarker".to_owned(), next.into());
                    }
                    sink(page)?;
                }
                Ok(token.map(str::to_owned))
            })
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn prints_text_page_by_page() {
        assert_eq!(listed("text", Some("Versions[].V"), None), "1\t2\n3\n");
        assert_eq!(
            listed("text", Some("Versions[].V"), Some("t")),
            "1\t2\n3\nNone\n"
        );
        assert_eq!(
            listed("text", None, Some("t")),
            "VERSIONS\t1\nVERSIONS\t2\nVERSIONS\t3\nNEXTTOKEN\tt\n"
        );
        assert_eq!(
            listed("yaml-stream", Some("length(Versions)"), None),
            "- 2\n- 1\n"
        );
        assert_eq!(
            listed("yaml-stream", Some("NextMarker"), Some("t")),
            "- x\n- null\n"
        );
    }

    #[test]
    fn streams_an_empty_page_and_no_empty_answer() {
        assert_eq!(listed("yaml-stream", Some("`{}`"), None), "- {}\n- {}\n");
        let printer = Printer::new("yaml-stream", None, "Get", Style::default()).unwrap();
        let mut out = Vec::new();
        for value in [json!({}), json!([]), json!(null)] {
            printer.value(&value, &mut out).unwrap();
        }
        assert_eq!(String::from_utf8(out).unwrap(), "- []\n- null\n");
    }

    #[test]
    fn prints_json_whole() {
        assert_eq!(listed("json", Some("Versions[-1].V"), None), "\"3\"\n");
        assert_eq!(listed("json", Some("NextToken"), Some("t")), "\"t\"\n");
        assert_eq!(listed("off", None, None), "");
    }

    #[test]
    fn refuses_a_format_it_does_not_know() {
        let refused = Printer::new("bogus", None, "X", Style::default()).map(|_| ());
        assert_eq!(
            refused,
            Err(Stop::Other("Unknown output type: bogus".to_owned()))
        );
    }
}
