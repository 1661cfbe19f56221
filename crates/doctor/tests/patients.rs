//! Every rule on its own two patients and on those of all others, and every card complete.

use rushlight_doctor::rules::ALL;
use rushlight_doctor::{Exam, Patient, Rule};
use rushlight_trace::{Finding, Parameter, SiteKind, Trace};
use std::collections::BTreeSet;

fn found(rule: &Rule, trace: &Trace) -> Vec<Finding> {
    (rule.check)(&Exam::of(trace)).unwrap_or_default()
}

#[test]
fn every_rule_finds_what_its_sick_patient_has() {
    for rule in ALL {
        let findings = found(rule, &(rule.sick)());
        assert!(!findings.is_empty(), "{} is blind", rule.name);
        for finding in findings {
            assert_eq!(finding.name, rule.name);
            assert!(finding.severity <= rule.severity, "{}: worse than its entry says", rule.name);
            assert!(finding.message.chars().any(|letter| letter.is_ascii_digit()), "{}: says no number", rule.name);
        }
    }
}

#[test]
fn every_rule_is_silent_on_every_healthy_patient() {
    for rule in ALL {
        for other in ALL {
            let findings = found(rule, &(other.healthy)());
            assert!(findings.is_empty(), "{} on the healthy patient of {}: {findings:?}", rule.name, other.name);
        }
    }
}

#[test]
fn a_rule_that_knows_nothing_says_nothing() {
    for rule in ALL {
        assert!(found(rule, &Trace::default()).is_empty(), "{}", rule.name);
    }
}

#[test]
fn every_card_has_its_headings_in_order() {
    const HEADINGS: [&str; 6] = ["You see", "Measured as", "Fires when", "Try", "False alarms", "Read"];
    for rule in ALL {
        let lines: Vec<&str> = rule.source.lines().map_while(|line| line.strip_prefix("//! ")).collect();
        assert_eq!(lines[0], format!("# {}", rule.name));
        let places = HEADINGS.map(|heading| {
            let at = rule.source.lines().position(|line| line.starts_with(&format!("//! {heading:<14}")));
            at.unwrap_or_else(|| panic!("{}: the card lacks `{heading}`", rule.name))
        });
        assert!(places.is_sorted(), "{}: headings in another order", rule.name);
        assert!(rule.about().len() > 20, "{}: {}", rule.name, rule.about());
    }
}

#[test]
fn no_two_rules_have_one_name() {
    assert_eq!(ALL.iter().map(|rule| rule.name).collect::<BTreeSet<_>>().len(), ALL.len());
}

#[test]
fn no_rule_panics_at_what_makes_no_sense() {
    let odd = [f64::NAN, f64::INFINITY, 0.0, -1.0, 1e300];
    let names = ["", "hidden.0.weight", "norm.weight", "..", "9.9"];
    for patient in [Patient::language(1), Patient::language(2), Patient::regression()] {
        for (&number, name) in odd.iter().zip(names) {
            let mut patient = patient.clone().recipe("[train]\nlr = 0.0\nclip = { norm = 1e-9 }");
            for count in [0, 1, 2, 400] {
                patient =
                    patient.rated(count, |step| if step % 3 == 0 { (number, number, 0.0) } else { (0.0, 0.0, number) });
                patient = patient.evaluated("validation", 0, number).evaluated("train", 9, number).wrote(count, name);
                for kind in [SiteKind::Activation, SiteKind::Gradient] {
                    let std = if number.is_finite() { number.abs().min(9.0) } else { 0.0 };
                    patient = patient.layer(count, (name, kind), (number.min(9.0), std), Some(number), Some(count));
                }
                for shape in [vec![], vec![0, 0], vec![3], vec![2, 0, 1]] {
                    let parameter = Parameter { step: count, name: name.into(), shape, ..Parameter::default() };
                    patient = patient.parameter(parameter).weight(count, name, number, number);
                }
                let trace = patient.clone().translated(&[("", name, "")]).finished().trace();
                ALL.iter().for_each(|rule| drop(found(rule, &trace)));
            }
        }
    }
}
