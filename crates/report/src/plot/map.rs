//! Maps of shares: columns are what was looked at, rows are who looked, and the stronger the colour of a place, the larger
//! its share of the row. One map may be large, with its names and a key; those that go with it are small.

use super::Draw;
use crate::say;
use crate::svg::{Anchor, Style, Svg, bold_width, px, text_width};
use crate::theme::{ACCENT_TEXT, GRID, INK, RULE, SOFT};
use serde_json::json;

const NAME: f64 = 12.0;
/// A name with more letters is cut.
const MOST_LETTERS: usize = 14;
/// Names of columns stand up, but not so far that one must turn the head.
const TURN: f64 = -58.0;
/// A place is so wide that its name stands clear of the next one, and no wider than looks good.
const CELL: (f64, f64) = (15.0, 32.0);
/// The same for a small map, which has no names.
const SMALL_CELL: (f64, f64) = (4.0, 14.0);
/// A small map is about so wide.
const SMALL: f64 = 150.0;
const GAP: f64 = 28.0;
const TITLE: f64 = 22.0;
const KEY: f64 = 30.0;
/// Shares are drawn in so many strengths; zero is the page itself.
const STRENGTHS: usize = 20;

/// Maps with the same columns and rows.
#[derive(Debug, Clone)]
pub(crate) struct Maps {
    pub(crate) source: Vec<String>,
    pub(crate) target: Vec<String>,
    pub(crate) large: Option<Map>,
    pub(crate) small: Vec<Map>,
}

/// One map: for each row the share of each column, 0 to 1. What is missing or no number is not drawn.
#[derive(Debug, Clone)]
pub(crate) struct Map {
    pub(crate) title: String,
    pub(crate) shares: Vec<Vec<f32>>,
}

/// Where a map lies in the drawing.
struct Place<'a> {
    map: &'a Map,
    left: f64,
    top: f64,
    cell: f64,
}

impl Draw for Maps {
    fn draw(&self, width: f64) -> Svg {
        let large = self.large.as_ref().map(|map| self.large_place(map, width));
        let large_width = large.as_ref().map_or(0.0, |place| self.right_of_names(place));
        let large_height = large.as_ref().map_or(0.0, |place| place.top + self.height(place.cell) + KEY);
        let under = if large.is_some() && !self.small.is_empty() { large_height + GAP } else { large_height };
        let (small, bottom) = self.small_places(width, under);
        let small_width = small.iter().map(|place| place.left + self.width(place.cell)).fold(0.0, f64::max);
        let mut svg = Svg::new(width.max(large_width).max(small_width), bottom.max(1.0));
        if let Some(place) = &large {
            self.draw_names(&mut svg, place);
            draw_key(&mut svg, place.left, place.top + self.height(place.cell) + 14.0);
        }
        for place in &small {
            svg.text((place.left, place.top - 8.0), Style::new(12.5, INK).bold(), &place.map.title);
        }
        let places: Vec<Place> = large.into_iter().chain(small).collect();
        places.iter().for_each(|place| self.draw_map(&mut svg, place));
        svg.set_hover(&self.hover(&places));
        svg
    }
}

impl Maps {
    fn width(&self, cell: f64) -> f64 {
        cell * self.source.len() as f64
    }

    fn height(&self, cell: f64) -> f64 {
        cell * self.target.len() as f64
    }

