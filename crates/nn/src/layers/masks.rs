//! Masks of attention as pure functions that a reader can print: true where a query may look at a key.
//!
//! The fused attention needs none of them in memory; its plain twin and the tests use these.

/// A rectangle of yes and no, [queries, keys].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// How many queries.
    pub queries: usize,
    /// How many keys.
    pub keys: usize,
    /// Row-major: may this query see this key?
    pub sees: Vec<bool>,
}

/// A query sees the keys up to its own place; the last query stands at the last key.
pub fn causal(queries: usize, keys: usize) -> Mask {
    make(queries, keys, |query, key| key + queries <= query + keys)
}

/// Every query sees the first `length` keys; what follows is padding.
pub fn padding(queries: usize, keys: usize, length: usize) -> Mask {
    make(queries, keys, |_, key| key < length)
}

/// Only what both masks allow.
///
/// # Panics
/// When their sizes differ.
pub fn combined(a: &Mask, b: &Mask) -> Mask {
    assert_eq!((a.queries, a.keys), (b.queries, b.keys), "combined: masks of different sizes");
    make(a.queries, a.keys, |query, key| a.sees(query, key) && b.sees(query, key))
}

fn make(queries: usize, keys: usize, sees: impl Fn(usize, usize) -> bool) -> Mask {
    Mask { queries, keys, sees: (0..queries * keys).map(|i| sees(i / keys, i % keys)).collect() }
}

impl Mask {
    /// May this query see this key?
    pub fn sees(&self, query: usize, key: usize) -> bool {
        self.sees[query * self.keys + key]
    }
}

impl std::fmt::Display for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for row in self.sees.chunks(self.keys.max(1)) {
            let marks: Vec<&str> = row.iter().map(|&sees| if sees { "x" } else { "." }).collect();
            writeln!(f, "{}", marks.join(" "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mask: &Mask, picture: &str) {
        assert_eq!(mask.to_string().trim_end(), picture);
    }

    #[test]
    fn a_causal_mask_is_a_triangle() {
        check(&causal(3, 3), "x . .\nx x .\nx x x");
    }

    #[test]
    fn later_queries_stand_at_the_end_of_the_keys() {
        check(&causal(2, 5), "x x x x .\nx x x x x");
    }

    #[test]
    fn padding_hides_the_end() {
        check(&padding(2, 4, 3), "x x x .\nx x x .");
    }

    #[test]
    fn a_combined_mask_allows_what_both_allow() {
        check(&combined(&causal(3, 3), &padding(3, 3, 2)), "x . .\nx x .\nx x .");
    }
}
