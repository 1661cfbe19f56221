//! Rows of a table by number: y[i] = table[ids[i]]; dtable[ids[i]] += dy[i].

use crate::buffer::Buffer;
use crate::graph::{Grads, Target};
use crate::kernels::embedding as kernel;
use crate::tensor::Origin;
use crate::{Ids, Shape, Tensor};

/// The rows `ids` [..] of `table` [V, D]: [.., D].
///
/// # Panics
/// When an id is no row of the table.
#[track_caller]
pub fn embedding(table: &Tensor, ids: &Ids) -> Tensor {
    assert_eq!(table.shape().len(), 2, "embedding: a table of shape {:?}", table.shape());
    let count = table.shape()[0];
    if let Some(id) = ids.data().iter().find(|&&id| id as usize >= count) {
        panic!("embedding: id {id} in a table of {count} rows");
    }
    let y = look_up(table, ids, |_, _| ());
    // Where rows come up more than once, a product with the table is less work than one with `y`.
    let origin = || Origin::Lookup { table: table.clone(), ids: ids.clone() };
    if count < ids.data().len() { y.with_origin(origin()) } else { y }
}

/// The rows; `also` is told the gradient of the result, on its way back.
pub(super) fn look_up(table: &Tensor, ids: &Ids, also: impl FnOnce(&Tensor, &mut Grads) + Send + 'static) -> Tensor {
    let width = table.width();
    let mut y = Buffer::scratch(ids.data().len() * width);
    kernel::gather(table.data(), width, ids.data(), &mut y);
    let mut axes = ids.shape().to_vec();
    axes.push(width);
    let (ids, kept) = (ids.clone(), Target::from(table));
    Tensor::result(Shape::new(&axes), y, &[table], move |dy, grads| {
        also(&dy, grads);
        grads.accumulate(&kept, |dtable, add| {
            if !add {
                dtable.fill(0.0);
            }
            kernel::scatter_add(dtable, width, ids.data(), dy.data());
        });
    })
}