    /// The large map is as large as its names and the width allow.
    fn large_place<'a>(&self, map: &'a Map, width: f64) -> Place<'a> {
        let (source, target) = (longest(&self.source), longest(&self.target));
        let left = target.max(text_width("written ↓", NAME)) + 14.0;
        let top = 20.0 + source * TURN.to_radians().sin().abs() + 10.0;
        let room = width - left - source * TURN.to_radians().cos();
        let cell = (room / self.source.len().max(1) as f64).clamp(CELL.0, CELL.1);
        Place { map, left, top, cell }
    }

    /// How far the last names of the columns lean out.
    fn right_of_names(&self, place: &Place) -> f64 {
        let leans = |(column, name): (usize, &String)| {
            let lean = text_width(&shown(name), NAME) * TURN.to_radians().cos();
            place.left + (column as f64 + 0.5) * place.cell + lean + 8.0
        };
        let right = place.left + self.width(place.cell) + 1.0;
        self.source.iter().enumerate().map(leans).fold(right, f64::max)
    }

    /// Where the small maps lie, in rows, and where the last row ends.
    fn small_places(&self, width: f64, top: f64) -> (Vec<Place<'_>>, f64) {
        let cell = (SMALL / self.source.len().max(1) as f64).clamp(SMALL_CELL.0, SMALL_CELL.1);
        let titles = self.small.iter().map(|map| bold_width(&map.title, 12.5));
        let pitch = titles.fold(self.width(cell), f64::max) + GAP;
        let columns = ((width + GAP) / pitch).floor().max(1.0) as usize;
        let row = TITLE + self.height(cell) + GAP;
        let place = |(index, map)| Place {
            map,
            left: (index % columns) as f64 * pitch,
            top: top + (index / columns) as f64 * row + TITLE,
            cell,
        };
        let rows = self.small.len().div_ceil(columns) as f64;
        let bottom = if self.small.is_empty() { top } else { top + rows * row - GAP + 1.0 };
        (self.small.iter().enumerate().map(place).collect(), bottom)
    }

    fn draw_names(&self, svg: &mut Svg, place: &Place) {
        let Place { left, top, cell, .. } = *place;
        svg.text((left, 12.0), Style::new(NAME, SOFT), "source →");
        let end = Style::new(NAME, SOFT).anchored(Anchor::End);
        svg.text((left - 8.0, top - 8.0), end, "written ↓");
        for (column, name) in self.source.iter().enumerate() {
            // The foot of a turned letter lies right of where it begins.
            let at = (left + (column as f64 + 0.5) * cell + 3.0, top - 6.0);
            svg.text(at, Style::new(NAME, INK).turned(TURN), &shown(name));
        }
        for (row, name) in self.target.iter().enumerate() {
            let at = (left - 8.0, top + (row as f64 + 0.5) * cell + 4.0);
            svg.text(at, Style::new(NAME, INK).anchored(Anchor::End), &shown(name));
        }
    }

    fn draw_map(&self, svg: &mut Svg, place: &Place) {
        let Place { map, left, top, cell } = *place;
        let (wide, tall) = (self.width(cell), self.height(cell));
        // In cells, and scaled: a map of thousands of them stays short.
        let transform = format!("transform=\"translate({} {}) scale({cell:.4})\"", px(left), px(top));
        for strength in 1..=STRENGTHS {
            let d = self.places_of(map, strength);
            if !d.is_empty() {
                let opacity = strength as f64 / STRENGTHS as f64;
                let fill =
                    format!("fill=\"{ACCENT_TEXT}\" fill-opacity=\"{opacity:.2}\" shape-rendering=\"crispEdges\"");
                svg.path(&d, &format!("{fill} {transform}"));
            }
        }
        if cell >= CELL.0 {
            let columns = (1..self.source.len()).map(|column| (px(left + column as f64 * cell), px(top)));
            let rows = (1..self.target.len()).map(|row| (px(left), px(top + row as f64 * cell)));
            let columns = columns.map(|(x, y)| format!("M{x} {y}v{}", px(tall)));
            let lines: String = columns.chain(rows.map(|(x, y)| format!("M{x} {y}h{}", px(wide)))).collect();
            svg.path(&lines, &format!("fill=\"none\" stroke=\"{GRID}\" stroke-width=\"1\""));
        }
        svg.rect((left, top), (wide, tall), &format!("fill=\"none\" stroke=\"{RULE}\" stroke-width=\"1\""));
    }

    /// The places of one strength; those beside each other are one.
    fn places_of(&self, map: &Map, strength: usize) -> String {
        let mut d = String::new();
        for (row, shares) in map.shares.iter().take(self.target.len()).enumerate() {
            let mut column = 0;
            let all: Vec<usize> = shares.iter().take(self.source.len()).map(|share| strength_of(*share)).collect();
            for same in all.chunk_by(|one, other| one == other) {
                if same[0] == strength {
                    d.push_str(&format!("M{column} {row}h{0}v1h-{0}z", same.len()));
                }
                column += same.len();
            }
        }
        d
    }

    /// What the page's script shows under the pointer: shares in hundredths.
    fn hover(&self, places: &[Place]) -> serde_json::Value {
        let hundredths =
            |share: &f32| if share.is_finite() { (share.clamp(0.0, 1.0) * 100.0).round() as u8 } else { 0 };
        let rows = |map: &Map| -> Vec<Vec<u8>> {
            map.shares.iter().map(|shares| shares.iter().map(hundredths).collect()).collect()
        };
        let map = |place: &Place| {
            json!({
                "title": place.map.title, "left": px(place.left), "top": px(place.top),
                "cell": place.cell, "shares": rows(place.map),
            })
        };
        json!({ "source": self.source, "target": self.target, "maps": places.iter().map(map).collect::<Vec<_>>() })
    }
}

