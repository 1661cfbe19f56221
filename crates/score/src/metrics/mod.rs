//! The metrics that hold a text against references, a file each.
//!
//! What a line adds to a metric is a few numbers that can be summed; the score is made of the sums. So the score of any
//! choice of lines, which is what the bootstrap needs, costs no second look at the text.

pub mod bleu;
pub mod chrf;
pub mod rouge;

/// A metric with its settings.
pub trait Metric: Sync {
    /// What one line adds: a list of numbers, always of the same length.
    ///
    /// # Panics
    /// If there is no reference.
    fn measure(&self, hypothesis: &str, references: &[&str]) -> Vec<f64>;

    /// The score of some lines, 0 to 100, from the sums of what they add.
    fn score(&self, sums: &[f64]) -> f64;

    /// The name with its orders, as in `chrF2++`.
    fn label(&self) -> String;

    /// The settings in sacreBLEU's form, without the count of references before and the version behind them.
    fn settings(&self) -> Vec<String>;

    /// More about a score, if there is more to say: behind it, in sacreBLEU's form.
    fn details(&self, _sums: &[f64]) -> String {
        String::new()
    }
}

/// The program whose numbers BLEU and chrF have, to the last digit.
pub const SACREBLEU: &str = "2.6.0";

/// A metric in the list.
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its file.
    pub source: &'static str,
}

/// All metrics.
pub const ALL: &[Entry] = &[bleu::ENTRY, chrf::ENTRY, rouge::ENTRY];

/// What each line adds. `references[r][line]` is reference r.
///
/// # Panics
/// If the lengths differ.
pub fn measured<T: AsRef<str>>(metric: &dyn Metric, hypotheses: &[T], references: &[Vec<T>]) -> Vec<Vec<f64>> {
    assert!(references.iter().all(|lines| lines.len() == hypotheses.len()), "references: another count of lines");
    let line = |(index, hypothesis): (usize, &T)| {
        let references: Vec<&str> = references.iter().map(|lines| lines[index].as_ref()).collect();
        metric.measure(hypothesis.as_ref(), &references)
    };
    hypotheses.iter().enumerate().map(line).collect()
}

/// The sums of what some lines add.
pub fn summed<'a>(lines: impl IntoIterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    let mut sums = Vec::new();
    for line in lines {
        sums.resize(line.len(), 0.0);
        sums.iter_mut().zip(line).for_each(|(sum, number)| *sum += number);
    }
    sums
}
