//! Where training batches come from: made ahead on another thread, or by their number. Knows no model.

use crate::Prepared;
use rushlight_data::{Batch, Batches, Batching, DataError, ReadAhead, VectorBatch};
use std::sync::Arc;

/// Training batches by number.
pub(crate) enum Batcher {
    Ids(Arc<dyn Batches>),
    Vectors(Arc<dyn Batches<VectorBatch>>),
    /// The data were not opened.
    Nothing,
}

const NOT_OPENED: &str = "a session without data has no batches";

impl Batcher {
    pub(crate) fn steps_per_epoch(&self) -> u64 {
        match self {
            Self::Ids(batches) => batches.steps_per_epoch(),
            Self::Vectors(batches) => batches.steps_per_epoch(),
            Self::Nothing => 0,
        }
    }

    /// Batch number `number`, made here and now.
    pub(crate) fn at(&self, number: u64, batching: Batching) -> Result<Prepared, DataError> {
        Ok(match self {
            Self::Ids(batches) => Prepared::from_ids(batches.at(number)?, batching),
            Self::Vectors(batches) => Prepared::from_rows(batches.at(number)?),
            Self::Nothing => panic!("{NOT_OPENED}"),
        })
    }

    /// Batches of about so many `numbers` each, from number `first` on; small ones by the dozen, since to hand them over
    /// wakes a thread.
    pub(crate) fn ahead(&self, first: u64, numbers: usize, batching: Batching) -> Feed {
        const NUMBERS: usize = 1 << 16;
        let together = (NUMBERS / numbers.max(1)).clamp(1, 64);
        match self {
            Self::Ids(batches) => Feed::Ids(ReadAhead::<Batch>::new(Arc::clone(batches), first, together), batching),
            Self::Vectors(batches) => Feed::Vectors(ReadAhead::new(Arc::clone(batches), first, together)),
            Self::Nothing => panic!("{NOT_OPENED}"),
        }
    }
}

/// Training batches in order, made ahead on another thread.
pub(crate) enum Feed {
    Ids(ReadAhead, Batching),
    Vectors(ReadAhead<VectorBatch>),
}

impl Feed {
    pub(crate) fn next(&mut self) -> Result<Prepared, DataError> {
        const ENDLESS: &str = "training batches have no end but an error";
        Ok(match self {
            Self::Ids(ahead, batching) => Prepared::from_ids(ahead.next().expect(ENDLESS)?, *batching),
            Self::Vectors(ahead) => Prepared::from_rows(ahead.next().expect(ENDLESS)?),
        })
    }

    pub(crate) fn waited_seconds(&self) -> f64 {
        match self {
            Self::Ids(ahead, _) => ahead.waited_seconds(),
            Self::Vectors(ahead) => ahead.waited_seconds(),
        }
    }
}
