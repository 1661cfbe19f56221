//! What a trained model understands: which intents it confuses, which slots it finds, and whether it is as sure as it is right.

use crate::{Session, Sureness, TrainError, UnderstandingScore};
use rushlight_data::{Labels, Part};
use rushlight_trace::{Confusion, OfIntent, OfSlot, OfSureness, Record, Understanding};

/// The axis of confidence is cut into so many steps.
const STEPS: usize = 10;
/// What is none of the intents is called so where the data have no name for it.
const OUTSIDE: &str = "out of scope";

/// How a part is understood by a session whose sureness is fitted; nothing where the part is no sentences to be understood.
///
/// # Errors
/// Data that are read only now and can no longer be read.
pub fn understanding(session: &Session, split: &str, part: &Part) -> Result<Option<Record>, TrainError> {
    let Part::Utterances(utterances) = part else { return Ok(None) };
    let score = session.understand_part(part)?;
    let record = record(&utterances.labels, utterances.intents(), &score, session.sureness);
    Ok(Some(Record::Understanding(Understanding { split: split.to_owned(), ..record })))
}

/// `wanted` has the intent of each sentence.
fn record(labels: &Labels, wanted: &[u32], score: &UnderstandingScore, sureness: Sureness) -> Understanding {
    let outside = labels.outside();
    let outside_name = labels.out_of_scope.as_deref().unwrap_or(OUTSIDE);
    let name = |intent: Option<u32>| intent.map_or(outside_name, |id| &labels.intents[id as usize]).to_owned();
    let there = |intent: Option<u32>| wanted.iter().filter(|&&id| Some(id) == intent.or(outside)).count() as u64;
    let of = |intent: Option<u32>| {
        let wrong = score.confused.iter().filter(|([wanted, _], _)| *wanted == intent).map(|(_, count)| count);
        let there = if intent.or(outside).is_some() { there(intent) } else { 0 };
        OfIntent { name: name(intent), there, right: there - wrong.sum::<u64>(), is_outside: intent.is_none() }
    };
    let was_said = score.confused.iter().any(|([_, said], _)| said.is_none());
    let inside = (0..labels.intents.len() as u32).filter(|&id| Some(id) != outside).map(Some);
    let all = inside.chain((outside.is_some() || was_said).then_some(None));
    Understanding {
        split: String::new(),
        sentences: wanted.len() as u64,
        named: score.named,
        whole: score.whole,
        intents: all.map(of).collect(),
        confused: score
            .confused
            .iter()
            .map(|&([wanted, said], count)| Confusion { wanted: name(wanted), said: name(said), count })
            .collect(),
        slots: score
            .slots
            .kinds
            .iter()
            .map(|(kind, counts)| OfSlot {
                kind: kind.clone(),
                there: counts.there,
                found: counts.found,
                right: counts.right,
            })
            .collect(),
        sureness: steps(&score.sure),
        temperature: sureness.temperature,
        threshold: sureness.threshold,
        calibration_error: score.calibration_error,
    }
}

/// Answers put together by how sure the model was of them; steps without answers are left out.
fn steps(sure: &[(f64, bool)]) -> Vec<OfSureness> {
    let mut steps = vec![OfSureness::default(); STEPS];
    for &(confidence, is_right) in sure {
        // A confidence at the border of two steps belongs to the lower one.
        let step = &mut steps[((confidence * STEPS as f64).ceil() as usize).clamp(1, STEPS) - 1];
        step.confidence += confidence;
        step.sentences += 1;
        step.right += u64::from(is_right);
    }
    steps.retain(|step| step.sentences > 0);
    steps.iter_mut().for_each(|step| step.confidence /= step.sentences as f64);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(out_of_scope: Option<&str>) -> Labels {
        let intents = ["book", "oos", "play"].map(str::to_owned).to_vec();
        Labels { intents, tags: Vec::new(), out_of_scope: out_of_scope.map(str::to_owned) }
    }

    fn check(out_of_scope: Option<&str>, confused: &[([Option<u32>; 2], u64)], expected: &[(&str, u64, u64, bool)]) {
        let score = UnderstandingScore { confused: confused.to_vec(), ..UnderstandingScore::default() };
        let record = record(&labels(out_of_scope), &[0, 0, 0, 1, 1, 2], &score, Sureness::default());
        let all: Vec<_> =
            record.intents.iter().map(|each| (&each.name[..], each.there, each.right, each.is_outside)).collect();
        assert_eq!(all, expected);
        assert_eq!(record.sentences, 6);
    }

    #[test]
    fn what_is_out_of_scope_comes_last_under_the_name_it_has() {
        let confused = [([Some(0), None], 2), ([None, Some(2)], 1)];
        let expected = [("book", 3, 1, false), ("play", 1, 1, false), ("oos", 2, 1, true)];
        check(Some("oos"), &confused, &expected);
    }

    #[test]
    fn without_a_name_it_is_there_only_if_it_was_said() {
        let inside = [("book", 3, 3, false), ("oos", 2, 2, false), ("play", 1, 1, false)];
        check(None, &[], &inside);
        let mut expected = inside.to_vec();
        expected[0].2 = 1;
        expected.push(("out of scope", 0, 0, true));
        check(None, &[([Some(0), None], 2)], &expected);
    }

    #[test]
    fn answers_stand_together_by_their_sureness() {
        let of = |confidence, sentences, right| OfSureness { confidence, sentences, right };
        let all = steps(&[(1.0, true), (0.5, false), (0.25, true), (0.25, false), (0.0, false)]);
        assert_eq!(all, [of(0.0, 1, 0), of(0.25, 2, 1), of(0.5, 1, 0), of(1.0, 1, 1)]);
        assert!(steps(&[]).is_empty());
    }
}
