//! A drawing of a model: its layers in the order of the forward pass, the shapes between them,
//! and where its parameters are. Blocks that repeat are drawn once, with their number.

use super::Draw;
use crate::say;
use crate::svg::{Anchor, Style, Svg, text_width};
use crate::theme::{ACCENT_TEXT, CARD, INK, Paint, RULE, SOFT};
use rushlight_trace::LayerShape;

const BOX: f64 = 44.0;
const BETWEEN: f64 = 28.0;
const INDENT: f64 = 16.0;
/// How much wider bold letters are.
const BOLD: f64 = 1.12;

/// The drawing.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) layers: Vec<LayerShape>,
    pub(crate) paint: Paint,
}

/// Layers that belong together, and how often they follow each other.
#[derive(Debug, PartialEq)]
struct Group<'a> {
    layers: Vec<&'a LayerShape>,
    times: u64,
}

impl Draw for Network {
    fn draw(&self, width: f64) -> Svg {
        let groups = grouped(&self.layers);
        let drawn: usize = groups.iter().map(|group| group.layers.len()).sum();
        let framed = groups.iter().filter(|group| group.times > 1).count() as f64;
        let height = (BOX + BETWEEN) * drawn as f64 + 2.0 * BETWEEN - 8.0 + framed * 2.0 * INDENT;
        let mut svg = Svg::new(width, height);
        let all = groups.iter().flat_map(|group| group.layers.iter().map(|layer| layer.parameters * group.times));
        let greatest = all.max().unwrap_or(0).max(1);
        let box_width = (width * 0.62).min(440.0);
        let mut y = 0.0;
        let mut shape = self.layers.first().map_or("", |layer| layer.input_shape.as_str());
        for group in &groups {
            y = arrow(&mut svg, y, shape);
            let top = y;
            let indent = if group.times > 1 { INDENT } else { 0.0 };
            y += indent;
            for (index, layer) in group.layers.iter().enumerate() {
                if index > 0 {
                    y = arrow(&mut svg, y, shape);
                }
                let place = Place { left: indent, top: y, width: box_width - 2.0 * indent };
                self.draw_layer(&mut svg, layer, group.times, place, greatest);
                y += BOX;
                shape = &layer.output_shape;
            }
            y += indent;
            if group.times > 1 {
                let frame = format!("rx=\"9\" fill=\"none\" stroke=\"{RULE}\" stroke-dasharray=\"3 3\"");
                svg.rect((0.0, top), (box_width, y - top), &frame);
                let times = format!("{} times", group.times);
                let style = Style::new(12.5, ACCENT_TEXT).anchored(Anchor::End).bold().halo();
                svg.text((box_width - 14.0, top + 4.0), style, &times);
            }
        }
        arrow(&mut svg, y, shape);
        svg
    }
}

/// Where a layer's box stands.
#[derive(Clone, Copy)]
struct Place {
    left: f64,
    top: f64,
    width: f64,
}

impl Network {
    fn draw_layer(&self, svg: &mut Svg, layer: &LayerShape, times: u64, at: Place, greatest: u64) {
        let rounded = format!("rx=\"6\" fill=\"{CARD}\" stroke=\"{RULE}\"");
        svg.rect((at.left, at.top), (at.width, BOX), &rounded);
        let (x, room) = (at.left + 12.0, at.width - 24.0);
        svg.text((x, at.top + 18.0), Style::new(13.0, INK).bold(), &fitting(&layer.kind, room, 13.0 * BOLD));
        svg.text((x, at.top + 34.0), Style::new(11.5, SOFT), &fitting(&layer.name, room, 11.5));
        // The numbers stand right of the boxes, whatever their indent.
        let right = at.left * 2.0 + at.width + 18.0;
        let share = (layer.parameters * times) as f64 / greatest as f64;
        if layer.parameters == 0 {
            return;
        }
        let repeated = if times > 1 { format!("{times} × ") } else { String::new() };
        let said = format!("{repeated}{}", say::count(layer.parameters));
        svg.text((right, at.top + 18.0), Style::new(12.5, INK), &said);
        let bar = format!("rx=\"2\" fill=\"{}\"", self.paint.line);
        svg.rect((right, at.top + 26.0), ((share * (svg.width - right)).max(1.5), 7.0), &bar);
    }
}

/// The part of the model that holds the most parameters, and how many: a layer by its name, or
/// blocks that repeat by the name they share.
pub(crate) fn largest_part(layers: &[LayerShape]) -> Option<(String, u64)> {
    let part = |group: &Group| {
        let first = group.layers.first()?;
        let own: u64 = group.layers.iter().map(|layer| layer.parameters).sum();
        let name = match block_of(&first.name).and_then(|block| block.rsplit_once('.')) {
            Some((name, _)) if group.times > 1 => format!("{} {name}", say::in_words(group.times as usize)),
            _ => first.name.clone(),
        };
        Some((name, own * group.times))
    };
    grouped(layers).iter().filter_map(part).max_by_key(|(_, parameters)| *parameters)
}

