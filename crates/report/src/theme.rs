//! The colours, by name, in a light and a dark theme. Nothing else in this crate names a
//! colour, so a page follows the reader's theme and a saved plot can be given one.
//!
//! The models' colours are those of Okabe and Ito, which colour-blind people can tell apart. On
//! light paper they are deepened until a line stands out, each as far as keeps it apart from the
//! others. Their yellow cannot be seen there at all; violet stands in for it. The four that only
//! translate have four more: brown, leaf green, crimson, and navy, which is lavender in the dark.
//! All twelve are as far apart as the eight were, for every kind of eye.

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

/// What should stand back.
pub(crate) const QUIET: Paint = Paint { line: SOFT, text: SOFT };

/// One for each model, in the order of history; more models than colours begin again.
pub(crate) const MODELS: [Paint; 12] = [
    Paint { line: "var(--m0)", text: "var(--m0t)" },
    Paint { line: "var(--m1)", text: "var(--m1t)" },
    Paint { line: "var(--m2)", text: "var(--m2t)" },
    Paint { line: "var(--m3)", text: "var(--m3t)" },
    Paint { line: "var(--m4)", text: "var(--m4t)" },
    Paint { line: "var(--m5)", text: "var(--m5t)" },
    Paint { line: "var(--m6)", text: "var(--m6t)" },
    Paint { line: "var(--m7)", text: "var(--m7t)" },
    Paint { line: "var(--m8)", text: "var(--m8t)" },
    Paint { line: "var(--m9)", text: "var(--m9t)" },
    Paint { line: "var(--m10)", text: "var(--m10t)" },
    Paint { line: "var(--m11)", text: "var(--m11t)" },
];

const fn swatch(name: &'static str, light: &'static str, dark: &'static str) -> Swatch {
    Swatch { name, light, dark }
}

/// Every colour there is.
pub(crate) const SWATCHES: [Swatch; 34] = [
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
    swatch("m1", "#ba8000", "#e69f00"),
    swatch("m2", "#3b93c8", "#56b4e9"),
    swatch("m3", "#006b50", "#009e73"),
    swatch("m4", "#b0668f", "#cc79a7"),
    swatch("m5", "#a84200", "#d55e00"),
    swatch("m6", "#00598d", "#0072b2"),
    swatch("m7", "#6b3414", "#d08a50"),
    swatch("m8", "#619140", "#aee888"),
    swatch("m9", "#be004b", "#e6325c"),
    swatch("m10", "#143a90", "#d6d2ff"),
    swatch("m11", "#6b4fd8", "#7d66f0"),
    swatch("m0t", "#221f1a", "#ece6da"),
    swatch("m1t", "#8a5900", "#e69f00"),
    swatch("m2t", "#1d6b99", "#56b4e9"),
    swatch("m3t", "#006b50", "#2bbf93"),
    swatch("m4t", "#96447a", "#d88db6"),
    swatch("m5t", "#a84200", "#f08a45"),
    swatch("m6t", "#00598d", "#5aa9dc"),
    swatch("m7t", "#6b3414", "#d08a50"),
    swatch("m8t", "#3c6e20", "#aee888"),
    swatch("m9t", "#be004b", "#f26a88"),
    swatch("m10t", "#143a90", "#d6d2ff"),
    swatch("m11t", "#5d41c8", "#a594f7"),
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
    const CODES: [u8; 12] = [7, 172, 74, 36, 175, 166, 31, 137, 107, 161, 147, 99];
    CODES[order % CODES.len()]
}

#[cfg(test)]
mod tests {
    use super::{MODELS, SWATCHES, Swatch, resolved};

    /// Relative luminance, as WCAG 2 defines it.
    fn luminance(hex: &str) -> f64 {
        0.2126 * linear(hex, 1) + 0.7152 * linear(hex, 3) + 0.0722 * linear(hex, 5)
    }

    /// One channel of a colour in linear light.
    fn linear(hex: &str, at: usize) -> f64 {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
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
    fn counts_can_be_read_on_the_places_of_a_matrix() {
        use crate::plot::matrix::{RIGHT, WRONG};
        let channel = |hex: &str, at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
        for theme in [|swatch: &Swatch| swatch.light, |swatch: &Swatch| swatch.dark] {
            for (text, fill, (_, strong)) in [("soft", "soft", RIGHT), ("ink", "accent", WRONG)] {
                let [text, fill, paper] = [text, fill, "paper"].map(|name| theme(named(name)));
                let mixed = [1, 3, 5].map(|at| strong * channel(fill, at) + (1.0 - strong) * channel(paper, at));
                let mixed = format!("#{:02x}{:02x}{:02x}", mixed[0] as u8, mixed[1] as u8, mixed[2] as u8);
                assert!(contrast(text, &mixed) >= 4.5, "{text} on {mixed} has {:.2}", contrast(text, &mixed));
            }
        }
    }

    /// What a colour becomes, in linear light, for full trichromats and for those without red or
    /// green cones: Machado, Oliveira and Fernandes 2009, severity 1.
    const EYES: [[[f64; 3]; 3]; 3] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ];

    /// From linear sRGB to XYZ, divided by the white of D65.
    const TO_XYZ: [[f64; 3]; 3] = [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]];

    fn times(matrix: &[[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(vector).map(|(one, other)| one * other).sum::<f64>().clamp(0.0, 1.0))
    }

    /// CIE L*a*b*, in which a distance of about 2 can just be seen.
    fn seen(hex: &str, eye: &[[f64; 3]; 3]) -> [f64; 3] {
        let [x, y, z] = times(&TO_XYZ, times(eye, [1, 3, 5].map(|at| linear(hex, at)))).map(f64::cbrt);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn colour_blind_people_can_tell_the_models_apart() {
        for theme in [|swatch: &Swatch| swatch.light, |swatch: &Swatch| swatch.dark] {
            let colours: Vec<&str> = MODELS.iter().map(|paint| theme(named(paint.line))).collect();
            for (index, one) in colours.iter().enumerate() {
                for (other, eye) in colours[..index].iter().flat_map(|other| EYES.iter().map(move |eye| (other, eye))) {
                    let apart = seen(one, eye).into_iter().zip(seen(other, eye)).map(|(a, b)| (a - b).powi(2));
                    let apart = apart.sum::<f64>().sqrt();
                    // Okabe and Ito's own eight are 17 apart by this measure.
                    assert!(apart >= 15.0, "{one} and {other} are {apart:.1} apart");
                }
            }
        }
    }

    #[test]
    fn a_resolved_drawing_names_no_variable() {
        let all: String = SWATCHES.iter().map(|swatch| format!("var(--{}) ", swatch.name)).collect();
        let resolved = resolved(&all);
        assert!(!resolved.contains("var("), "{resolved}");
        assert!(resolved.starts_with("#fdfbf7 #221f1a "));
    }
}
