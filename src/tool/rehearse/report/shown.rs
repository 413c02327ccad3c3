//! A report that is safe to show to people. No text in it moves the cursor, changes colours, hides text, or starts a
//! workflow command. Every text of a report passes through here. If a report gets a new member, this file does not
//! compile until it handles the member.

use std::path::PathBuf;

use super::{
    Finding, FunctionChange, LayerChange, Made, Maker, Report, ResourceChange, ScriptText, Touched,
    Unmade, Unseen, change,
};
use crate::{
    output::shown::{lines, sentence},
    tool::{
        diff::model::Change,
        history::History,
        rehearse::{calls::ScriptLine, evidence::Key, network::Refused, suppression::Suppression},
    },
};

impl Report {
    /// Returns the report with safe texts.
    pub(super) fn shown(&self) -> Self {
        let mut shown = self.clone();
        let Self {
            command,
            network: _,
            network_hint,
            exit_code: _,
            signal: _,
            began: _,
            seconds: _,
            seconds_to_set_up: _,
            kept,
            lost: _,
            losses: _,
            calls,
            functions,
            layers,
            services,
            findings,
            assumed,
            unasked,
            suppressions,
            bypassed,
            unanswered,
            refused,
            leftovers,
            unseen,
            unmade,
            touched,
            other_states,
            resources,
            scripts,
            cannot_show: _,
        } = &mut shown;
        for list in [command, assumed, unasked, bypassed, unanswered, leftovers] {
            all(list);
        }
        other_states.iter_mut().for_each(path);
        for ResourceChange {
            kind: _,
            name,
            account,
            region,
            fate: _,
            members,
        } in resources
        {
            each([name, account, region]);
            all(members);
        }
        for Touched {
            severity: _,
            state,
            what,
            files,
            why,
        } in touched
        {
            path(state);
            each([what, why]);
            all(files);
        }
        for Suppression {
            finding,
            because,
            place: at,
            lines: _,
            silenced,
        } in suppressions
        {
            each([finding, because]);
            at.iter_mut().for_each(place);
            all(silenced);
        }
        for Refused {
            host,
            why: _,
            agent,
            by,
            place: at,
            times: _,
        } in refused
        {
            text(host);
            agent.iter_mut().for_each(text);
            by.iter_mut().for_each(text);
            at.iter_mut().for_each(place);
        }
        network_hint.iter_mut().for_each(text);
        kept.iter_mut().for_each(path);
        calls.iter_mut().for_each(call);
        functions.iter_mut().for_each(function);
        layers.iter_mut().for_each(layer);
        for change::Effect {
            service,
            operation,
            resource,
        } in services
        {
            each([service, operation, resource]);
        }
        findings.iter_mut().for_each(finding);
        for Unseen { place: at, reason } in unseen {
            place(at);
            text(reason);
        }
        for Unmade {
            place: at,
            operation,
            because: _,
        } in unmade
        {
            place(at);
            text(operation);
        }
        for ScriptText {
            file,
            lines: texts,
            left_out: _,
        } in scripts
        {
            path(file);
            for text in texts {
                *text = lines(text);
            }
        }
        shown
    }
}

fn text(text: &mut String) {
    *text = sentence(text);
}

fn each<const N: usize>(texts: [&mut String; N]) {
    texts.into_iter().for_each(text);
}

fn all(texts: &mut [String]) {
    texts.iter_mut().for_each(text);
}

fn path(path: &mut PathBuf) {
    *path = sentence(&path.to_string_lossy()).into();
}

fn place(ScriptLine { file, line: _ }: &mut ScriptLine) {
    path(file);
}

fn call(call: &mut Made) {
    let Made {
        name,
        place: at,
        program,
        words,
        answered: _,
        outcome,
        changes: _,
        exit_code: _,
        error,
        message,
        hint,
        went_on: _,
        became: _,
        attention: _,
        suppressed: _,
        unanswered,
        client,
        ready: _,
    } = call;
    each([name, program, outcome]);
    at.iter_mut().for_each(place);
    unanswered.iter_mut().for_each(path);
    if let Some(Maker {
        process: _,
        line,
        agent,
        started,
        seconds_waited: _,
    }) = client
    {
        text(line);
        agent.iter_mut().for_each(text);
        started.iter_mut().for_each(place);
    }
    all(words);
    for told in [error, message, hint] {
        told.iter_mut().for_each(text);
    }
}

fn key(
    Key {
        function_name,
        account,
        region,
    }: &mut Key,
) {
    each([function_name, account, region]);
}

fn changes(changes: &mut [Change]) {
    for Change {
        name,
        before,
        after,
    } in changes
    {
        text(name);
        before.iter_mut().for_each(text);
        after.iter_mut().for_each(text);
    }
}

fn points(points: &mut change::Points) {
    let change::Points {
        function_version,
        additional_version_weights,
    } = points;
    text(function_version);
    *additional_version_weights = additional_version_weights
        .drain(..)
        .map(|(version, weight)| (sentence(&version), weight))
        .collect();
}

fn function(change: &mut FunctionChange) {
    let FunctionChange {
        function,
        fate: _,
        assumed: _,
        published_versions,
        deleted_versions,
        aliases,
        members,
        files,
        settings,
        history,
    } = change;
    key(function);
    history.iter_mut().for_each(History::show);
    for change::Published {
        version,
        description,
        code_sha256,
    } in published_versions
    {
        each([version, description, code_sha256]);
    }
    all(deleted_versions);
    for change::AliasChange {
        name,
        before,
        after,
    } in aliases
    {
        text(name);
        before.iter_mut().for_each(points);
        after.iter_mut().for_each(points);
    }
    changes(members);
    changes(settings);
    for change::File {
        name,
        before: _,
        after: _,
    } in files
    {
        text(name);
    }
}

fn layer(change: &mut LayerChange) {
    let LayerChange {
        layer_name,
        account,
        region,
        published_versions,
        deleted_versions,
        permissions,
    } = change;
    each([layer_name, account, region]);
    for list in [published_versions, deleted_versions, permissions] {
        all(list);
    }
}

fn finding(found: &mut Finding) {
    let Finding {
        rule: _,
        severity: _,
        title,
        explanation,
        fix,
        function_name,
        call,
        index: _,
        place: at,
        explains: _,
    } = found;
    each([title, explanation, fix, function_name, call]);
    at.iter_mut().for_each(place);
}
