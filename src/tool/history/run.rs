//! The history of a function during one run, which consists of the changes that came after the change counter at the
//! start of the run. Only the versions that the run published or that aliases send traffic to are read. So a function
//! with many versions costs no more time than one with few.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    html,
    model::{self, Gap, History, Point, Reason, Version},
    words::Clock,
};
use crate::{
    operation::Result,
    state::{arn::Arn, function::Function},
    store::{collection::View, journal::Line},
};

impl History {
    /// Reads the history above the given change counter. The first move of each alias also says where the alias pointed
    /// before.
    ///
    /// # Errors
    /// When a version or the journal cannot be read.
    pub(in crate::tool) fn since(
        view: &View<'_, Function>,
        arn: &Arn,
        change: u64,
    ) -> Result<Self> {
        let head = &view.head;
        let journal = view.journal_after(change)?;
        let aliases = model::aliases(head, &journal);
        let published: BTreeSet<u64> = numbers(&journal, "Published").collect();
        let moves = aliases.iter().flat_map(|alias| &alias.moves);
        let ends = moves.flat_map(|step| step.from.iter().chain(&step.to));
        let points = ends.chain(aliases.iter().filter_map(|alias| alias.points.as_ref()));
        let served = points.flat_map(Point::shares);
        let served = served.filter_map(|(version, _)| version.parse::<u64>().ok());
        let wanted: BTreeSet<u64> = served.chain(published.iter().copied()).collect();
        let mut versions = Vec::new();
        for number in wanted.into_iter().rev() {
            let Some(frozen) = view.version(number)? else {
                continue;
            };
            let before = match published.contains(&number) {
                true => view.before(number).next().transpose()?,
                false => None,
            };
            let before = before.as_ref().map(|(_, before)| before);
            versions.push(Version::of(&frozen, before));
        }
        let newest = head.published.as_ref();
        let newest = newest.and_then(|newest| newest.version.parse().ok());
        let base = match newest {
            Some(number) => view.version(number)?,
            None => None,
        };
        Ok(Self {
            function_name: head.function_name.clone(),
            function_arn: arn.to_string(),
            latest: model::latest(head, base, &journal),
            versions,
            gaps: gaps(&journal),
            aliases,
            event_source_mappings: Vec::new(),
            updates: model::updates(&journal),
            known_since: journal.first().map(|line| line.when),
            is_whole: journal
                .first()
                .is_some_and(|line| line.call == "CreateFunction"),
            now: view.now,
        })
    }

    /// The picture of a run that began at the given moment, as a part of a page. `id` makes the names in the picture
    /// different from the names in other pictures of the page.
    pub(in crate::tool) fn picture_of_run(&self, began: Timestamp, id: usize) -> String {
        // A frozen clock shows the time of the script's calls, not the machine's time.
        let began = self.known_since.map_or(began, |first| began.min(first));
        html::picture_of(self, &Clock::new(false), id, Some(began))
    }
}

/// The version numbers in the given member of the journal's lines.
fn numbers(journal: &[Line], member: &str) -> impl Iterator<Item = u64> {
    let named = journal.iter().map(move |line| line.moved.get(member));
    named.filter_map(|number| number?.as_str()?.parse().ok())
}

/// The versions that were deleted, newest first.
fn gaps(journal: &[Line]) -> Vec<Gap> {
    let gap = |line: &Line| {
        let number = line.moved.get("Deleted")?.as_str()?.parse().ok()?;
        Some(Gap {
            first_version: number,
            last_version: number,
            reason: Reason::Deleted,
            first_deleted: Some(line.when),
            last_deleted: Some(line.when),
        })
    };
    let mut gaps: Vec<Gap> = journal.iter().filter_map(gap).collect();
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.first_version));
    gaps
}
