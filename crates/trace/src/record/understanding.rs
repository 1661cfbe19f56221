//! The record of a trained model that understands sentences: which intents it confuses, which slots it finds, and whether it is
//! as sure as it is right. Counts, from which shares follow.

use crate::number;
use serde::{Deserialize, Serialize};

/// How a part of the data was understood.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Understanding {
    /// Which part: `validation`, `test`.
    pub split: String,
    /// How many sentences it has.
    pub sentences: u64,
    /// Those in scope whose intent was the likeliest, whether or not the model was sure.
    pub named: u64,
    /// Those of which the intent and all slots are right.
    pub whole: u64,
    /// Every intent, each once; what is out of scope comes last, where it is wanted or was said.
    pub intents: Vec<OfIntent>,
    /// What was taken for what, the commonest first.
    pub confused: Vec<Confusion>,
    /// Every kind of slot; none where words were not asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<OfSlot>,
    /// Sentences in scope by how sure the model was of what it named, from unsure to sure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sureness: Vec<OfSureness>,
    /// What logits were divided by.
    #[serde(with = "number")]
    pub temperature: f64,
    /// Below this probability, 0 to 1, a sentence was held for out of scope.
    #[serde(with = "number")]
    pub threshold: f64,
    /// How far confidence is from being right, 0 to 1.
    #[serde(with = "number")]
    pub calibration_error: f64,
}

/// One intent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfIntent {
    /// Its name.
    pub name: String,
    /// Sentences that want it.
    pub there: u64,
    /// Those of which it was said.
    pub right: u64,
    /// Whether it is what is none of the intents.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_outside: bool,
}

/// Sentences that want one thing and were held for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// The name of what they want.
    pub wanted: String,
    /// The name of what was said.
    pub said: String,
    /// How many.
    pub count: u64,
}

/// One kind of slot. A slot is right if its kind, its first and its last word are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfSlot {
    /// Its name.
    pub kind: String,
    /// Slots to be found.
    pub there: u64,
    /// Slots found.
    pub found: u64,
    /// Slots found that are right.
    pub right: u64,
}

impl OfSlot {
    /// The share of found slots that are right; 0 where none was found.
    pub fn precision(&self) -> f64 {
        share(self.right, self.found)
    }

    /// The share of slots that were found; 0 where there is none.
    pub fn recall(&self) -> f64 {
        share(self.right, self.there)
    }

    /// The harmonic mean of both; 0 where nothing is right.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, self.found + self.there)
    }
}

fn share(of: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { of as f64 / all as f64 }
}

/// Sentences of which the model was about equally sure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OfSureness {
    /// The mean of its confidence, 0 to 1.
    #[serde(with = "number")]
    pub confidence: f64,
    /// How many sentences.
    pub sentences: u64,
    /// Those whose intent was named.
    pub right: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record;

    #[test]
    fn a_line_says_no_more_than_there_is() {
        let record = Record::Understanding(Understanding {
            split: "validation".into(),
            sentences: 3,
            named: 2,
            whole: 2,
            intents: vec![
                OfIntent { name: "play".into(), there: 3, right: 2, is_outside: false },
                OfIntent { name: "oos".into(), there: 0, right: 0, is_outside: true },
            ],
            confused: vec![Confusion { wanted: "play".into(), said: "oos".into(), count: 1 }],
            temperature: 1.25,
            threshold: 0.5,
            calibration_error: f64::NAN,
            ..Understanding::default()
        });
        let line = concat!(
            r#"{"record":"understanding","split":"validation","sentences":3,"named":2,"whole":2,"#,
            r#""intents":[{"name":"play","there":3,"right":2},{"name":"oos","there":0,"right":0,"is_outside":true}],"#,
            r#""confused":[{"wanted":"play","said":"oos","count":1}],"#,
            r#""temperature":1.25,"threshold":0.5,"calibration_error":"NaN"}"#
        );
        assert_eq!(serde_json::to_string(&record).unwrap(), line);
        let read = serde_json::from_str::<Record>(line).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), line);
        assert!(record.follows_training() && record.step().is_none());
    }

    #[test]
    fn shares_follow_from_counts() {
        // 3 of 4 found are right, 3 of 6 there: 2 * 3 of 10.
        let slot = OfSlot { kind: "city".into(), there: 6, found: 4, right: 3 };
        assert_eq!((slot.precision(), slot.recall(), slot.f1()), (0.75, 0.5, 0.6));
        let nothing = OfSlot::default();
        assert_eq!((nothing.precision(), nothing.recall(), nothing.f1()), (0.0, 0.0, 0.0));
    }
}
