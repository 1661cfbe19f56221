//! Labels at the ends of lines, moved apart where they would lie on each other. Knows only
//! rectangles.

/// A label: where it begins, how long it is, of how many lines, and the height its middle wants to stand at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    pub(crate) x: f64,
    pub(crate) width: f64,
    pub(crate) lines: usize,
    pub(crate) wanted_y: f64,
}

/// A height for each label, so that no lines of two that share some width are nearer than `gap`, each as
/// near to where it wants to be as that allows, and all between `top` and `bottom` if they fit.
pub(crate) fn apart(labels: &[Label], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut heights = vec![0.0; labels.len()];
    let mut left: Vec<usize> = (0..labels.len()).collect();
    while let Some(first) = left.pop() {
        let group = neighbours(first, &mut left, labels);
        let wanted: Vec<Label> = group.iter().map(|index| labels[*index]).collect();
        for (index, height) in group.iter().zip(stacked(&wanted, gap, top, bottom)) {
            heights[*index] = height;
        }
    }
    heights
}

/// `first` and all labels that share width with it, directly or through others; taken out of
/// `left`.
fn neighbours(first: usize, left: &mut Vec<usize>, labels: &[Label]) -> Vec<usize> {
    let mut group = vec![first];
    let mut seen = 0;
    while seen < group.len() {
        let one = labels[group[seen]];
        let touches = |other: &Label| one.x < other.x + other.width && other.x < one.x + one.width;
        group.extend(left.iter().copied().filter(|index| touches(&labels[*index])));
        left.retain(|index| !group.contains(index));
        seen += 1;
    }
    // Equals keep the order they came in.
    group.sort_unstable();
    group
}

/// Heights in one column. Labels that would touch become a stack around their common middle.
fn stacked(labels: &[Label], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    struct Stack {
        members: Vec<usize>,
        start: f64,
    }
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|one, other| labels[*one].wanted_y.total_cmp(&labels[*other].wanted_y));
    let tall = |index: &usize| labels[*index].lines.max(1) as f64 * gap;
    let length = |members: &[usize]| members.iter().map(tall).sum::<f64>();
    // How far the middle of each lies below the start of its stack.
    let offsets = |members: &[usize]| -> Vec<f64> {
        (0..members.len()).map(|place| length(&members[..place]) + tall(&members[place]) / 2.0).collect()
    };
    let settle = |members: &[usize]| {
        let starts = members.iter().zip(offsets(members)).map(|(index, offset)| labels[*index].wanted_y - offset);
        let mean = starts.sum::<f64>() / members.len() as f64;
        // It is the middles of lines that stay between the ends.
        mean.min(bottom + gap / 2.0 - length(members)).max(top - gap / 2.0)
    };
    let mut stacks: Vec<Stack> = Vec::new();
    for index in order {
        let mut members = vec![index];
        let mut start = settle(&members);
        while let Some(above) = stacks.pop_if(|above| above.start + length(&above.members) > start) {
            members = [above.members, members].concat();
            start = settle(&members);
        }
        stacks.push(Stack { members, start });
    }
    let mut heights = vec![0.0; labels.len()];
    for stack in stacks {
        for (index, offset) in stack.members.iter().zip(offsets(&stack.members)) {
            heights[*index] = stack.start + offset;
        }
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::{Label, apart};

    fn column(wanted: &[f64]) -> Vec<f64> {
        let labels: Vec<Label> =
            wanted.iter().map(|wanted_y| Label { x: 0.0, width: 50.0, lines: 1, wanted_y: *wanted_y }).collect();
        apart(&labels, 10.0, 0.0, 100.0)
    }

    #[test]
    fn labels_with_room_stay_where_they_are() {
        assert_eq!(column(&[80.0, 20.0, 50.0]), [80.0, 20.0, 50.0]);
    }

    #[test]
    fn labels_that_touch_share_the_way_and_keep_their_order() {
        // 50 and 54 want to be 4 apart and must be 10: each gives 3.
        assert_eq!(column(&[54.0, 50.0]), [57.0, 47.0]);
    }

    #[test]
    fn a_stack_that_grows_into_another_joins_it() {
        // Middles: 40, 41, 55 become 35, 45, 55, whose mean is the mean wanted: 45.33.
        let heights = column(&[40.0, 41.0, 52.0]);
        assert!(heights.windows(2).all(|pair| pair[1] - pair[0] > 9.999), "{heights:?}");
        let mean = heights.iter().sum::<f64>() / 3.0;
        assert!((mean - 133.0 / 3.0).abs() < 1e-9, "{heights:?}");
    }

    #[test]
    fn a_label_of_two_lines_takes_twice_the_room() {
        let label = |lines: usize, wanted_y: f64| Label { x: 0.0, width: 50.0, lines, wanted_y };
        // 50 and 51 must be 10 / 2 + 20 / 2 apart: each gives 7.
        assert_eq!(apart(&[label(1, 50.0), label(2, 51.0)], 10.0, 0.0, 100.0), [43.0, 58.0]);
        // Its lower line stays in the plot.
        assert_eq!(apart(&[label(2, 100.0)], 10.0, 0.0, 100.0), [95.0]);
    }

    #[test]
    fn labels_stay_in_the_plot() {
        assert_eq!(column(&[99.0, 100.0, 100.0]), [80.0, 90.0, 100.0]);
        assert_eq!(column(&[-5.0]), [0.0]);
    }

    #[test]
    fn labels_side_by_side_do_not_move_each_other() {
        let label = |x: f64| Label { x, width: 10.0, lines: 1, wanted_y: 50.0 };
        assert_eq!(apart(&[label(0.0), label(20.0)], 10.0, 0.0, 100.0), [50.0, 50.0]);
    }
}
