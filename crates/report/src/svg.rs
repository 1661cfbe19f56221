//! A drawing being put together: the few SVG elements that our plots need, no more. Knows
//! nothing of what it draws.

use crate::theme;
use std::fmt::Write;

/// The fonts of a drawing that stands alone; on a page it takes the page's.
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/// A drawing of a fixed size; lengths are CSS pixels at the size it is drawn for.
#[derive(Debug, Clone)]
pub(crate) struct Svg {
    pub(crate) width: f64,
    pub(crate) height: f64,
    body: String,
    hover: String,
}

/// Where a text's `x` is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f64,
    pub(crate) fill: &'static str,
    pub(crate) anchor: Anchor,
    pub(crate) bold: bool,
    /// Paper round the letters, for text that stands on lines.
    pub(crate) halo: bool,
    /// Degrees that it is turned about its place, clockwise.
    pub(crate) turn: f64,
}

impl Style {
    /// Text of this size and colour, from its start.
    pub(crate) fn new(size: f64, fill: &'static str) -> Self {
        Self { size, fill, anchor: Anchor::Start, bold: false, halo: false, turn: 0.0 }
    }

    pub(crate) fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(crate) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(crate) fn halo(self) -> Self {
        Self { halo: true, ..self }
    }

    pub(crate) fn turned(self, degrees: f64) -> Self {
        Self { turn: degrees, ..self }
    }
}

impl Svg {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new(), hover: String::new() }
    }

    /// A straight line; `dash` as SVG writes it, empty for none.
    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: &str, width: f64, dash: &str) {
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        let _ = writeln!(
            self.body,
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{stroke}\" stroke-width=\"{}\"{dash}/>",
            px(from.0),
            px(from.1),
            px(to.0),
            px(to.1),
            px(width)
        );
    }

    /// A path with its attributes as SVG writes them.
    pub(crate) fn path(&mut self, d: &str, attributes: &str) {
        let _ = writeln!(self.body, "<path d=\"{d}\" {attributes}/>");
    }

    /// A rectangle with its attributes as SVG writes them.
    pub(crate) fn rect(&mut self, corner: (f64, f64), size: (f64, f64), attributes: &str) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {attributes}/>",
            px(corner.0),
            px(corner.1),
            px(size.0.max(0.0)),
            px(size.1.max(0.0))
        );
    }

    /// A circle with its attributes as SVG writes them.
    pub(crate) fn circle(&mut self, centre: (f64, f64), radius: f64, attributes: &str) {
        let _ = writeln!(
            self.body,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {attributes}/>",
            px(centre.0),
            px(centre.1),
            px(radius)
        );
    }

    /// A line of text; `at` is on its baseline.
    pub(crate) fn text(&mut self, at: (f64, f64), style: Style, content: &str) {
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let bold = if style.bold { " font-weight=\"600\"" } else { "" };
        let halo = if style.halo {
            format!(" stroke=\"{}\" stroke-width=\"4\" stroke-linejoin=\"round\" paint-order=\"stroke\"", theme::PAPER)
        } else {
            String::new()
        };
        let turn = match style.turn {
            0.0 => String::new(),
            turn => format!(" transform=\"rotate({} {} {})\"", px(turn), px(at.0), px(at.1)),
        };
        let _ = writeln!(
            self.body,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{anchor}{bold}{halo}{turn}>{}</text>",
            px(at.0),
            px(at.1),
            px(style.size),
            style.fill,
            escaped(content)
        );
    }

    /// Puts another drawing into this one.
    pub(crate) fn place(&mut self, at: (f64, f64), other: &Svg) {
        let _ = writeln!(self.body, "<g transform=\"translate({} {})\">", px(at.0), px(at.1));
        self.body.push_str(&other.body);
        self.body.push_str("</g>\n");
    }

    /// What the page's script shows under the pointer, as JSON.
    pub(crate) fn set_hover(&mut self, json: &serde_json::Value) {
        self.hover = json.to_string();
    }

    /// The drawing as part of a page, described by `title` to those who cannot see it.
    pub(crate) fn inline(&self, title: &str) -> String {
        let hover =
            if self.hover.is_empty() { String::new() } else { format!(" data-hover=\"{}\"", escaped(&self.hover)) };
        format!(
            "<svg viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" aria-label=\"{}\"{hover}>\n{}</svg>",
            escaped(title),
            self.body,
            w = px(self.width),
            h = px(self.height)
        )
    }

    /// The drawing as a file of its own: on paper, with its title, in the light theme.
    pub(crate) fn standalone(&self, title: &str) -> String {
        const MARGIN: f64 = 20.0;
        const HEAD: f64 = 34.0;
        let (width, height) = (self.width + 2.0 * MARGIN, self.height + HEAD + 2.0 * MARGIN);
        let mut framed = Self::new(width, height);
        framed.rect((0.0, 0.0), (width, height), &format!("fill=\"{}\"", theme::PAPER));
        framed.text((MARGIN, MARGIN + 14.0), Style::new(16.0, theme::INK).bold(), title);
        framed.place((MARGIN, MARGIN + HEAD), self);
        let drawing = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" font-family=\"{FONTS}\">\n<title>{}</title>\n{}</svg>\n",
            escaped(title),
            framed.body,
            w = px(width),
            h = px(height)
        );
        theme::resolved(&drawing)
    }
}

