//! The keys and values of what decoders of attention have read: tensors [B, K, W, d] of a memory, two for each layer, of whose W
//! places each row has filled as many as it has read. They grow as more is read, so that a short text takes little.

use crate::Memory;
use rushlight_engine::{Tensor, cat};
use rushlight_nn::layers::Past;

/// `memory` with caches of nothing for so many layers of K `heads` in a `width` of D, called `prefix.0.keys`, `prefix.0.values`,
/// `prefix.1.keys`, ...
pub(crate) fn begin(memory: Memory, prefix: &str, layers: usize, [heads, width]: [usize; 2]) -> Memory {
    let empty = Tensor::zeros(&[memory.rows(), heads, 0, width / heads]);
    (0..layers).fold(memory, |memory, l| {
        memory.with(format!("{prefix}.{l}.keys"), empty.clone()).with(format!("{prefix}.{l}.values"), empty.clone())
    })
}

/// The caches of a memory, taken out to read on.
pub(crate) struct Caches {
    /// How the caches are called.
    pub(crate) names: Vec<String>,
    /// How many places each row has filled.
    pub(crate) first: Vec<usize>,
    /// What each layer has read.
    pub(crate) pasts: Vec<Option<Past>>,
}

impl Caches {
    /// Of `memory`; where so many `times` more do not fit, with `room(needed)` places.
    pub(crate) fn open(memory: Memory, times: usize, room: impl FnOnce(usize) -> usize) -> Self {
        let (first, tensors) = memory.open();
        let needed = first.iter().max().map_or(0, |most| most + times);
        let (names, mut caches): (Vec<_>, Vec<_>) = tensors.into_iter().unzip();
        if caches.first().is_some_and(|cache| places(cache) < needed) {
            let room = room(needed);
            caches.iter_mut().for_each(|cache| *cache = padded(cache, room));
        }
        let mut caches = caches.into_iter();
        let mut pasts = Vec::with_capacity(names.len() / 2);
        while let (Some(keys), Some(values)) = (caches.next(), caches.next()) {
            pasts.push(Some(Past { keys, values, lengths: first.clone() }));
        }
        Self { names, first, pasts }
    }

    /// The memory after `times` more were read into all pasts.
    pub(crate) fn close(self, times: usize) -> Memory {
        let tensors = self.pasts.into_iter().flatten().flat_map(|past| [past.keys, past.values]);
        Memory::advanced(self.first, self.names.into_iter().zip(tensors).collect(), times)
    }
}

/// Whether a tensor of a memory is a cache.
pub(crate) fn is_cache(x: &Tensor) -> bool {
    x.shape().len() == 4
}

/// Puts the first `filled` places of row `from` of `theirs` in the place of those of `row`: in place, where there is room.
///
/// # Panics
/// When they are not of one model, or fewer places than that are there.
pub(crate) fn put(mine: &mut Tensor, row: usize, theirs: &Tensor, from: usize, filled: usize) {
    let [of_mine, of_theirs] = [&*mine, theirs].map(|cache| (cache.shape()[1], cache.width()));
    assert_eq!(of_mine, of_theirs, "put: heads and their width");
    assert!(filled <= places(theirs), "put: {filled} places of {}", places(theirs));
    if places(mine) < filled {
        *mine = padded(mine, places(theirs));
    }
    let (heads, width, rooms) = (mine.shape()[1], mine.width(), [places(mine), places(theirs)]);
    let mine = mine.data_mut();
    for head in 0..heads {
        let [to, from] = [(row, rooms[0]), (from, rooms[1])].map(|(row, room)| (row * heads + head) * room * width);
        mine[to..][..filled * width].copy_from_slice(&theirs.data()[from..][..filled * width]);
    }
}

/// How many places `x` has: it is [N, .., S, d].
pub(crate) fn places(x: &Tensor) -> usize {
    x.shape()[x.shape().len() - 2]
}

/// `x` [N, .., S, d] with zeros behind, [N, .., wanted, d].
pub(crate) fn padded(x: &Tensor, wanted: usize) -> Tensor {
    let (mut axes, axis) = (x.shape().to_vec(), x.shape().len() - 2);
    if axes[axis] == wanted {
        return x.clone();
    }
    axes[axis] = wanted - axes[axis];
    cat(&[x, &Tensor::zeros(&axes)], axis)
}
