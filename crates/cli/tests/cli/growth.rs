//! `growth`: what a step costs as its sizes grow.

use super::{object, refused};
use std::fs;
use tempfile::tempdir;

#[test]
fn a_rung_is_measured_along_the_axes_that_it_has() {
    let folder = tempdir().unwrap();
    let grown = object(folder.path(), &["growth", "--rungs", "bigram", "--out", "grown.html"]);
    let costs = grown["costs"].as_array().unwrap();
    let axes: Vec<&str> = costs.iter().map(|cost| cost["axis"].as_str().unwrap()).collect();
    // A table of one token's pairs has no width and no layers.
    assert_eq!(axes, ["length", "batch", "vocabulary"]);
    for cost in costs {
        let sizes = cost["size"].as_array().unwrap().len();
        for measured in ["step_milliseconds", "peak_megabytes"] {
            let values: Vec<f64> =
                cost[measured].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
            assert!(values.len() == sizes && values[0] > 0.0 && values[sizes - 1] > values[0], "{cost}");
        }
    }
    // V by V numbers: four times as many in a table twice as wide.
    assert!((costs[2]["memory_exponent"].as_f64().unwrap() - 2.0).abs() < 0.2, "{}", costs[2]);
    let page = fs::read_to_string(folder.path().join("grown.html")).unwrap();
    assert!(page.contains("What vocabulary costs") && page.contains("<svg"));
}

#[test]
fn a_file_that_is_no_page_is_kept() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("mine.md"), "mine").unwrap();
    refused(folder.path(), &["growth", "--out", "mine.md"], &["`mine.md` is there already", "another file"]);
    refused(folder.path(), &["growth", "--out", "no/g.html"], &["there is no folder `no`", "make it first"]);
}

#[test]
fn an_unknown_rung_is_answered_with_those_that_there_are() {
    let folder = tempdir().unwrap();
    refused(folder.path(), &["growth", "--rungs", "ltsm"], &["unknown rung `ltsm`", "Did you mean `lstm`?"]);
}
