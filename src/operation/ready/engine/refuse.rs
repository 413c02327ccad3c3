//! Refuses calls with the words of a catalogue.

use serde_json::{Map, Value};

use super::{
    super::{
        catalogue::{self, ThingKind},
        form::Form,
        not_put_hint,
        template::fill,
    },
    Run,
};
use crate::state::error::{Code, ServiceError};

impl Run<'_> {
    /// Refuses a request that lacks a required member, or a text that has none of the allowed beginnings.
    pub(super) fn check_request(&self) -> Result<(), ServiceError> {
        let call = &self.ready.call;
        if let Some((members, refusal)) = call.wants.as_ref().and_then(|it| it.split_once(": "))
            && !members
                .split(' ')
                .any(|member| match member.split_once('=') {
                    Some((member, value)) => {
                        self.request.get(member).and_then(Value::as_str) == Some(value)
                    }
                    None => self.request.contains_key(member),
                })
        {
            return Err(self.refusal(refusal));
        }
        for (member, begins) in &call.begins {
            let text = self.request.get(member).and_then(Value::as_str);
            let (begins, refusal) = begins.split_once(' ').unwrap_or_default();
            let fits = |text: &str| begins.split('|').any(|begins| text.starts_with(begins));
            if text.is_some_and(|text| !fits(text)) {
                return Err(self.refusal(refusal));
            }
        }
        for (member, form) in &call.forms {
            let text = self.request.get(member).and_then(Value::as_str);
            let (form, refusal) = form.split_once(' ').unwrap_or_default();
            let form = Form::named(form);
            if let (Some(text), Some(form)) = (text, form)
                && !(form.fits)(text)
            {
                return Err(self.refusal(refusal).with_hint(form.hint));
            }
        }
        Ok(())
    }

    pub(super) fn refusal(&self, text: &str) -> ServiceError {
        let (status, code, words) =
            catalogue::told(text).unwrap_or((400, "ValidationException", text));
        let words = fill(&words.into(), &|place| {
            self.of(place, &Map::new(), &Value::Null)
        });
        let words = words.as_ref().and_then(Value::as_str).unwrap_or_default();
        ServiceError::new(Code::Ready(self.ready.code(code), status), words)
    }

    pub(super) fn absent(&self) -> ServiceError {
        let refusal = self.ready.call.absent.as_deref();
        self.refusal(refusal.unwrap_or("404 NotFoundException:"))
    }

    pub(super) fn exists(&self, kind: &ThingKind, differs: &str) -> ServiceError {
        let refusal = kind.exists.as_deref().unwrap_or("409 ConflictException:");
        self.refusal(&refusal.replace("{differs}", differs))
    }

    pub(super) fn missing(&self, kind: &ThingKind, name: &str) -> ServiceError {
        let error = self.refusal(&kind.missing);
        match not_put_hint(name, kind) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}
