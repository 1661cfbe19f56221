//! A map of marks: examples down, units across, white where a unit is saturated. Below it, a
//! tick under every unit that is saturated for all examples.

use super::Draw;
use crate::svg::{Anchor, Style, Svg};
use crate::theme::{ACCENT, FLAME, NIGHT, SOFT};

/// One map, a row an example.
#[derive(Debug, Clone)]
pub(crate) struct Bits {
    pub(crate) rows: Vec<Vec<bool>>,
}

impl Bits {
    /// Columns that are marked in every row.
    pub(crate) fn full_columns(&self) -> Vec<usize> {
        let units = self.rows.first().map_or(0, Vec::len);
        (0..units).filter(|unit| self.rows.iter().all(|row| row.get(*unit) == Some(&true))).collect()
    }

    /// Share of marks that are set.
    pub(crate) fn share(&self) -> f64 {
        let all: usize = self.rows.iter().map(Vec::len).sum();
        let set = self.rows.iter().flatten().filter(|mark| **mark).count();
        set as f64 / all.max(1) as f64
    }
}

impl Draw for Bits {
    fn draw(&self, width: f64) -> Svg {
        const LEFT: f64 = 18.0;
        const TOP: f64 = 20.0;
        let units = self.rows.iter().map(Vec::len).max().unwrap_or(0).max(1) as f64;
        let cell = (width - LEFT) / units;
        // Cells of a wide layer are narrow; rows stay tall enough to be seen.
        let row = cell.clamp(4.0, 9.0);
        let map_height = row * self.rows.len() as f64;
        let mut svg = Svg::new(width, TOP + map_height + 26.0);
        svg.text((LEFT, 12.0), Style::new(12.0, SOFT), "units →");
        let axis = format!("{} examples, downwards", self.rows.len());
        svg.text((width, 12.0), Style::new(12.0, SOFT).anchored(Anchor::End), &axis);
        svg.rect((LEFT, TOP), (width - LEFT, map_height), &format!("fill=\"{NIGHT}\""));
        let mut d = String::new();
        for (index, marks) in self.rows.iter().enumerate() {
            for (start, end) in stretches(marks) {
                let length = end - start;
                d.push_str(&format!("M{start} {index}h{length}v1h-{length}z"));
            }
        }
        // In cells, and scaled: a map of thousands of cells stays short.
        let place = format!("translate({LEFT} {TOP}) scale({cell:.4} {row:.4})");
        svg.path(&d, &format!("fill=\"{FLAME}\" shape-rendering=\"crispEdges\" transform=\"{place}\""));
        for unit in self.full_columns() {
            let x = LEFT + (unit as f64 + 0.5) * cell;
            svg.line((x, TOP + map_height + 3.0), (x, TOP + map_height + 11.0), ACCENT, cell.clamp(1.5, 4.0), "");
        }
        svg
    }
}

/// Where marks that lie beside each other begin and end.
fn stretches(marks: &[bool]) -> Vec<(usize, usize)> {
    let mut all: Vec<(usize, usize)> = Vec::new();
    for (index, _) in marks.iter().enumerate().filter(|(_, mark)| **mark) {
        match all.last_mut() {
            Some((_, end)) if *end == index => *end += 1,
            _ => all.push((index, index + 1)),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{Bits, stretches};
    use crate::plot::Draw;

    fn map(rows: &[&str]) -> Bits {
        Bits { rows: rows.iter().map(|row| row.chars().map(|mark| mark == '#').collect()).collect() }
    }

    #[test]
    fn marks_that_touch_are_drawn_as_one() {
        assert_eq!(stretches(&map(&["##.#"]).rows[0]), [(0, 2), (3, 4)]);
        assert_eq!(stretches(&[]), []);
    }

    #[test]
    fn a_unit_marked_in_every_row_is_full() {
        let bits = map(&["#.#", "##."]);
        assert_eq!((bits.full_columns(), bits.share()), (vec![0], 4.0 / 6.0));
    }

    #[test]
    fn one_mark_more_is_another_picture() {
        let drawn = |rows: &[&str]| map(rows).draw(300.0).inline("");
        assert_ne!(drawn(&["#..", "..."]), drawn(&["#..", "#.."]));
    }
}
