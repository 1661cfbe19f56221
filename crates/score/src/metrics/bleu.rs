//! # BLEU: how many runs of words a translation shares with its reference
//!
//! Source   Papineni, Roukos, Ward, Zhu, BLEU: a Method for Automatic Evaluation of Machine Translation, 2002,
//!          <https://aclanthology.org/P02-1040>; smoothing: Chen, Cherry, A Systematic Comparison of Smoothing Techniques
//!          for Sentence-Level BLEU, 2014, <https://aclanthology.org/W14-3346>
//!
//!     p_n = shared runs of n tokens / runs of n tokens written      n = 1 .. 4
//!     BP = 1 if c > r, else e^(1 - r/c)                             c tokens written, r tokens of the references
//!     BLEU = 100 BP (p_1 p_2 p_3 p_4)^(1/4)
//!
//! Range    0 to 100, higher is better; a corpus score, not the mean of its lines
//! Equals   sacreBLEU 2.6.0, to 1e-9
//! Several references  a run counts as often as in the reference that has most of it; r is the nearest length
//! Departures  none

use super::{Entry, Metric};
use crate::bleu_tokens::{BleuTokens, is_space, words};
use crate::runs::{Numbered, Runs};

/// The longest runs.
pub const ORDER: usize = 4;

/// What is done where no run of some length is shared, so that the product would be 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Smoothing {
    /// The product is 0.
    None,
    /// This many runs are shared instead of none; sacreBLEU takes 0.1.
    Floor(f64),
    /// So many are added to both counts of the runs of two and more; sacreBLEU takes 1.
    AddK(f64),
    /// A half for the first such length, a quarter for the second and so on.
    #[default]
    Exp,
}

/// BLEU with its settings.
#[derive(Clone, Debug, Default)]
pub struct Bleu {
    /// What a token is.
    pub tokens: BleuTokens,
    /// Whether `The` and `the` are the same.
    pub lowercase: bool,
    /// What becomes of lengths without a shared run.
    pub smoothing: Smoothing,
    /// Whether lengths that no run of the text reaches are left out: for the score of a single sentence.
    pub effective_order: bool,
}

/// What a score is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BleuParts {
    /// BLEU, 0 to 100.
    pub score: f64,
    /// p_n, in percent.
    pub precisions: [f64; ORDER],
    /// BP, 0 to 1.
    pub brevity_penalty: f64,
    /// c, in tokens.
    pub written: f64,
    /// r, in tokens.
    pub reference: f64,
}

impl Bleu {
    /// BLEU and its parts, from the sums of what lines add: c, r, shared runs by length, written runs by length.
    pub fn parts(&self, sums: &[f64]) -> BleuParts {
        let (written, reference) = (sums[0], sums[1]);
        let brevity_penalty = match written {
            _ if written >= reference => 1.0,
            0.0 => 0.0,
            _ => (1.0 - reference / written).exp(),
        };
        let mut parts = BleuParts { score: 0.0, precisions: [0.0; ORDER], brevity_penalty, written, reference };
        let (shared, runs) = sums[2..].split_at(ORDER);
        if shared.iter().all(|&shared| shared == 0.0) {
            return parts;
        }
        let (mut orders, mut halved) = (ORDER, 1.0);
        for n in 1..=ORDER {
            let more = match self.smoothing {
                Smoothing::AddK(k) if n > 1 => k,
                _ => 0.0,
            };
            let (shared, runs) = (shared[n - 1] + more, runs[n - 1] + more);
            if runs == 0.0 {
                break;
            }
            if self.effective_order {
                orders = n;
            }
            parts.precisions[n - 1] = match self.smoothing {
                _ if shared > 0.0 => 100.0 * shared / runs,
                Smoothing::Exp => {
                    halved *= 2.0;
                    100.0 / (halved * runs)
                }
                Smoothing::Floor(least) => 100.0 * least / runs,
                Smoothing::None | Smoothing::AddK(_) => 0.0,
            };
        }
        // A precision of 0 makes the product 0, as far as f64 can tell.
        let logarithms = parts.precisions[..orders].iter().map(|&p| if p == 0.0 { -9_999_999_999.0 } else { p.ln() });
        parts.score = brevity_penalty * (logarithms.sum::<f64>() / orders as f64).exp();
        parts
    }

    fn ids<'a>(&self, line: &'a str, known: &mut Numbered) -> Vec<u32> {
        let line: std::borrow::Cow<'a, str> = if self.lowercase { line.to_lowercase().into() } else { line.into() };
        let spaced = self.tokens.spaced(line.trim_end_matches(is_space));
        known.ids(words(&spaced))
    }
}

impl Metric for Bleu {
    fn measure(&self, hypothesis: &str, references: &[&str]) -> Vec<f64> {
        assert!(!references.is_empty(), "bleu: no reference");
        let mut known = Numbered::default();
        let written = self.ids(hypothesis, &mut known);
        let references: Vec<Vec<u32>> = references.iter().map(|line| self.ids(line, &mut known)).collect();
        let nearest = references.iter().map(Vec::len).min_by_key(|&len| (len.abs_diff(written.len()), len));
        let mut line = vec![written.len() as f64, nearest.unwrap_or(0) as f64];
        let runs: Vec<Runs> = (1..=ORDER).map(|n| Runs::of(&written, n)).collect();
        line.extend(runs.iter().zip(1..).map(|(runs, n)| {
            let theirs = references.iter().map(|reference| Runs::of(reference, n)).reduce(Runs::or);
            theirs.map_or(0, |theirs| runs.shared(&theirs)) as f64
        }));
        line.extend(runs.iter().map(|runs| runs.count() as f64));
        line
    }

    fn score(&self, sums: &[f64]) -> f64 {
        self.parts(sums).score
    }

    fn label(&self) -> String {
        "BLEU".to_string()
    }

    fn settings(&self) -> Vec<String> {
        let smoothing = match self.smoothing {
            Smoothing::None => "none".to_string(),
            Smoothing::Floor(least) => format!("floor[{least:.2}]"),
            Smoothing::AddK(k) => format!("add-k[{k:.2}]"),
            Smoothing::Exp => "exp".to_string(),
        };
        vec![
            format!("case:{}", if self.lowercase { "lc" } else { "mixed" }),
            format!("eff:{}", if self.effective_order { "yes" } else { "no" }),
            format!("tok:{}", self.tokens.name()),
            format!("smooth:{smoothing}"),
        ]
    }

    fn details(&self, sums: &[f64]) -> String {
        let BleuParts { precisions, brevity_penalty, written, reference, .. } = self.parts(sums);
        let precisions: Vec<String> = precisions.iter().map(|p| format!("{p:.1}")).collect();
        let ratio = if reference > 0.0 { written / reference } else { 0.0 };
        format!(
            "{} (BP = {brevity_penalty:.3} ratio = {ratio:.3} hyp_len = {written:.0} ref_len = {reference:.0})",
            precisions.join("/")
        )
    }
}

/// This metric in the list.
pub const ENTRY: Entry = Entry { name: "bleu", source: include_str!("bleu.rs") };
