//! Runs that translate, side by side by what they make of the same sentences: BLEU with its interval, and how sure it is that
//! one is better than another.

use crate::commands::score::{Resampling, Systems, side_by_side};
use crate::commands::{Answer, runs};
use crate::terminal::say;
use anyhow::{Result, ensure};
use rushlight_data::PartName;
use rushlight_models::beam::Beam;
use rushlight_score::BleuTokens;
use rushlight_score::metrics::Metric;
use rushlight_trace::Which;
use rushlight_train::Run;
use std::path::PathBuf;

/// As `score` draws them.
const DRAWS: Resampling = Resampling { times: 1000, seed: 12345 };

/// Translates the part with the best weights of each run, and compares.
pub(super) fn compared(asked: &[PathBuf], split: PartName, width: usize) -> Result<Answer> {
    let runs: Vec<PathBuf> = runs::read_all(asked)?.into_iter().map(|trace| trace.path).collect();
    let mut systems = Systems { names: Vec::new(), lines: Vec::new(), references: Vec::new() };
    let mut bleu = None;
    for path in &runs {
        let session = Run::open(path, Which::Best)?;
        session.translator()?;
        ensure!(
            session.is_finite(),
            "the weights of {} are not numbers: its training diverged, so it cannot translate",
            path.display()
        );
        let part = session.corpus.part(split);
        say(&format!("{}: translating {} sentences", path.display(), part.len()));
        let beam = Beam { length_penalty: 1.0, ..Beam::new(width, usize::MAX, None) };
        let held = session.translate_part(part, None, &beam)?;
        ensure!(
            !held.references.is_empty(),
            "the {} part of {} has no sentences to translate",
            split.name(),
            path.display()
        );
        match systems.references.first() {
            None => systems.references.push(held.references),
            Some(first) => ensure!(
                *first == held.references,
                "the {} part of {} has other references than that of {}; compare runs on the same sentences",
                split.name(),
                path.display(),
                runs[0].display()
            ),
        }
        systems.names.push(path.display().to_string());
        systems.lines.push(held.best.into_iter().map(|best| best.text).collect());
        // One measure for all: where one has no case nobody has, and words are counted unless all are of characters.
        let own = session.bleu();
        let common = bleu.get_or_insert_with(|| own.clone());
        common.lowercase |= own.lowercase;
        if common.tokens != own.tokens {
            common.tokens = BleuTokens::default();
        }
    }
    let bleu = bleu.unwrap_or_default();
    let metric: &dyn Metric = &bleu;
    Ok(side_by_side("bleu", &[(metric, metric)], &systems, DRAWS, false))
}
