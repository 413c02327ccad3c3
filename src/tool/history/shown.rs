//! Makes a history safe to show. After that, no text in it moves the cursor, changes colours, hides text, or starts a
//! workflow command. A new member of the model does not compile until it is handled here.

use super::{
    changed::Changed,
    mappings::{Mapping, Step},
    model::{Alias, History, Latest, Move, Point, Update, Version},
};
use crate::output::shown::sentence;

fn text(text: &mut String) {
    *text = sentence(text);
}

fn each<const N: usize>(texts: [&mut String; N]) {
    texts.into_iter().for_each(text);
}

impl History {
    /// Makes every text in the history safe to show.
    pub(in crate::tool) fn show(&mut self) {
        let Self {
            function_name,
            function_arn,
            latest,
            versions,
            // Numbers and moments contain no text.
            gaps: _,
            aliases,
            event_source_mappings,
            updates,
            known_since: _,
            is_whole: _,
            now: _,
        } = self;
        each([function_name, function_arn]);
        let Latest {
            status: _,
            last_modified,
            description,
            code_sha256,
            code_size: _,
            runtime,
            since,
            changed,
        } = latest;
        each([last_modified, description, code_sha256]);
        runtime.iter_mut().chain(since).for_each(text);
        changes(changed);
        versions.iter_mut().for_each(version);
        aliases.iter_mut().for_each(alias);
        event_source_mappings.iter_mut().for_each(mapping);
        for Update {
            when: _,
            call,
            changed,
            code_sha256,
        } in updates
        {
            text(call);
            changed.iter_mut().chain(code_sha256).for_each(text);
        }
    }
}

fn version(version: &mut Version) {
    let Version {
        version,
        published: _,
        description,
        code_sha256,
        code_size: _,
        since,
        changed,
    } = version;
    each([version, description, code_sha256]);
    since.iter_mut().for_each(text);
    changes(changed);
}

fn changes(changed: &mut [Changed]) {
    for Changed {
        member,
        // `Changed::words` makes these values safe when they are printed.
        before: _,
        after: _,
        values_changed,
    } in changed
    {
        text(member);
        values_changed.iter_mut().for_each(text);
    }
}

fn alias(alias: &mut Alias) {
    let Alias {
        name,
        description,
        points,
        moves,
        stays,
    } = alias;
    each([name, description]);
    points.iter_mut().for_each(point);
    for Move {
        when: _,
        call,
        from,
        to,
    } in moves
    {
        text(call);
        from.iter_mut().chain(to).for_each(point);
    }
    for stay in stays {
        text(&mut stay.version);
    }
}

fn point(point: &mut Point) {
    let Point {
        function_version,
        additional_version_weights,
    } = point;
    text(function_version);
    *additional_version_weights = additional_version_weights
        .drain(..)
        .map(|(version, weight)| (sentence(&version), weight))
        .collect();
}

fn mapping(mapping: &mut Mapping) {
    let Mapping {
        uuid,
        event_source_arn,
        topics,
        function_arn,
        state,
        last_modified: _,
        changes,
    } = mapping;
    each([uuid, function_arn, state]);
    event_source_arn.iter_mut().chain(topics).for_each(text);
    for Step {
        when: _,
        call,
        function_arn,
        enabled: _,
    } in changes
    {
        text(call);
        function_arn.iter_mut().for_each(text);
    }
}
