//! Small pictures of numbers for a terminal: blocks, bars, a few values. Knows no model.

/// How many numbers a row of blocks shows.
const MOST: usize = 40;
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A block for each number: the lowest for -`most`, the middle for 0, the highest for `most`.
pub(super) fn blocks(values: &[f32], most: f32) -> String {
    let block = |value: &f32| match value / most.max(f32::MIN_POSITIVE) {
        share if share.is_finite() => BLOCKS[((share.clamp(-1.0, 1.0) + 1.0) * 3.5).round() as usize],
        _ => '?',
    };
    let cut = if values.len() > MOST { "..." } else { "" };
    values.iter().take(MOST).map(block).collect::<String>() + cut
}

/// The first three numbers and the last; all where there are not many.
pub(super) fn numbers(values: &[f32]) -> String {
    let all = |values: &[f32]| values.iter().map(|value| number(*value)).collect::<Vec<_>>().join(" ");
    match values {
        [first @ .., last] if values.len() > 5 => format!("{} ... {}", all(&first[..3]), number(*last)),
        few => all(few),
    }
}

/// Two decimals, or an exponent where these would say nothing.
pub(super) fn number(value: f32) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".into()
    } else if (0.01..1000.0).contains(&size) {
        format!("{value:.2}").replace('-', "−")
    } else {
        format!("{value:.0e}").replace('-', "−")
    }
}

/// A row of zeros with its one; long rows are cut to what stands around it.
pub(super) fn one_hot(place: usize, width: usize) -> String {
    let mark = |here: usize| if here == place { '█' } else { '·' };
    if width <= 2 * MOST {
        return (0..width).map(mark).collect();
    }
    let start = place.saturating_sub(MOST / 2).min(width - MOST);
    let (before, after) = (if start > 0 { "..." } else { "" }, if start + MOST < width { "..." } else { "" });
    format!("{before}{}{after}", (start..start + MOST).map(mark).collect::<String>())
}

/// A bar whose length is a share of 1, of at most `width` letters.
pub(super) fn bar(share: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * (8 * width) as f64).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_rise_from_the_most_negative_to_the_largest() {
        assert_eq!(blocks(&[-2.0, 0.0, 2.0, f32::NAN], 2.0), "▁▅█?");
        assert_eq!(blocks(&[0.0; 50], 1.0).chars().count(), MOST + 3);
    }

    #[test]
    fn nothing_but_zeros_is_a_level_row() {
        assert_eq!(blocks(&[0.0, 0.0], 0.0), "▅▅");
    }

    #[test]
    fn many_numbers_are_cut_short() {
        assert_eq!(numbers(&[0.125, -1.0, 0.0]), "0.12 −1.00 0");
        assert_eq!(numbers(&[1.0, 2.0, 3.0, 4.0, 5.0, 6e-5]), "1.00 2.00 3.00 ... 6e−5");
    }

    #[test]
    fn a_one_hot_row_has_its_one_in_place() {
        assert_eq!(one_hot(1, 4), "·█··");
        let long = one_hot(900, 1000);
        assert!(long.starts_with("...·") && long.ends_with("·...") && long.matches('█').count() == 1, "{long}");
        assert!(one_hot(999, 1000).ends_with("·█"));
    }

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(0.5, 4), "██");
        assert_eq!(bar(0.28125, 4), "█▏");
    }
}
