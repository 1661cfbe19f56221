//! A page as one HTML file: style and script inlined, nothing fetched. It reads without the
//! script, which only shows values under the pointer.

use crate::page::{Block, Fact, Page, Part, Passage, Said, Section, Version, Written};
use crate::plot::{ACROSS, Figure, HALF, MIDDLE, PHONE};
use crate::svg::escaped;
use crate::theme;
use rushlight_trace::Severity;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("hover.js");
const FLAME: &str = include_str!("flame.svg");

/// The page.
pub(crate) fn written(page: &Page) -> String {
    let title = escaped(&page.title);
    let parts: String = page.parts.iter().map(part).collect();
    let colophon: String = page.colophon.iter().map(|line| format!("<p>{}</p>\n", escaped(line))).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{}{STYLE}</style>\n</head>\n<body>\n\
         <header class=\"mast\">{FLAME}<span>Rushlight</span></header>\n<main>\n\
         <div class=\"opening\"><h1>{title}</h1>\n<p class=\"deck\">{}</p></div>\n{parts}\
         <footer>{colophon}</footer>\n</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        colours(),
        escaped(&page.deck),
    )
}

/// Both themes: the reader's own, unless the page is told one by `data-theme`.
fn colours() -> String {
    let light = theme::declarations(|swatch| swatch.light);
    let dark = theme::declarations(|swatch| swatch.dark);
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n\
         :root[data-theme=dark]{{color-scheme:dark;{dark}}}\n"
    )
}

fn part(part: &Part) -> String {
    let sections: String = part.sections.iter().map(section).collect();
    if part.title.is_empty() {
        return sections;
    }
    format!("<h2 class=\"part\">{}</h2>\n{sections}", escaped(&part.title))
}

fn section(section: &Section) -> String {
    let lead: String =
        section.lead.iter().chain(&section.facts).map(|text| format!("<p>{}</p>\n", escaped(text))).collect();
    let blocks: String = section.blocks.iter().map(block).collect();
    format!("<section>\n<div class=\"lead\"><h2>{}</h2>\n{lead}</div>\n{blocks}</section>\n", escaped(&section.title))
}

fn block(block: &Block) -> String {
    match block {
        Block::Figures(figures) => {
            format!("<div class=\"row\">\n{}</div>\n", figures.iter().map(figure).collect::<String>())
        }
        Block::Table(table) => table.to_html(),
        Block::Numbers(table) => {
            format!("<details><summary>The numbers</summary>\n{}</details>\n", table.to_html())
        }
        Block::Facts(facts) => {
            format!("<dl class=\"facts\">{}</dl>\n", facts.iter().map(fact).collect::<String>())
        }
        Block::Samples(samples) => {
            format!("<div class=\"samples\">\n{}</div>\n", samples.iter().map(sample).collect::<String>())
        }
        Block::Passages { title, all } => {
            let title = if title.is_empty() { String::new() } else { format!("<h3>{}</h3>\n", escaped(title)) };
            format!("{title}<div class=\"samples\">\n{}</div>\n", all.iter().map(passage).collect::<String>())
        }
        Block::File { name, content } => format!(
            "<details><summary>{}</summary>\n<pre class=\"file\">{}</pre></details>\n",
            escaped(name),
            escaped(content)
        ),
        Block::Note(note) => format!("<p class=\"note\">{}</p>\n", escaped(note)),
        Block::Findings(findings) => findings.iter().map(finding).collect(),
    }
}

/// A figure, drawn once for each width that the page may have.
fn figure(figure: &Figure) -> String {
    let widths: &[(&str, f64)] = if figure.is_wide {
        &[("across", ACROSS), ("middle", MIDDLE), ("phone", PHONE)]
    } else {
        &[("half", HALF), ("phone", PHONE)]
    };
    let mut out = format!(
        "<figure class=\"{}\"><figcaption><b>{}</b>{}</figcaption>\n",
        if figure.is_wide { "wide" } else { "narrow" },
        escaped(&figure.title),
        match figure.note.as_str() {
            "" => String::new(),
            note => format!(" {}", escaped(note)),
        }
    );
    for (class, width) in widths {
        let drawing = figure.plot.draw(*width);
        // What cannot be made narrower scrolls by itself.
        let far = if drawing.width > *width { " far" } else { "" };
        let _ = writeln!(out, "<div class=\"drawn {class}{far}\">{}</div>", drawing.inline(&figure.title));
    }
    out.push_str("</figure>\n");
    out
}

fn fact(fact: &Fact) -> String {
    format!(
        "<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n",
        escaped(fact.name),
        escaped(&fact.value),
        escaped(&fact.unit)
    )
}

fn sample(sample: &Written) -> String {
    format!(
        "<article style=\"--own:{};--own-text:{}\"><header><b>{}</b> <span>{}</span></header>\n\
         <pre><mark>{}</mark>{}</pre></article>\n",
        sample.paint.line,
        sample.paint.text,
        escaped(&sample.label),
        escaped(&sample.note),
        escaped(&sample.prompt),
        escaped(&sample.text)
    )
}

fn passage(passage: &Passage) -> String {
    let head = match passage.label.as_str() {
        "" => String::new(),
        label => format!("<header><b>{}</b> <span>{}</span></header>\n", escaped(label), escaped(&passage.note)),
    };
    format!(
        "<article style=\"--own:{};--own-text:{}\">{head}<dl>{}</dl></article>\n",
        passage.paint.line,
        passage.paint.text,
        passage.versions.iter().map(version).collect::<String>()
    )
}

/// A text in its own direction, whichever way its letters run.
fn version(version: &Version) -> String {
    let (class, own) = match version.paint {
        Some(paint) => (" class=\"written\"", format!(" style=\"--own-text:{}\"", paint.text)),
        None => ("", String::new()),
    };
    format!(
        "<div{class}{own}><dt>{}</dt><dd dir=\"auto\">{}</dd></div>\n",
        escaped(&version.name),
        escaped(&version.text)
    )
}

fn finding(said: &Said) -> String {
    let class = match said.severity {
        Severity::Note => "note",
        Severity::Risk => "risk",
        Severity::Fault => "fault",
    };
    format!(
        "<article class=\"finding {class}\"><header><b>{}</b> <span>{class}</span> <span>{}</span></header>\n\
         <p>{}</p></article>\n",
        escaped(&said.name),
        escaped(&said.place),
        escaped(&said.message)
    )
}