/// The key to the strengths, below the large map.
fn draw_key(svg: &mut Svg, left: f64, top: f64) {
    const STEP: f64 = 16.0;
    const STEPS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
    svg.text((left, top + 10.0), Style::new(11.5, SOFT), "share: 0");
    let from = left + text_width("share: 0", 11.5) + 6.0;
    for (index, share) in STEPS.into_iter().enumerate() {
        let fill = format!("fill=\"{ACCENT_TEXT}\" fill-opacity=\"{share:.2}\" shape-rendering=\"crispEdges\"");
        svg.rect((from + STEP * index as f64, top), (STEP, 12.0), &fill);
    }
    let wide = STEP * STEPS.len() as f64;
    svg.rect((from, top), (wide, 12.0), &format!("fill=\"none\" stroke=\"{RULE}\" stroke-width=\"1\""));
    svg.text((from + wide + 6.0, top + 10.0), Style::new(11.5, SOFT), &say::percent(1.0));
}

fn strength_of(share: f32) -> usize {
    if share.is_finite() { (f64::from(share).clamp(0.0, 1.0) * STRENGTHS as f64).round() as usize } else { 0 }
}

fn shown(name: &str) -> String {
    say::shortened(name, MOST_LETTERS)
}

fn longest(names: &[String]) -> f64 {
    names.iter().map(|name| text_width(&shown(name), NAME)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::{Map, Maps};
    use crate::plot::Draw;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|index| format!("token{index}")).collect()
    }

    fn map(shares: &[&[f32]]) -> Map {
        Map { title: "mean".into(), shares: shares.iter().map(|row| row.to_vec()).collect() }
    }

    /// Two tokens of the source, and as many rows as there are.
    fn drawn(shares: &[&[f32]]) -> String {
        let (source, target) = (names(2), names(shares.len()));
        Maps { source, target, large: Some(map(shares)), small: Vec::new() }.draw(400.0).inline("")
    }

    #[test]
    fn a_larger_share_is_a_stronger_colour_and_zero_is_the_page() {
        let text = drawn(&[&[1.0, 0.0], &[0.25, 0.75]]);
        for place in [
            "M0 0h1v1h-1z\" fill=\"var(--accent-text)\" fill-opacity=\"1.00\"",
            "M0 1h1v1h-1z\" fill=\"var(--accent-text)\" fill-opacity=\"0.25\"",
        ] {
            assert!(text.contains(place), "{text}");
        }
        assert!(!text.contains("M1 0h1"), "{text}");
    }

    #[test]
    fn places_of_one_strength_beside_each_other_are_one() {
        assert!(drawn(&[&[0.5, 0.5]]).contains("M0 0h2v1h-2z"));
    }

    #[test]
    fn what_is_missing_or_no_number_is_not_drawn() {
        let text = drawn(&[&[f32::NAN, 3.0], &[], &[0.5, 0.5, 0.5]]);
        assert!(text.contains("M1 0h1v1h-1z") && text.contains("M0 2h2v1h-2z"), "{text}");
        assert!(!text.contains("M0 0h") && !text.contains("M2 2h"), "{text}");
    }

    #[test]
    fn a_long_sentence_keeps_its_names_and_is_wider_than_asked() {
        let maps =
            |count: usize| Maps { source: names(count), target: names(3), large: Some(map(&[])), small: Vec::new() };
        assert_eq!(maps(8).draw(352.0).width, 352.0);
        // 40 names 15 apart, and the names of the rows.
        assert!(maps(40).draw(352.0).width > 600.0);
    }

    #[test]
    fn small_maps_lie_in_rows_that_fit() {
        let maps = Maps { source: names(10), target: names(10), large: None, small: vec![map(&[&[1.0]]); 4] };
        // Ten cells of 14 are 140, and 28 between: 400 has room for two, 1000 for all.
        let (narrow, wide) = (maps.draw(400.0).height, maps.draw(1000.0).height);
        assert_eq!((narrow, wide), (2.0 * (22.0 + 140.0 + 28.0) - 27.0, 22.0 + 140.0 + 1.0));
    }

    #[test]
    fn names_are_cut_and_cannot_become_markup() {
        let source = vec!["<b>&".into(), "Donaudampfschifffahrt".into()];
        let text = Maps { source, target: names(1), large: Some(map(&[&[0.4, 0.6]])), small: Vec::new() };
        let text = text.draw(400.0).inline("");
        assert!(text.contains(">&lt;b&gt;&amp;</text>") && text.contains(">Donaudampfsch…</text>"), "{text}");
        // The pointer finds the whole of it.
        assert!(text.contains("&quot;Donaudampfschifffahrt&quot;"), "{text}");
    }
}
