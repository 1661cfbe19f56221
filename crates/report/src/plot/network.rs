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
        let wrapped = groups.iter().filter(|group| group.times > 1).count();
        let height = (BOX + BETWEEN) * drawn as f64 + BETWEEN + wrapped as f64 * INDENT * 2.0;
        let mut svg = Svg::new(width, height);
        let greatest = self.layers.iter().map(|layer| layer.parameters).max().unwrap_or(0).max(1);
        let box_width = (width * 0.62).min(440.0);
        let mut y = 0.0;
        if let Some(first) = self.layers.first() {
            svg.text((26.0, y + 14.0), Style::new(12.0, SOFT), &first.input_shape);
            y += BETWEEN - 4.0;
        }
        for group in &groups {
            let top = y;
            let repeats = group.times > 1;
            if repeats {
                y += INDENT;
            }
            for (index, layer) in group.layers.iter().enumerate() {
                if index > 0 || !repeats {
                    arrow(&mut svg, y);
                }
                let left = if repeats { INDENT } else { 0.0 };
                self.draw_layer(&mut svg, layer, (left, y), box_width - 2.0 * left, greatest);
                y += BOX;
                svg.text((26.0, y + 18.0), Style::new(12.0, SOFT), &layer.output_shape);
                y += BETWEEN;
            }
            if repeats {
                let size = (box_width, y - BETWEEN + INDENT - top);
                let frame = format!("rx=\"9\" fill=\"none\" stroke=\"{RULE}\" stroke-dasharray=\"3 3\"");
                svg.rect((0.0, top), size, &frame);
                let times = format!("{} times", group.times);
                let style = Style::new(12.5, ACCENT_TEXT).anchored(Anchor::End).bold().halo();
                svg.text((box_width - 14.0, top + 4.0), style, &times);
                y += INDENT;
            }
        }
        svg
    }
}

impl Network {
    fn draw_layer(&self, svg: &mut Svg, layer: &LayerShape, at: (f64, f64), width: f64, greatest: u64) {
        let (x, y) = at;
        let rounded = format!("rx=\"6\" fill=\"{CARD}\" stroke=\"{RULE}\"");
        svg.rect((x, y), (width, BOX), &rounded);
        svg.text((x + 12.0, y + 18.0), Style::new(13.0, INK).bold(), &fitting(&layer.kind, width - 20.0, 13.0));
        svg.text((x + 12.0, y + 34.0), Style::new(11.5, SOFT), &fitting(&layer.name, width - 20.0, 11.5));
        // The numbers stand right of the boxes, whatever their indent.
        let right = x * 2.0 + width + 18.0;
        let room = svg.width - right;
        let share = layer.parameters as f64 / greatest as f64;
        if layer.parameters > 0 {
            svg.text((right, y + 18.0), Style::new(12.5, INK), &say::count(layer.parameters));
            let bar = format!("rx=\"2\" fill=\"{}\"", self.paint.line);
            svg.rect((right, y + 26.0), ((share * room).max(1.5), 7.0), &bar);
        } else {
            svg.text((right, y + 18.0), Style::new(12.0, SOFT), "–");
        }
    }
}

fn arrow(svg: &mut Svg, tip: f64) {
    let x = 14.0;
    svg.line((x, tip - BETWEEN + 7.0), (x, tip - 6.0), RULE, 1.2, "");
    let head = format!("M{} {}L{x} {}L{} {}", x - 4.0, tip - 9.0, tip - 3.0, x + 4.0, tip - 9.0);
    svg.path(&head, &format!("fill=\"none\" stroke=\"{SOFT}\" stroke-width=\"1.2\""));
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
