//! Rows of a table by number, one for each place or the mean of several.
//!
//!     y[i] = table[ids[i]]                 dtable[ids[i]] += dy[i]
//!     y[i] = Σ_(j in bag i) table[j] / n   dtable[j] += dy[i] / n for each j of a bag of n; zeros for an empty bag

use crate::buffer::Buffer;
use crate::graph::{Grads, Target};
use crate::kernels::embedding as kernel;
use crate::tensor::Origin;
use crate::{Ids, Shape, Tensor};
use std::sync::Arc;

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

/// Numbers of rows, several for each place: what [`embedding_bag`] looks up. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bags {
    ids: Arc<[u32]>,
    /// Where each bag ends in `ids`.
    ends: Arc<[usize]>,
}

impl Bags {
    /// A bag for each place, which may be empty.
    pub fn new<B: AsRef<[u32]>>(bags: impl IntoIterator<Item = B>) -> Self {
        let (mut ids, mut ends) = (Vec::new(), Vec::new());
        for bag in bags {
            ids.extend_from_slice(bag.as_ref());
            ends.push(ids.len());
        }
        Self { ids: ids.into(), ends: ends.into() }
    }

    /// How many bags.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The numbers of each bag, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&*self.ends).map(|(start, &end)| &self.ids[start..end])
    }
}

/// The mean of the rows of `table` [V, D] in each bag: [N, D].
///
/// # Panics
/// When an id is no row of the table.
#[track_caller]
pub fn embedding_bag(table: &Tensor, bags: &Bags) -> Tensor {
    assert_eq!(table.shape().len(), 2, "embedding_bag: a table of shape {:?}", table.shape());
    let (count, width) = (table.shape()[0], table.width());
    if let Some(id) = bags.ids.iter().find(|&&id| id as usize >= count) {
        panic!("embedding_bag: id {id} in a table of {count} rows");
    }
    let mut y = Buffer::zeros(bags.len() * width);
    kernel::gather_means(table.data(), width, bags.iter(), &mut y);
    let (bags, kept) = (bags.clone(), Target::from(table));
    Tensor::result(Shape::new(&[bags.len(), width]), y, &[table], move |dy, grads| {
        grads.accumulate(&kept, |dtable, add| {
            if !add {
                dtable.fill(0.0);
            }
            kernel::scatter_means(dtable, width, bags.iter(), dy.data());
        });
    })
}
