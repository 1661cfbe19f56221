//! How the tests look at a page.

use rushlight_report::Page;
use rushlight_trace::{Record, Trace};
use std::collections::BTreeMap;

/// The plots of a page by name.
pub(crate) fn plots(page: &Page) -> BTreeMap<String, String> {
    page.svgs().into_iter().collect()
}

/// The page of one run.
pub(crate) fn run_page(trace: &Trace) -> Page {
    Page::of_runs(std::slice::from_ref(trace))
}

/// A page's text with its lines joined, to search for sentences.
pub(crate) fn prose(page: &Page) -> String {
    page.to_text(false).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same trace with every record changed a little by `change`.
pub(crate) fn changed(trace: &Trace, change: impl Fn(&mut Record)) -> Trace {
    let mut other = trace.clone();
    other.records.iter_mut().for_each(change);
    other
}
