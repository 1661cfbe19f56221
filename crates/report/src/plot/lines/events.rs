//! What happened at a place on the way: a dotted line down the plot, with a few words at its top.

use super::{Event, Frame, Lines, TICK};
use crate::svg::{Anchor, Style, Svg, text_width};
use crate::theme::{INK, SOFT};

/// From one line of words to the next.
const ROW: f64 = 15.0;
/// Between a line and its words.
const GAP: f64 = 4.0;

impl Lines {
    /// Words stand to the right of their line where there is room, each event a row lower than the one before it.
    pub(super) fn draw_events(&self, svg: &mut Svg, frame: &Frame) {
        let shown = self.events.iter().filter(|event| self.x.kind.shows(event.x) && is_within(frame, event));
        for (row, event) in shown.enumerate() {
            let (x, y) = (frame.across(event.x), frame.top + ROW * (row as f64 + 1.0));
            svg.line((x, frame.top), (x, frame.bottom), SOFT, 1.0, "1 3");
            let fits = x + GAP + text_width(&event.text, TICK) <= frame.right;
            let (at, anchor) = if fits { (x + GAP, Anchor::Start) } else { (x - GAP, Anchor::End) };
            svg.text((at, y), Style::new(TICK, INK).anchored(anchor).halo(), &event.text);
        }
    }
}

fn is_within(frame: &Frame, event: &Event) -> bool {
    (frame.left - 0.5..=frame.right + 0.5).contains(&frame.across(event.x))
}

#[cfg(test)]
mod tests {
    use crate::plot::Draw;
    use crate::plot::lines::{Axis, Event, Lines, Series};
    use crate::scale::Kind;
    use crate::theme;

    #[test]
    fn an_event_stands_at_its_place_and_one_outside_does_not_stand_at_all() {
        let series = Series::new("a", theme::QUIET, vec![(0.0, 3.0), (100.0, 2.0)]);
        let mut lines = Lines::new(Axis::new("steps", Kind::Linear), Axis::new("nats", Kind::Linear), vec![series]);
        let event = |x: f64, text: &str| Event { x, text: text.into() };
        lines.events = vec![event(10.0, "diverging"), event(95.0, "plateau"), event(900.0, "never")];
        let text = lines.draw(640.0).inline("");
        assert_eq!(text.matches("stroke-dasharray=\"1 3\"").count(), 2, "{text}");
        assert!(text.contains(">diverging<") && text.contains(">plateau<") && !text.contains(">never<"), "{text}");
    }
}
