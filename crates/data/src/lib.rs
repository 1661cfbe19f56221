//! Files to plain examples and batches of plain ids. Knows no tensors.
