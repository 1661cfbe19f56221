//! Matrices of confusion: a row is what was wanted, a column what was said, and each place has its count. What is right lies on
//! the diagonal and stands back; what is wrong has the accent, the stronger the larger its share of the row.

use super::Draw;
use crate::say;
use crate::svg::{Anchor, Style, Svg, px, text_width};
use crate::theme::{ACCENT, GRID, INK, RULE, SOFT};
use serde_json::json;

const NAME: f64 = 12.0;
const COUNT: f64 = 11.5;
/// A name with more letters is cut, sooner where there is less room.
const MOST_LETTERS: (usize, usize) = (14, 24);
/// Less room is less than this.
const NARROW: f64 = 500.0;
/// Names of columns stand up, but not so far that one must turn the head.
const TURN: f64 = -58.0;
/// A place is no narrower than its count, and no wider than looks good.
const CELL: (f64, f64) = (22.0, 40.0);
/// How strong colours are: of what is right and of what is wrong, from nearly none of the row to all of it. Counts can be
/// read on all of them in both themes.
pub(crate) const RIGHT: (f64, f64) = (0.04, 0.14);
pub(crate) const WRONG: (f64, f64) = (0.22, 0.5);

/// A matrix of counts.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    /// Of the rows and of the columns.
    pub(crate) names: Vec<String>,
    /// How often each was said, a row for each that was wanted.
    pub(crate) counts: Vec<Vec<u64>>,
    /// How often each was wanted: more than its row has, where some that were said are no columns.
    pub(crate) there: Vec<u64>,
}

/// Where the places lie.
struct Place {
    left: f64,
    top: f64,
    cell: f64,
    letters: usize,
}

impl Draw for Matrix {
    fn draw(&self, width: f64) -> Svg {
        let place = self.place(width);
        let side = place.cell * self.names.len() as f64;
        let mut svg = Svg::new(width.max(self.right(&place)), place.top + side + 1.0);
        self.draw_names(&mut svg, &place);
        self.draw_places(&mut svg, &place);
        svg.set_hover(&json!({
            "names": self.names, "counts": self.counts, "there": self.there,
            "left": px(place.left), "top": px(place.top), "cell": place.cell,
        }));
        svg
    }
}

impl Matrix {
    fn place(&self, width: f64) -> Place {
        let letters = if width < NARROW { MOST_LETTERS.0 } else { MOST_LETTERS.1 };
        let longest = self.names.iter().map(|name| text_width(&say::shortened(name, letters), NAME));
        let longest = longest.fold(text_width("wanted ↓", NAME), f64::max);
        let left = longest + 14.0;
        let top = 20.0 + longest * TURN.to_radians().sin().abs() + 10.0;
        let counts = self.counts.iter().flatten().map(|count| text_width(&count.to_string(), COUNT) + 6.0);
        let least = counts.fold(CELL.0, f64::max);
        let room = width - left - longest * TURN.to_radians().cos();
        let cell = (room / self.names.len().max(1) as f64).clamp(least, CELL.1.max(least));
        Place { left, top, cell, letters }
    }

    /// How far the shares beside the rows and the last names of the columns reach.
    fn right(&self, place: &Place) -> f64 {
        let leans = |(column, name): (usize, &String)| {
            let lean = text_width(&say::shortened(name, place.letters), NAME) * TURN.to_radians().cos();
            place.left + (column as f64 + 0.5) * place.cell + lean + 8.0
        };
        let shares = place.left + place.cell * self.names.len() as f64 + 12.0 + text_width("100 %", NAME);
        self.names.iter().enumerate().map(leans).fold(shares, f64::max)
    }

    fn draw_names(&self, svg: &mut Svg, place: &Place) {
        let Place { left, top, cell, letters } = *place;
        let right = left + cell * self.names.len() as f64 + 8.0;
        svg.text((left, 12.0), Style::new(NAME, SOFT), "said →");
        svg.text((left - 8.0, top - 8.0), Style::new(NAME, SOFT).anchored(Anchor::End), "wanted ↓");
        svg.text((right, top - 8.0), Style::new(NAME, SOFT), "right");
        for (index, name) in self.names.iter().enumerate() {
            let (name, middle) = (say::shortened(name, letters), (index as f64 + 0.5) * cell);
            // The foot of a turned letter lies right of where it begins.
            svg.text((left + middle + 3.0, top - 6.0), Style::new(NAME, INK).turned(TURN), &name);
            let end = Style::new(NAME, INK).anchored(Anchor::End);
            svg.text((left - 8.0, top + middle + 4.0), end, &name);
            if let Some(share) = self.share(index, index) {
                svg.text((right, top + middle + 4.0), Style::new(NAME, SOFT), &say::percent(share));
            }
        }
    }

