//! Rows of a table by number, and the way back: gradients added to their rows in the order of the batch.

use super::threads;
use rayon::prelude::*;

/// `out[i] = table[ids[i]]`.
pub(crate) fn gather(table: &[f32], width: usize, ids: &[u32], out: &mut [f32]) {
    let piece = (threads::GRAIN / width.max(1)).max(1);
    threads::for_pieces(out, piece * width, |index, out| {
        for (out, &id) in out.chunks_exact_mut(width).zip(&ids[index * piece..]) {
            out.copy_from_slice(&table[id as usize * width..][..width]);
        }
    });
}

/// `dtable[ids[i]] += dy[i]`. Work is cut by columns, so no two cores write one number.
pub(crate) fn scatter_add(dtable: &mut [f32], width: usize, ids: &[u32], dy: &[f32]) {
    const COLUMNS: usize = 64;
    let add = |dtable: &mut [f32]| {
        for (dy, &id) in dy.chunks_exact(width).zip(ids) {
            let row = &mut dtable[id as usize * width..][..width];
            row.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
        }
    };
    if dy.len() <= threads::GRAIN || width < 2 * COLUMNS {
        return add(dtable);
    }
    // A table row is cut into column stripes; each core walks the whole batch for its own stripes.
    let mut stripes: Vec<Vec<&mut [f32]>> =
        (0..width.div_ceil(COLUMNS)).map(|_| Vec::with_capacity(dtable.len() / width)).collect();
    for row in dtable.chunks_exact_mut(width) {
        for (stripe, part) in stripes.iter_mut().zip(row.chunks_mut(COLUMNS)) {
            stripe.push(part);
        }
    }
    stripes.par_iter_mut().enumerate().for_each(|(index, stripe)| {
        for (dy, &id) in dy.chunks_exact(width).zip(ids) {
            let part = &mut *stripe[id as usize];
            let dy = &dy[index * COLUMNS..][..part.len()];
            part.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
        }
    });
}

/// `out[i]` is the mean of the rows of bag `i`; it comes as zeros, and stays so for an empty bag.
pub(crate) fn gather_means<'a>(table: &[f32], width: usize, bags: impl Iterator<Item = &'a [u32]>, out: &mut [f32]) {
    for (out, bag) in out.chunks_exact_mut(width.max(1)).zip(bags) {
        for &id in bag {
            let row = &table[id as usize * width..][..width];
            out.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        let share = 1.0 / bag.len().max(1) as f32;
        out.iter_mut().for_each(|sum| *sum *= share);
    }
}

/// The way back: each row of a bag of n has `dy[i] / n`.
pub(crate) fn scatter_means<'a>(dtable: &mut [f32], width: usize, bags: impl Iterator<Item = &'a [u32]>, dy: &[f32]) {
    for (dy, bag) in dy.chunks_exact(width.max(1)).zip(bags) {
        let share = 1.0 / bag.len().max(1) as f32;
        for &id in bag {
            let row = &mut dtable[id as usize * width..][..width];
            row.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy * share);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_equal_a_plain_loop() {
        let (rows, width, vocabulary) = (700, 131, 11);
        let ids: Vec<u32> = (0..rows).map(|i| (i * 7 % vocabulary) as u32).collect();
        let dy: Vec<f32> = (0..rows * width).map(|i| (i % 17) as f32 - 8.0).collect(); // whole numbers: exact
        let mut fast = vec![1.0; vocabulary * width];
        scatter_add(&mut fast, width, &ids, &dy);
        let mut plain = vec![1.0; vocabulary * width];
        for (i, &id) in ids.iter().enumerate() {
            (0..width).for_each(|j| plain[id as usize * width + j] += dy[i * width + j]);
        }
        assert_eq!(fast, plain);
    }
}