/// An arrow down from `from`, with the shape of what it hands on; gives where it ends.
fn arrow(svg: &mut Svg, from: f64, shape: &str) -> f64 {
    let (x, tip) = (14.0, from + BETWEEN);
    svg.line((x, from + 6.0), (x, tip - 5.0), SOFT, 1.2, "");
    let head = format!("M{} {}L{x} {}L{} {}", x - 4.0, tip - 9.0, tip - 3.0, x + 4.0, tip - 9.0);
    svg.path(&head, &format!("fill=\"none\" stroke=\"{SOFT}\" stroke-width=\"1.2\""));
    svg.text((26.0, from + 19.0), Style::new(12.0, SOFT), shape);
    tip
}

/// The text, cut with an ellipsis where it would leave its box.
fn fitting(text: &str, room: f64, size: f64) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while !short.is_empty() && text_width(&short, size) > room - size {
        short.pop();
    }
    short + "…"
}

/// Layers by block: `blocks.0.query` and `blocks.0.value` belong together, and a block that is
/// like the one before it only counts.
fn grouped(layers: &[LayerShape]) -> Vec<Group<'_>> {
    let mut blocks: Vec<(Option<&str>, Vec<&LayerShape>)> = Vec::new();
    for layer in layers {
        let block = block_of(&layer.name);
        match blocks.last_mut() {
            Some((last, members)) if block.is_some() && *last == block => members.push(layer),
            _ => blocks.push((block, vec![layer])),
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    for (block, layers) in blocks {
        match groups.last_mut() {
            Some(last) if block.is_some() && alike(&last.layers, &layers) => last.times += 1,
            _ => groups.push(Group { layers, times: 1 }),
        }
    }
    groups
}

/// `blocks.0` of `blocks.0.attention.query`; nothing for a name without a number in it.
fn block_of(name: &str) -> Option<&str> {
    let mut end = 0;
    for part in name.split('.') {
        end += part.len();
        if !part.is_empty() && part.chars().all(|letter| letter.is_ascii_digit()) {
            return Some(&name[..end]);
        }
        end += 1;
    }
    None
}

fn alike(one: &[&LayerShape], other: &[&LayerShape]) -> bool {
    let same = |one: &LayerShape, other: &LayerShape| {
        (&one.kind, &one.input_shape, &one.output_shape, one.parameters)
            == (&other.kind, &other.input_shape, &other.output_shape, other.parameters)
    };
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

#[cfg(test)]
mod tests {
    use super::{Network, block_of, grouped};
    use crate::plot::Draw;
    use crate::theme;
    use rushlight_trace::LayerShape;

    fn layer(name: &str, parameters: u64) -> LayerShape {
        LayerShape {
            name: name.into(),
            kind: "linear".into(),
            input_shape: "[2, 5]".into(),
            output_shape: "[2, 7]".into(),
            parameters,
        }
    }

    #[test]
    fn a_block_is_named_by_its_number() {
        assert_eq!(block_of("blocks.0.attention.query"), Some("blocks.0"));
        assert_eq!((block_of("head"), block_of("layer2.out")), (None, None));
    }

    #[test]
    fn blocks_that_repeat_are_counted_and_others_are_not() {
        let layers =
            ["embed", "blocks.0.a", "blocks.0.b", "blocks.1.a", "blocks.1.b", "head"].map(|name| layer(name, 3));
        let counted: Vec<(usize, u64)> =
            grouped(&layers).iter().map(|group| (group.layers.len(), group.times)).collect();
        assert_eq!(counted, [(1, 1), (2, 2), (1, 1)]);
    }

    #[test]
    fn blocks_that_repeat_are_one_part() {
        let layers = [layer("head", 5), layer("blocks.0.a", 3), layer("blocks.1.a", 3)];
        assert_eq!(super::largest_part(&layers), Some(("two blocks".into(), 6)));
        assert_eq!(super::largest_part(&layers[..2]), Some(("head".into(), 5)));
    }

    #[test]
    fn a_block_of_another_size_stands_for_itself() {
        let layers = [layer("blocks.0.a", 3), layer("blocks.1.a", 4)];
        assert_eq!(grouped(&layers).len(), 2);
    }

    #[test]
    fn shapes_and_parameters_are_in_the_drawing() {
        let layers = vec![layer("embed", 1234), layer("tanh", 0)];
        let text = Network { layers, paint: theme::model(1) }.draw(500.0).inline("");
        for said in [">[2, 5]<", ">[2, 7]<", ">1,234<", ">embed<", ">linear<"] {
            assert!(text.contains(said), "{said} in {text}");
        }
    }
}
