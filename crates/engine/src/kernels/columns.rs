//! Views of some columns of a [B, T, ...] matrix: to read, and to be filled by many cores at once.

use super::pack::copy;
use super::product::Rows;
use super::simd::prefetch;
use std::marker::PhantomData;

/// Columns to read: column c of step t of batch row b is at `b * row_stride + t * stride + offset + c * apart`, where c is the
/// first of a head; within a head columns lie together.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    data: &'a [f32],
    offset: usize,
    stride: usize,
    row_stride: usize,
    apart: usize,
}

impl<'a> Columns<'a> {
    /// All columns of `data` [B, steps, width].
    pub(crate) fn whole(data: &'a [f32], steps: usize, width: usize) -> Self {
        Self::part(data, steps, width, 0)
    }

    /// The columns of `data` [B, steps, stride] from `offset` on. Of the steps, the first may be used alone.
    pub(crate) fn part(data: &'a [f32], steps: usize, stride: usize, offset: usize) -> Self {
        Self { data, offset, stride, row_stride: steps * stride, apart: 1 }
    }

    /// All columns of `data` [B, heads, steps, width], where a head's steps lie together. Of the steps, the first may be used
    /// alone.
    pub(crate) fn by_head(data: &'a [f32], (heads, steps, width): (usize, usize, usize)) -> Self {
        Self { data, offset: 0, stride: width, row_stride: heads * steps * width, apart: steps }
    }

    /// Where the first step of a batch row has the column `from` of this view.
    fn start(self, row: usize, from: usize) -> usize {
        row * self.row_stride + self.offset + from * self.apart
    }

    /// The steps of one batch row, from the column `from` of this view on.
    pub(super) fn head(self, row: usize, from: usize) -> Rows<'a> {
        Rows::apart(self.data.get(self.start(row, from)..).unwrap_or(&[]), self.stride)
    }

    /// Asks for `width` columns of the first `steps` of a batch row, which are soon to be read.
    #[inline(always)]
    pub(super) fn fetch(self, row: usize, from: usize, (steps, width): (usize, usize)) {
        // Numbers that lie in one piece the processor foresees; in short pieces far apart, it does not.
        if self.stride == width {
            return;
        }
        let start = self.start(row, from);
        for step in 0..steps {
            if let Some(columns) = self.data.get(start + step * self.stride..).and_then(|rest| rest.get(..width)) {
                columns.chunks(16).for_each(|line| prefetch(line.as_ptr()));
            }
        }
    }
}

/// Columns to be filled. Views made by one [`ColumnsMut::split`] share a matrix, never a column.
pub(crate) struct ColumnsMut<'a> {
    start: *mut f32,
    len: usize,
    offset: usize,
    width: usize,
    stride: usize,
    steps: usize,
    matrix: PhantomData<&'a mut [f32]>,
}

// SAFETY: a view is a borrow for writing of columns that no other view has; what many threads do with it at once is
// bound by the promise of `write`.
unsafe impl Send for ColumnsMut<'_> {}
// SAFETY: as above.
unsafe impl Sync for ColumnsMut<'_> {}

impl<'a> ColumnsMut<'a> {
    /// `data` [B, steps, the sum of `widths`] in views of `widths` columns, side by side.
    pub(crate) fn split<const N: usize>(data: &'a mut [f32], steps: usize, widths: [usize; N]) -> [Self; N] {
        let stride: usize = widths.iter().sum();
        assert!(
            steps == 0 || stride == 0 || data.len().is_multiple_of(steps * stride),
            "columns: rows of {steps} x {stride}"
        );
        let (start, len) = (data.as_mut_ptr(), data.len());
        let mut next = 0;
        widths.map(|width| {
            let offset = next;
            next += width;
            Self { start, len, offset, width, stride, steps, matrix: PhantomData }
        })
    }

    /// Writes `values` to a step of a batch row, from the column `from` of this view on.
    ///
    /// # Safety
    /// No two threads may write the same place at the same time.
    pub(super) unsafe fn write(&self, row: usize, step: usize, from: usize, values: &[f32]) {
        assert!(step < self.steps && from + values.len() <= self.width, "columns: beyond the view");
        let at = (row * self.steps + step) * self.stride + self.offset + from;
        assert!(at + values.len() <= self.len, "columns: beyond the end");
        // SAFETY: inside of the matrix and of this view's columns, as just asserted; the matrix is borrowed for writing
        // as long as this view lives; and the caller keeps others away.
        let to = unsafe { std::slice::from_raw_parts_mut(self.start.add(at), values.len()) };
        copy(values, to);
    }
}