/// A length with one decimal at most: more cannot be seen.
pub(crate) fn px(length: f64) -> String {
    // Adding zero turns a rounded -0 into 0.
    let tenths = (length * 10.0).round() + 0.0;
    if tenths % 10.0 == 0.0 { format!("{:.0}", tenths / 10.0) } else { format!("{:.1}", tenths / 10.0) }
}

/// About how wide a text of the page's font is. Fonts differ, so this errs on the wide side.
pub(crate) fn text_width(content: &str, size: f64) -> f64 {
    let ems: f64 = content
        .chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | '|' | '\'' => 0.3,
            ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' => 0.37,
            'm' | 'w' | 'M' | 'W' => 0.88,
            'A'..='Z' => 0.68,
            // From here on scripts fill squares.
            '\u{2e80}'.. => 1.02,
            _ => 0.58,
        })
        .sum();
    ems * size
}

/// The same for bold letters, which are wider.
pub(crate) fn bold_width(content: &str, size: f64) -> f64 {
    text_width(content, size) * 1.12
}

/// A bold text in lines that are no wider than `most`, as far as its words allow.
pub(crate) fn bold_lines(content: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in content.split(' ') {
        match lines.last_mut() {
            Some(last) if bold_width(&format!("{last} {word}"), size) <= most => *last += &format!(" {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Text that means itself inside XML. What would not be seen, but obeyed, is drawn as a stranger.
pub(crate) fn escaped(text: &str) -> String {
    let text: String = text.chars().map(|letter| if is_order(letter) { '\u{fffd}' } else { letter }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Whether a letter is an order: a control character, which XML cannot hold and a terminal obeys, or one that turns the
/// letters after it round.
pub(crate) fn is_order(letter: char) -> bool {
    let is_space = matches!(letter, '\n' | '\r' | '\t');
    letter.is_control() && !is_space || matches!(letter, '\u{202d}' | '\u{202e}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Style, Svg, bold_lines, escaped, px};

    #[test]
    fn lengths_have_no_digits_that_cannot_be_seen() {
        assert_eq!([1.0, 1.26, -0.04].map(px), ["1", "1.3", "0"]);
    }

    #[test]
    fn a_long_name_is_broken_between_its_words() {
        // A letter is 5.8 wide, and 6.5 in bold.
        assert_eq!(bold_lines("abc def", 10.0, 60.0), ["abc def"]);
        assert_eq!(bold_lines("abc def", 10.0, 30.0), ["abc", "def"]);
        assert_eq!(bold_lines("abcdef", 10.0, 30.0), ["abcdef"]);
    }

    #[test]
    fn what_a_user_wrote_cannot_become_markup() {
        let mut drawing = Svg::new(10.0, 10.0);
        drawing.text((0.0, 0.0), Style::new(12.0, "var(--ink)").anchored(Anchor::End), "<b>&\"");
        let text = drawing.inline("a \"title\"");
        assert!(text.contains(">&lt;b&gt;&amp;&quot;</text>"), "{text}");
        assert!(text.contains("aria-label=\"a &quot;title&quot;\""), "{text}");
        assert_eq!(escaped("a<b"), "a&lt;b");
        assert_eq!(escaped("a\u{1b}[0m\n\u{202e}b"), "a\u{fffd}[0m\n\u{fffd}b");
    }

    #[test]
    fn a_drawing_that_stands_alone_has_its_title_and_no_variables() {
        let mut drawing = Svg::new(10.0, 10.0);
        drawing.line((0.0, 0.0), (1.0, 1.0), "var(--accent)", 2.0, "");
        let text = drawing.standalone("Loss");
        assert!(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
        assert!(text.contains("<title>Loss</title>") && text.contains("#e8a33d"));
        assert!(!text.contains("var("));
    }
}
