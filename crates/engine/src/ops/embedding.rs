//! Rows of a table by number: y[i] = table[ids[i]]; dtable[ids[i]] += dy[i].

use crate::buffer::Buffer;
use crate::kernels::embedding as kernel;
use crate::{Ids, Shape, Tensor};

/// The rows `ids` [..] of `table` [V, D]: [.., D].
///
/// # Panics
/// When an id is no row of the table.
#[track_caller]
pub fn embedding(table: &Tensor, ids: &Ids) -> Tensor {
    assert_eq!(table.shape().len(), 2, "embedding: a table of shape {:?}", table.shape());
    let (count, width) = (table.shape()[0], table.width());
    if let Some(id) = ids.data().iter().find(|&&id| id as usize >= count) {
        panic!("embedding: id {id} in a table of {count} rows");
    }
    let mut y = Buffer::scratch(ids.data().len() * width);
    kernel::gather(table.data(), width, ids.data(), &mut y);
    let mut axes = ids.shape().to_vec();
    axes.push(width);
    let (ids, kept) = (ids.clone(), table.clone());
    Tensor::result(Shape::new(&axes), y, &[table], move |dy, grads| {
        grads.accumulate(&kept, |dtable, add| {
            if !add {
                dtable.fill(0.0);
            }
            kernel::scatter_add(dtable, width, ids.data(), dy.data());
        });
    })
}
