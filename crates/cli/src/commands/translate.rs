//! `translate`: a line in, a line out.

use super::{Answer, eval};
use crate::lines;
use crate::terminal::{print, say};
use anyhow::{Context, Result, bail, ensure};
use rushlight_models::beam::Beam;
use rushlight_report::attention_svg;
use rushlight_trace::Which;
use rushlight_train::probe::attention;
use rushlight_train::{Run, Session, Translated};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The flags of `translate`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The run's folder.
    run: PathBuf,
    /// The file to translate, a sentence a line; `-` or nothing reads standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// How many hypotheses are kept side by side; 1 is greedy.
    #[arg(long, value_name = "WIDTH", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    beam: u16,
    /// How much what is long is favoured; 0 compares plain probabilities.
    #[arg(long, value_name = "ALPHA", default_value_t = 1.0, allow_negative_numbers = true)]
    length_penalty: f32,
    /// No run of so many tokens is written twice; 0 lets it.
    #[arg(long, default_value_t = 0)]
    no_repeat: usize,
    /// No translation ends before so many tokens.
    #[arg(long, default_value_t = 0)]
    min_tokens: usize,
    /// The most tokens of a translation; twice those of its source and ten more unless told otherwise.
    #[arg(long)]
    max_tokens: Option<usize>,
    /// Gives the n best of each line, as `line ||| translation ||| score`.
    #[arg(long, value_name = "N")]
    n_best: Option<usize>,
    /// Draws where the model looked at the source while it wrote the first line, into this SVG file.
    #[arg(long, value_name = "FILE.svg")]
    attention: Option<PathBuf>,
    /// Which weights: the best, the last, or those of a step.
    #[arg(long, default_value = "best", value_parser = eval::which)]
    checkpoint: Which,
}

/// The most lines that are translated together.
const TOGETHER: usize = lines::AHEAD;

/// Translates.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let beam = flags.beam()?;
    let session = Run::open_alone(&flags.run, flags.checkpoint)?;
    session.translator()?;
    ensure!(
        session.is_finite(),
        "the weights of {} are not numbers: its training diverged; train it again with a smaller `lr`",
        flags.run.display()
    );
    if flags.attention.is_some() && attention(&session, "", &[])?.is_empty() {
        bail!(
            "a `{}` has no attention to draw: it squeezes the whole sentence into its states; leave `--attention` out",
            session.entry.name
        );
    }
    let lines = lines::read(&flags.file)?;
    let (mut done, mut in_pieces) = (0, 0);
    // Of standard input what has come so far goes together: a person waits for nobody. Of a file as many as there may be, so
    // that it becomes the same each time.
    let from_file = flags.file != Path::new("-");
    while let Ok(first) = lines.recv() {
        let mut batch = vec![first?];
        let mut broken = None;
        while batch.len() < TOGETHER
            && let Some(next) = if from_file { lines.recv().ok() } else { lines.try_recv().ok() }
        {
            match next {
                Ok(line) => batch.push(line),
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let translated = translate(&session, &batch, &beam, done)?;
        for (index, line) in translated.iter().enumerate() {
            in_pieces += usize::from(line.pieces > 1);
            print(&flags.written(done + index + 1, line))?;
        }
        if let (0, Some(path)) = (done, &flags.attention) {
            draw(&session, &batch[0], &translated[0], path)?;
        }
        done += batch.len();
        if let Some(error) = broken {
            return Err(error);
        }
    }
    if in_pieces > 0 {
        let window = session.translator()?.window().unwrap_or(0);
        let are = if in_pieces == 1 { "line is" } else { "lines are" };
        say(&format!("{in_pieces} {are} longer than the window of {window} tokens: translated in pieces"));
    }
    Ok(Answer::new("", json!({"run": flags.run, "lines": done, "lines_in_pieces": in_pieces})))
}

/// Draws where the model looked at `line`; of several places in it that look, at the last, which is the nearest to the answer.
fn draw(session: &Session, line: &str, translated: &Translated, path: &Path) -> Result<()> {
    if translated.pieces != 1 {
        say("the first line is no sentence of one piece, and nothing is drawn of it; put another line first");
        return Ok(());
    }
    let maps = attention(session, line, &translated.best[0].hypothesis.tokens)?;
    let map = maps.last().context("it was asked before whether there is attention to draw")?;
    rushlight_trace::write_atomic(path, attention_svg(map).as_bytes())?;
    say(&format!("drew {} in {}", map.site, path.display()));
    Ok(())
}

/// Translates lines, of which the first is number `before` + 1 of its file.
fn translate(session: &Session, lines: &[String], beam: &Beam, before: usize) -> Result<Vec<Translated>> {
    let tokenizer = session.source_tokenizer()?;
    if tokenizer.unknown().is_none() {
        for (index, line) in lines.iter().enumerate() {
            let unknown = tokenizer.unknown_in(line.trim());
            ensure!(
                unknown.is_empty(),
                "line {} has what this run never saw: {}; write it without",
                before + index + 1,
                unknown.iter().map(|piece| format!("`{}`", piece.escape_debug())).collect::<Vec<_>>().join(", ")
            );
        }
    }
    Ok(session.translate(lines, beam)?)
}

/// Refuses what is no length penalty.
pub(crate) fn check_length_penalty(penalty: f32) -> Result<()> {
    ensure!(
        (0.0..=100.0).contains(&penalty),
        "`--length-penalty {penalty}` is not possible; give 0 (none) to 100, such as 1"
    );
    Ok(())
}

impl Flags {
    fn beam(&self) -> Result<Beam> {
        let Self { length_penalty, min_tokens, no_repeat, .. } = *self;
        let (width, best) = (usize::from(self.beam), self.n_best.unwrap_or(1));
        check_length_penalty(length_penalty)?;
        ensure!(best > 0, "`--n-best 0` gives nothing; give 1 or more");
        ensure!(
            best <= width,
            "a beam of {width} knows no {best} translations; give a wider `--beam` (1000 at most), or a smaller `--n-best`"
        );
        let max_length = self.max_tokens.unwrap_or(usize::MAX);
        ensure!(min_tokens <= max_length, "`--min-tokens {min_tokens}` is more than `--max-tokens {max_length}`");
        Ok(Beam { best, length_penalty, no_repeat, min_length: min_tokens, ..Beam::new(width, max_length, None) })
    }

    /// Line `number` as it is printed.
    fn written(&self, number: usize, line: &Translated) -> String {
        match self.n_best {
            None => format!("{}\n", line.best[0].text),
            Some(_) => line
                .best
                .iter()
                .map(|best| format!("{number} ||| {} ||| {:.4}\n", best.text, best.hypothesis.score))
                .collect(),
        }
    }
}
