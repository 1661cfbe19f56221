//! The colours, by name, in a light and a dark theme. Nothing else in this crate names a
//! colour, so a page follows the reader's theme and a saved plot can be given one.
//!
//! The models' colours are those of Okabe and Ito, which colour-blind people can tell apart; in
//! the light theme the palest are deepened until a line stands out from the paper.

/// A colour with its value in both themes.
pub(crate) struct Swatch {
    pub(crate) name: &'static str,
    pub(crate) light: &'static str,
    pub(crate) dark: &'static str,
}

/// What a line is drawn in and what its label is written in: text needs more contrast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint {
    pub(crate) line: &'static str,
    pub(crate) text: &'static str,
}

pub(crate) const PAPER: &str = "var(--paper)";
pub(crate) const INK: &str = "var(--ink)";
pub(crate) const SOFT: &str = "var(--soft)";
pub(crate) const GRID: &str = "var(--grid)";
pub(crate) const RULE: &str = "var(--rule)";
pub(crate) const CARD: &str = "var(--card)";
pub(crate) const ACCENT: &str = "var(--accent)";
pub(crate) const ACCENT_TEXT: &str = "var(--accent-text)";
pub(crate) const NIGHT: &str = "var(--night)";
pub(crate) const FLAME: &str = "var(--flame)";

/// What belongs to no model.
pub(crate) const PLAIN: Paint = Paint { line: INK, text: INK };
/// What should stand back.
pub(crate) const QUIET: Paint = Paint { line: SOFT, text: SOFT };
/// What should be seen first.
pub(crate) const LIT: Paint = Paint { line: ACCENT, text: ACCENT_TEXT };

/// One for each model, in the order of history; more models than colours begin again.
pub(crate) const MODELS: [Paint; 8] = [
    Paint { line: "var(--m0)", text: "var(--m0t)" },
    Paint { line: "var(--m1)", text: "var(--m1t)" },
    Paint { line: "var(--m2)", text: "var(--m2t)" },
    Paint { line: "var(--m3)", text: "var(--m3t)" },
    Paint { line: "var(--m4)", text: "var(--m4t)" },
    Paint { line: "var(--m5)", text: "var(--m5t)" },
    Paint { line: "var(--m6)", text: "var(--m6t)" },
    Paint { line: "var(--m7)", text: "var(--m7t)" },
];

const fn swatch(name: &'static str, light: &'static str, dark: &'static str) -> Swatch {
    Swatch { name, light, dark }
}

/// Every colour there is.
pub(crate) const SWATCHES: [Swatch; 26] = [
    swatch("paper", "#fdfbf7", "#16140f"),
    swatch("ink", "#221f1a", "#ece6da"),
    swatch("soft", "#6b6459", "#a59d8e"),
    swatch("grid", "#ece7dd", "#2a261f"),
    swatch("rule", "#d5cec0", "#423c31"),
    swatch("card", "#f6f2e9", "#1e1b15"),
    swatch("accent", "#e8a33d", "#e8a33d"),
    swatch("accent-text", "#8a5a0b", "#e8a33d"),
    swatch("night", "#2b2721", "#2b2721"),
    swatch("flame", "#fffaf0", "#f7efdf"),
    swatch("m0", "#221f1a", "#ece6da"),
    swatch("m1", "#c27c00", "#e69f00"),
    swatch("m2", "#2e8fc6", "#56b4e9"),
    swatch("m3", "#009e73", "#009e73"),
    swatch("m4", "#c1699a", "#cc79a7"),
    swatch("m5", "#d55e00", "#d55e00"),
    swatch("m6", "#0072b2", "#0072b2"),
    swatch("m7", "#948700", "#f0e442"),
    swatch("m0t", "#221f1a", "#ece6da"),
    swatch("m1t", "#8a5900", "#e69f00"),
    swatch("m2t", "#1d6b99", "#56b4e9"),
    swatch("m3t", "#007455", "#2bbf93"),
    swatch("m4t", "#9a4576", "#d88db6"),
    swatch("m5t", "#b04d00", "#f08a45"),
    swatch("m6t", "#00649c", "#5aa9dc"),
    swatch("m7t", "#6c6200", "#f0e442"),
];

/// The paint of the model at a place in history.
pub(crate) fn model(order: usize) -> Paint {
    MODELS[order % MODELS.len()]
}

/// The same drawing with the light theme's colours in place of their names.
pub(crate) fn resolved(svg: &str) -> String {
    SWATCHES
        .iter()
        .fold(svg.to_owned(), |drawing, swatch| drawing.replace(&format!("var(--{})", swatch.name), swatch.light))
}

/// The declarations of one theme, for a style sheet.
pub(crate) fn declarations(value: impl Fn(&Swatch) -> &'static str) -> String {
    SWATCHES.iter().map(|swatch| format!("--{}:{};", swatch.name, value(swatch))).collect()
}

/// A model's colour as a terminal with 256 colours has it.
pub(crate) fn terminal(order: usize) -> u8 {
    // Nearest entries of the 6x6x6 cube to the colours above; the first is the default text.
    const CODES: [u8; 8] = [7, 172, 74, 36, 175, 166, 31, 185];
    CODES[order % CODES.len()]
}

#[cfg(test)]
mod tests {
    use super::{MODELS, SWATCHES, Swatch, resolved};

    /// Relative luminance, as WCAG 2 defines it.
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn named(name: &str) -> &'static Swatch {
        let name = name.trim_start_matches("var(--").trim_end_matches(')');
        SWATCHES.iter().find(|swatch| swatch.name == name).unwrap()
    }

    fn check(name: &str, least: f64) {
        let (colour, paper, card) = (named(name), named("paper"), named("card"));
        for (value, ground) in [
            (colour.light, paper.light),
            (colour.dark, paper.dark),
            (colour.light, card.light),
            (colour.dark, card.dark),
        ] {
            let found = contrast(value, ground);
            assert!(found >= least, "{name}: {value} on {ground} has {found:.2}");
        }
    }

    // 3 for lines and 4.5 for text are WCAG 2's bounds (1.4.11 and 1.4.3).
    #[test]
    fn lines_stand_out_from_the_paper_in_both_themes() {
        MODELS.iter().for_each(|paint| check(paint.line, 3.0));
    }

    #[test]
    fn text_can_be_read_in_both_themes() {
        MODELS.iter().for_each(|paint| check(paint.text, 4.5));
        ["ink", "soft", "accent-text"].iter().for_each(|name| check(name, 4.5));
    }

    #[test]
    fn a_resolved_drawing_names_no_variable() {
        let all: String = SWATCHES.iter().map(|swatch| format!("var(--{}) ", swatch.name)).collect();
        let resolved = resolved(&all);
        assert!(!resolved.contains("var("), "{resolved}");
        assert!(resolved.starts_with("#fdfbf7 #221f1a "));
    }
}
