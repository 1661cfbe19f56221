//! Reads what a file says of itself: its header, and the doc comments of its `Config`. Knows no family.

use crate::terminal::strong;
use serde_json::{Map, Value};

/// Lines of prose are wrapped at this many columns.
const WIDTH: usize = 100;

/// A key of a recipe's table.
pub(super) struct Key {
    pub(super) name: String,
    /// Its doc comment.
    pub(super) about: String,
    pub(super) default: Option<Value>,
    /// Whether a recipe must give it.
    pub(super) is_needed: bool,
}

/// The `//!` lines at the top of a file, as Markdown.
pub(super) fn header(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}

/// What the first line of a file says behind its name: "a memory that can be kept, overwritten and shown".
pub(crate) fn about(source: &str) -> String {
    let first = source.lines().next().unwrap_or_default().trim_start_matches(['/', '!', '#', ' ']);
    first.split_once(": ").map_or(first, |(_, about)| about).to_owned()
}

/// Markdown as a terminal shows it: headings stand out, tables are columns, and (where `wrap`) prose is wrapped.
pub(super) fn readable(markdown: &str, wrap: bool) -> String {
    let lines = markdown.lines().filter_map(|line| match line {
        heading if heading.starts_with('#') => Some(strong(heading.trim_start_matches(['#', ' ']))),
        row if row.starts_with('|') => in_columns(row),
        prose if wrap => Some(wrapped(prose)),
        line => Some(line.to_owned()),
    });
    lines.map(|line| line + "\n").collect()
}

/// A row of a table; none for the rule below its head, or for an empty head.
fn in_columns(row: &str) -> Option<String> {
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let says_nothing = cells.iter().all(|cell| cell.chars().all(|c| c == '-' || c == ':'));
    let (last, first) = cells.split_last()?;
    let first: String = first.iter().map(|cell| format!("{cell:<12}  ")).collect();
    (!says_nothing).then(|| wrapped(&format!("  {first}{last}")))
}

/// The line broken between words; what follows is set in as far as the line itself.
fn wrapped(line: &str) -> String {
    let set_in = line.len() - line.trim_start().len() + if line.trim_start().starts_with("* ") { 2 } else { 0 };
    let (mut out, mut column) = (String::new(), 0);
    for (index, word) in line.trim_start().split(' ').enumerate() {
        let width = word.chars().count();
        if index == 0 {
            out += &line[..line.len() - line.trim_start().len()];
            column = out.chars().count();
        } else if column + 1 + width > WIDTH {
            out += &format!("\n{}", " ".repeat(set_in));
            column = set_in;
        } else {
            out.push(' ');
            column += 1;
        }
        out += word;
        column += width;
    }
    out
}

/// The fields of the `Config` in a source file: a name, a doc comment and a type each.
struct Field<'s> {
    name: &'s str,
    about: String,
    kind: &'s str,
    /// Whether a recipe may leave it out.
    has_default: bool,
}

fn fields(source: &str) -> Vec<Field<'_>> {
    let Some(start) = source.find("pub struct Config {") else { return Vec::new() };
    let attributes = source[..start].rfind("\n\n").map_or("", |from| &source[from..start]);
    let all_default = attributes.lines().any(|line| line.starts_with("#[serde(") && line.contains("default"));
    let (mut fields, mut about, mut has_default) = (Vec::new(), Vec::new(), all_default);
    for line in source[start..].lines().skip(1).take_while(|line| *line != "}").map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            about.push(doc.trim());
        } else if line.starts_with("#[serde(") {
            has_default |= line.contains("default");
        } else if let Some((name, kind)) = line.strip_prefix("pub ").and_then(|field| field.split_once(": ")) {
            fields.push(Field { name, about: about.join(" "), kind: kind.trim_end_matches(','), has_default });
            about.clear();
            has_default = all_default;
        }
    }
    fields
}

/// The keys that a recipe must give, each with an empty value of its type.
pub(super) fn needed(source: &str) -> Vec<(String, Value)> {
    let empty =
        |kind: &str| if kind.starts_with("Vec<") { Value::Array(Vec::new()) } else { Value::String(String::new()) };
    fields(source)
        .iter()
        .filter(|field| !field.has_default)
        .map(|field| (field.name.to_owned(), empty(field.kind)))
        .collect()
}

/// The keys in the order of the file.
pub(super) fn keys(source: &str, defaults: &Map<String, Value>) -> Vec<Key> {
    let key = |field: Field<'_>| Key {
        default: defaults.get(field.name).cloned(),
        is_needed: !field.has_default,
        name: field.name.to_owned(),
        about: field.about,
    };
    fields(source).into_iter().map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FILE: &str = "//! # Sieve: what is coarse stays\n//!\n//!     y = s(x)    (1)\n\nuse x;\n\n/// Settings.\n#[derive(Clone)]\npub struct Config {\n    /// The width of the holes,\n    /// in millimetres.\n    pub width: f32,\n    /// Where they are.\n    #[serde(default)]\n    pub places: Vec<usize>,\n}\n";

    #[test]
    fn the_header_is_what_stands_before_the_code() {
        assert_eq!(header(FILE), "# Sieve: what is coarse stays\n\n    y = s(x)    (1)\n");
        assert_eq!(about(FILE), "what is coarse stays");
    }

    #[test]
    fn keys_bring_their_sentences_and_defaults() {
        let defaults = json!({"places": []});
        let keys = keys(FILE, defaults.as_object().unwrap());
        let said: Vec<(&str, &str, Option<&Value>)> =
            keys.iter().map(|key| (key.name.as_str(), key.about.as_str(), key.default.as_ref())).collect();
        assert_eq!(
            said,
            [
                ("width", "The width of the holes, in millimetres.", None),
                ("places", "Where they are.", Some(&json!([])))
            ]
        );
        assert!(keys[0].is_needed && !keys[1].is_needed);
    }

    #[test]
    fn what_must_be_given_has_an_empty_stand_in() {
        assert_eq!(needed(FILE), [("width".to_owned(), json!(""))]);
    }

    #[test]
    fn markdown_is_made_readable() {
        let text = readable("# Title\n\n| | |\n| --- | --- |\n| source | there |\n", true);
        assert_eq!(text, "Title\n\n  source        there\n");
    }

    #[test]
    fn long_prose_is_wrapped_between_words() {
        let text = readable(&format!("* {}", "word ".repeat(40).trim_end()), true);
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH)
                && text.lines().nth(1).unwrap().starts_with("  word"),
            "{text}"
        );
    }
}
