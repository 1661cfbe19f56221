//! Entropies of the data itself: the yardsticks that a loss is held against. Knows no model.

/// The entropy of a token drawn from `ids`, in nats: what a model reaches that knows only how common each token is.
/// 0 for fewer than two ids.
pub fn unigram_entropy_nats(ids: &[u32]) -> f64 {
    entropy_nats(ids.iter().map(|&id| u64::from(id)).collect())
}

/// The entropy of a token given the one before it, in nats: what the best table of bigrams reaches on `ids`.
/// 0 for fewer than three ids.
pub fn bigram_entropy_nats(ids: &[u32]) -> f64 {
    // H(next | previous) = H(previous, next) - H(previous)
    let previous = &ids[..ids.len().saturating_sub(1)];
    let pairs = ids.windows(2).map(|pair| u64::from(pair[0]) << 32 | u64::from(pair[1])).collect();
    entropy_nats(pairs) - unigram_entropy_nats(previous)
}

/// Sorted, so that the sum has one order and the same data give the same bits.
fn entropy_nats(mut events: Vec<u64>) -> f64 {
    events.sort_unstable();
    let total = events.len() as f64;
    let surprise = |run: &[u64]| {
        let share = run.len() as f64 / total;
        -share * share.ln()
    };
    events.chunk_by(|a, b| a == b).map(surprise).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(measured: f64, expected: f64, tolerance: f64) {
        assert!((measured - expected).abs() < tolerance, "{measured}, not {expected}");
    }

    #[test]
    fn a_fair_coin_has_ln_2() {
        close(unigram_entropy_nats(&[0, 1, 1, 0]), 2f64.ln(), 1e-15);
    }

    #[test]
    fn one_token_over_and_over_has_none() {
        close(unigram_entropy_nats(&[7, 7, 7]), 0.0, 1e-15);
        close(bigram_entropy_nats(&[7, 7, 7]), 0.0, 1e-15);
    }

    #[test]
    fn too_short_a_text_has_none() {
        for ids in [&[][..], &[1], &[1, 2]] {
            close(bigram_entropy_nats(ids), 0.0, 1e-15);
        }
        close(unigram_entropy_nats(&[]), 0.0, 1e-15);
    }

    #[test]
    fn what_follows_a_token_for_sure_costs_nothing() {
        // 0 1 0 2 0: after 0 comes 1 or 2 (two cases, ln 2 each), after 1 and 2 always 0: (2 ln 2 + 0 + 0) / 4.
        close(bigram_entropy_nats(&[0, 1, 0, 2, 0]), 2f64.ln() / 2.0, 1e-15);
    }

    #[test]
    fn the_best_bigram_table_of_names_loses_2_4540145() {
        // Published in the makemore lectures: 228,146 bigrams, no smoothing.
        let names = include_str!("../../../datasets/names/names.txt");
        let ids: Vec<u32> = format!("\n{names}\n").bytes().map(u32::from).collect();
        assert_eq!(ids.len() - 1, 228_146);
        close(bigram_entropy_nats(&ids), 2.4540145, 1e-6);
    }
}