    /// The share of a row that lies in a column; nothing where nobody wanted it.
    fn share(&self, row: usize, column: usize) -> Option<f64> {
        let there = self.there.get(row).copied().filter(|&there| there > 0)?;
        Some(*self.counts.get(row)?.get(column)? as f64 / there as f64)
    }

    fn draw_places(&self, svg: &mut Svg, place: &Place) {
        let Place { left, top, cell, .. } = *place;
        let (many, side) = (self.names.len(), cell * self.names.len() as f64);
        let between = (1..many).map(|index| index as f64 * cell);
        let lines: String = between
            .map(|at| format!("M{} {}v{side:.1}M{} {}h{side:.1}", px(left + at), px(top), px(left), px(top + at)))
            .collect();
        svg.path(&lines, &format!("fill=\"none\" stroke=\"{GRID}\" stroke-width=\"1\""));
        for (row, counts) in self.counts.iter().take(many).enumerate() {
            for (column, count) in counts.iter().take(many).enumerate().filter(|(_, count)| **count > 0) {
                let share = self.share(row, column).unwrap_or(1.0).clamp(0.0, 1.0);
                let (fill, (weak, strong), ink) =
                    if row == column { (SOFT, RIGHT, SOFT) } else { (ACCENT, WRONG, INK) };
                // By the root: a share of a hundredth can still be told from none.
                let opacity = weak + (strong - weak) * share.sqrt();
                let corner = (left + column as f64 * cell, top + row as f64 * cell);
                svg.rect(corner, (cell, cell), &format!("fill=\"{fill}\" fill-opacity=\"{opacity:.2}\""));
                let middle = (corner.0 + cell / 2.0, corner.1 + cell / 2.0 + 4.0);
                svg.text(middle, Style::new(COUNT, ink).anchored(Anchor::Middle), &count.to_string());
            }
        }
        svg.rect((left, top), (side, side), &format!("fill=\"none\" stroke=\"{RULE}\" stroke-width=\"1\""));
    }
}

#[cfg(test)]
mod tests {
    use super::Matrix;
    use crate::plot::Draw;

    fn matrix(counts: &[&[u64]], there: &[u64]) -> Matrix {
        let names = (0..there.len()).map(|index| format!("intent{index}")).collect();
        Matrix { names, counts: counts.iter().map(|row| row.to_vec()).collect(), there: there.to_vec() }
    }

    fn drawn(counts: &[&[u64]], there: &[u64]) -> String {
        matrix(counts, there).draw(400.0).inline("").replace('\u{a0}', " ")
    }

    #[test]
    fn what_is_right_is_quiet_and_what_is_wrong_has_the_accent() {
        let text = drawn(&[&[3, 1], &[0, 4]], &[4, 4]);
        // The root of a quarter is a half: in the middle between 0.22 and 0.50.
        assert_eq!(text.matches("fill=\"var(--accent)\" fill-opacity=\"0.36\"").count(), 1, "{text}");
        assert_eq!(text.matches("fill=\"var(--soft)\" fill-opacity").count(), 2, "{text}");
        for said in [">3</text>", ">1</text>", ">4</text>", ">75 %</text>", ">100 %</text>"] {
            assert!(text.contains(said), "{said} in {text}");
        }
        assert!(!text.contains(">0</text>"), "{text}");
    }

    #[test]
    fn names_stand_at_rows_and_columns_and_are_cut() {
        let mut matrix = matrix(&[&[1, 0], &[0, 1]], &[1, 1]);
        matrix.names[1] = "<b>SearchCreativeWorkOfArt".into();
        let text = matrix.draw(400.0).inline("");
        assert_eq!(text.matches(">&lt;b&gt;SearchCrea…</text>").count(), 2, "{text}");
        // The pointer finds the whole of it.
        assert!(text.contains("&quot;&lt;b&gt;SearchCreativeWorkOfArt&quot;"), "{text}");
    }

    #[test]
    fn what_nobody_wanted_has_no_share_and_what_is_missing_is_not_drawn() {
        let text = drawn(&[&[0, 0], &[2]], &[0, 5]);
        assert_eq!((text.matches(" %</text>").count(), text.matches(">2</text>").count()), (0, 1), "{text}");
        assert!(drawn(&[], &[]).ends_with("</svg>"));
        assert!(!drawn(&[&[9]], &[0]).contains("NaN"));
    }

    #[test]
    fn a_large_matrix_keeps_its_counts_and_is_wider_than_asked() {
        let many = |count: usize| matrix(&[&[1234]], &vec![2000; count]).draw(352.0).width;
        assert_eq!(many(3), 352.0);
        // 30 places of four digits each: 4 * 0.58 * 11.5 + 6 are 32.68.
        assert!(many(30) > 30.0 * 32.0);
    }
}
