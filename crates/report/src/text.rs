//! A page as text for a terminal: titles, sentences and tables. Plots stay on the page.

use crate::page::{Block, Page, Passage, Section, Written};
use crate::svg::is_order;
use std::fmt::Write;

/// Lines of prose are no longer than this: longer ones are hard to follow.
const WIDTH: usize = 84;

/// The page; colour only as a second sign.
pub(crate) fn written(page: &Page, color: bool) -> String {
    let mut out = format!("{}\n", strong(&page.title, color));
    if !page.deck.is_empty() {
        let _ = writeln!(out, "\n{}", wrapped(&page.deck));
    }
    for part in &page.parts {
        if !part.title.is_empty() {
            let _ = writeln!(out, "\n\n{}", strong(&part.title, color));
        }
        for section in &part.sections {
            write_section(&mut out, section, color);
        }
    }
    // Terminals break no lines of ours, and plain spaces are easier to search for.
    out.replace('\u{a0}', " ")
}

fn write_section(out: &mut String, section: &Section, color: bool) {
    let blocks: Vec<String> =
        section.blocks.iter().map(|block| block_text(block, color)).filter(|text| !text.is_empty()).collect();
    // What to look for in plots is no use where there are none.
    let lead: &[String] = if blocks.is_empty() { &[] } else { &section.lead };
    if blocks.is_empty() && section.facts.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", strong(&section.title, color));
    for paragraph in lead.iter().chain(&section.facts) {
        let _ = writeln!(out, "{}", wrapped(paragraph));
    }
    for block in blocks {
        let _ = write!(out, "\n{block}");
    }
}

fn block_text(block: &Block, color: bool) -> String {
    match block {
        Block::Figures(_) | Block::File { .. } => String::new(),
        Block::Table(table) | Block::Numbers(table) => table.to_text(color),
        Block::Facts(facts) => {
            let widest = facts.iter().map(|fact| fact.name.chars().count()).max().unwrap_or(0);
            let line = |fact: &crate::page::Fact| {
                format!("{:<widest$}  {} {}", fact.name, fact.value, fact.unit).trim_end().to_owned() + "\n"
            };
            facts.iter().map(line).collect()
        }
        Block::Samples(samples) => {
            samples.iter().map(|sample| sample_text(sample, color)).collect::<Vec<_>>().join("\n")
        }
        Block::Passages { title, all } => {
            let title = if title.is_empty() { String::new() } else { format!("{title}\n\n") };
            title + &all.iter().map(|passage| passage_text(passage, color)).collect::<Vec<_>>().join("\n")
        }
        Block::Note(note) => format!("{}\n", wrapped(note)),
        Block::Findings(findings) => findings
            .iter()
            .map(|said| format!("{:?}: {} {}\n  {}\n", said.severity, said.name, said.place, said.message))
            .collect(),
    }
}

fn sample_text(sample: &Written, color: bool) -> String {
    let note = if sample.note.is_empty() { String::new() } else { format!("  {}", sample.note) };
    let mut out = format!("{}{note}\n", strong(&sample.label, color));
    for line in format!("{}{}", sample.prompt, sample.text).lines() {
        out.push_str(format!("    {line}").trim_end());
        out.push('\n');
    }
    out
}

fn passage_text(passage: &Passage, color: bool) -> String {
    let mut out = match passage.label.as_str() {
        "" => String::new(),
        label => format!("{}\n", format!("{}  {}", strong(label, color), harmless(&passage.note)).trim_end()),
    };
    let widest = passage.versions.iter().map(|version| version.name.chars().count()).max().unwrap_or(0);
    for version in &passage.versions {
        let text = harmless(&version.text);
        let _ = writeln!(out, "    {:<widest$}  {}", version.name, text.trim_end());
    }
    out
}

/// A line without orders to the terminal.
fn harmless(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() || is_order(letter) { ' ' } else { letter }).collect()
}

fn strong(text: &str, color: bool) -> String {
    if color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn wrapped(paragraph: &str) -> String {
    let paragraph = harmless(paragraph);
    let mut lines = vec![String::new()];
    // Not at spaces that do not break: a number stays with its unit.
    for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
        let last = lines.last_mut().expect("there is always a line");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= WIDTH {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn prose_breaks_between_words() {
        let text = wrapped(&"word ".repeat(40));
        assert!(text.lines().all(|line| line.chars().count() <= 84 && line.ends_with("word")));
        assert_eq!(text.split_whitespace().count(), 40);
    }
}
