//! A translator's worst and best sentences, each with its source and with what a person made of it.

use crate::page::{Block, Passage, Section, Version};
use crate::runs::Run;
use crate::say;
use rushlight_trace::Translation;

/// So many of each can be read in one sitting.
const MOST: usize = 5;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let record = run.translations()?;
    let passages = |title: &str, all: &[Translation]| Block::Passages {
        title: title.to_owned(),
        all: all.iter().take(MOST).map(|each| passage(run, &record.metric, each)).collect(),
    };
    let mut section = Section::new("Its worst and its best sentences").say(format!(
        "Of the {} part, by the {} of each sentence, from 0 to 100. Look in the worst for what is left out or said \
         twice, and for names and numbers.",
        record.split, record.metric
    ));
    for (title, all) in [("The worst", &record.worst), ("The best", &record.best)] {
        if !all.is_empty() {
            section = section.with(passages(title, all));
        }
    }
    Some(section).filter(|section| !section.blocks.is_empty())
}

fn passage(run: &Run, metric: &str, each: &Translation) -> Passage {
    Passage {
        label: say::tenths(each.score),
        note: metric.to_owned(),
        paint: run.paint,
        versions: vec![
            Version::given("source", &each.source),
            Version::written("translation", &each.text, run.paint),
            Version::given("reference", &each.reference),
        ],
    }
}
