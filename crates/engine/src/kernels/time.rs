//! Places beside their neighbours, and the largest over places. The numbers of a row are `times` places of `features`.

use super::threads;
use std::ops::Range;

/// Which of the places beside place `time` are within the row: the places, and the parts of the window that they fill.
fn seen(time: usize, times: usize, width: usize) -> (Range<usize>, usize) {
    let before = (width - 1) / 2;
    let first = time.saturating_sub(before);
    (first..times.min(time + width - before), first + before - time)
}

/// Every place with its neighbours, `width` places of them, side by side; zeros outside of the row.
pub(crate) fn windows(x: &[f32], [times, features]: [usize; 2], width: usize, y: &mut [f32]) {
    if times * features == 0 {
        return;
    }
    let window = width * features;
    let piece = (threads::GRAIN / window.max(1)).max(1);
    threads::for_pieces(y, piece * window, |index, y| {
        for (place, y) in (index * piece..).zip(y.chunks_exact_mut(window)) {
            let (row, time) = (place / times, place % times);
            let (from, part) = seen(time, times, width);
            let (start, count) = (part * features, from.len() * features);
            y[..start].fill(0.0);
            y[start..start + count].copy_from_slice(&x[(row * times + from.start) * features..][..count]);
            y[start + count..].fill(0.0);
        }
    });
}

/// The way back: to each place the gradients of all windows that it stands in, first window first.
pub(crate) fn windows_back(dy: &[f32], [times, features]: [usize; 2], width: usize, dx: &mut [f32]) {
    if times * features == 0 {
        return;
    }
    let (window, row) = (width * features, times * features);
    let piece = (threads::GRAIN / row).max(1);
    threads::for_pieces(dx, piece * row, |index, dx| {
        for (row_number, dx) in (index * piece..).zip(dx.chunks_exact_mut(row)) {
            for (time, dy) in dy[row_number * times * window..].chunks_exact(window).take(times).enumerate() {
                let (to, part) = seen(time, times, width);
                let (start, count) = (part * features, to.len() * features);
                let sums = dx[to.start * features..][..count].iter_mut();
                sums.zip(&dy[start..start + count]).for_each(|(sum, dy)| *sum += dy);
            }
        }
    });
}

/// The largest of each feature over the first places of each row, and where in `x` each stands; of equals the first.
pub(crate) fn max_over_time(x: &[f32], [times, features]: [usize; 2], lengths: &[usize], y: &mut [f32]) -> Vec<u32> {
    let mut places = vec![0_u32; y.len()];
    if features == 0 {
        return places;
    }
    let rows = y.chunks_exact_mut(features).zip(places.chunks_exact_mut(features));
    for ((row, &length), (most, place)) in lengths.iter().enumerate().zip(rows) {
        let first = row * times * features;
        most.copy_from_slice(&x[first..first + features]);
        place.iter_mut().zip(first as u32..).for_each(|(place, at)| *place = at);
        for time in 1..length {
            let at = first + time * features;
            for (((most, place), &x), at) in
                most.iter_mut().zip(&mut *place).zip(&x[at..at + features]).zip(at as u32..)
            {
                // What is no number stays, so that it is seen.
                if x > *most || x.is_nan() {
                    (*most, *place) = (x, at);
                }
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_with_its_row() {
        let mut y = vec![9.0; 12];
        windows(&[1.0, 2.0, 3.0], [3, 1], 4, &mut y);
        assert_eq!(y, [0.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 0.0, 2.0, 3.0, 0.0, 0.0]);
        let mut y = vec![9.0; 8];
        windows(&[1.0, 2.0, 3.0, 4.0], [1, 2], 2, &mut y); // two rows of one place
        assert_eq!(y, [1.0, 2.0, 0.0, 0.0, 3.0, 4.0, 0.0, 0.0]);
    }

    #[test]
    fn the_first_of_equals_is_the_largest_and_padding_is_not_seen() {
        let mut y = vec![0.0; 2];
        let places = max_over_time(&[1.0, -3.0, 2.0, -3.0, 2.0, 5.0], [3, 2], &[2], &mut y);
        assert_eq!((y, places), (vec![2.0, -3.0], vec![2, 1]));
    }

    #[test]
    fn what_is_no_number_is_not_lost() {
        let mut y = vec![0.0];
        max_over_time(&[1.0, f32::NAN, 2.0], [3, 1], &[3], &mut y);
        assert!(y[0].is_nan());
    }
}
