//! # attention-collapsed
//!
//! You see       A translator that looks at one and the same word of its source all the time, or at all of them alike.
//! Measured as   The maps of where a decoder looked: for each head the largest share that one place of the source has on
//!               average; and the entropy of each row of weights over ln of the number of places.
//! Fires when    In every map of a site, two or more of four places each, every head has one place with 95 % of all weight; or
//!               every head has a mean entropy of 98 % of the largest.
//! Try           A smaller learning rate or a warm-up; scores that are divided by the root of their width; a longer training,
//!               where it is still uniform; a look at the source's mask.
//! False alarms  One layer of several that has nothing to do and rests on the end of the sentence: look at what the others do.
//! Read          Zhai et al., Stabilizing Transformer Training by Preventing Attention Entropy Collapse, 2023

use crate::{Exam, Lack, Patient, Rule};
use rushlight_trace::{AttentionMap, Component, Finding, Record, Severity, Trace};
use std::collections::BTreeMap;

/// Provisional; over the maps of 17 translators, sound and half trained, one place had 51 % at most, and a head 82 % of the
/// largest entropy.
const ON_ONE: f64 = 0.95;
const OF_UNIFORM: f64 = 0.98;
const PLACES: usize = 4;
const MAPS: usize = 2;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "attention-collapsed",
    severity: Severity::Note,
    component: Component::Attention,
    source: include_str!("attention_collapsed.rs"),
    check,
    // The end of the sentence, whatever is written.
    sick: || looks(|_, place| if place == 4 { 0.98 } else { 0.005 }),
    // As sharp, but at another word each time.
    healthy: || looks(|written, place| if place == written { 0.98 } else { 0.005 }),
};

/// Two maps of one head, five tokens each way.
fn looks(weight: fn(usize, usize) -> f32) -> Trace {
    let words = |sentence: &str| sentence.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let rows: Vec<Vec<f32>> = (0..5).map(|written| (0..5).map(|place| weight(written, place)).collect()).collect();
    let map = |source: &str, target: &str| {
        let (site, heads) = ("attention".to_owned(), vec![rows.clone()]);
        Record::AttentionMap(AttentionMap { site, source: words(source), target: words(target), heads })
    };
    let patient = Patient::language(1000).with(map("ein Hund läuft heute .", "a dog runs today ."));
    patient.with(map("zwei Kinder spielen dort .", "two children play there .")).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let mut sites: BTreeMap<&str, Vec<&AttentionMap>> = BTreeMap::new();
    for map in exam.trace.attention_maps() {
        sites.entry(&map.site).or_default().push(map);
    }
    if sites.is_empty() {
        return Err(Lack::MAPS);
    }
    Ok(sites.into_iter().filter_map(|(site, maps)| of_site(site, &maps)).collect())
}

fn of_site(site: &str, maps: &[&AttentionMap]) -> Option<Finding> {
    let long = || maps.iter().filter(|map| map.source.len() >= PLACES && map.target.len() >= PLACES);
    let heads: Vec<&Vec<Vec<f32>>> = long().flat_map(|map| &map.heads).collect();
    if long().count() < MAPS || heads.is_empty() {
        return None;
    }
    // What is no number is neither: a comparison with it is false.
    let least = |measure: fn(&[Vec<f32>]) -> f64| {
        heads.iter().map(|head| measure(head)).fold(1.0, |least, of_head| if of_head < least { of_head } else { least })
    };
    let is_whole = heads.iter().flat_map(|head| head.iter().flatten()).all(|weight| weight.is_finite());
    let (on_one, of_uniform, count) = (least(on_one), least(of_uniform), long().count());
    let what = if on_one >= ON_ONE {
        format!("at one and the same place of the source, with {:.0} % of all weight", 100.0 * on_one)
    } else if of_uniform >= OF_UNIFORM {
        format!("at all places of the source alike: {:.0} % of the largest entropy", 100.0 * of_uniform)
    } else {
        return None;
    };
    let message = format!("in {count} of {count} sentences every head looks {what}, at least");
    is_whole.then(|| ENTRY.finds(message).at(site))
}

/// The largest share that one place has of all the weight of a head.
fn on_one(head: &[Vec<f32>]) -> f64 {
    let places = head.first().map_or(0, Vec::len);
    let of_place = |place: usize| head.iter().filter_map(|row| row.get(place)).map(|&weight| f64::from(weight)).sum();
    (0..places).map(of_place).fold(0.0, f64::max) / head.len().max(1) as f64
}

/// The mean entropy of the rows of a head, over the largest it could be.
fn of_uniform(head: &[Vec<f32>]) -> f64 {
    let of_row = |row: &Vec<f32>| {
        let shares = row.iter().map(|&weight| f64::from(weight)).filter(|&share| share > 0.0);
        shares.map(|share| -share * share.ln()).sum::<f64>() / (row.len().max(2) as f64).ln()
    };
    head.iter().map(of_row).sum::<f64>() / head.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weight_is_measured_over_all_rows() {
        // Three quarters and a quarter on the first of two places: a half on average.
        assert_eq!(on_one(&[vec![0.75, 0.25], vec![0.25, 0.75]]), 0.5);
        assert_eq!((on_one(&[vec![0.0, 1.0]]), of_uniform(&[vec![0.0, 1.0]])), (1.0, 0.0));
        assert_eq!(of_uniform(&[vec![0.25; 4]]), 1.0);
    }

    #[test]
    fn looking_everywhere_alike_is_found_too() {
        let trace = looks(|_, _| 0.2);
        assert!(check(&Exam::of(&trace)).unwrap()[0].message.contains("alike: 100 %"));
    }
}
