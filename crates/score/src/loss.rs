//! A loss in other units. Knows not how the loss was measured.

/// Perplexity: how many equally likely choices would be as hard. `exp(loss)`.
pub fn perplexity(loss_nats: f64) -> f64 {
    loss_nats.exp()
}

/// The same loss in bits.
pub fn bits(loss_nats: f64) -> f64 {
    loss_nats / std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fair_choice_of_27_has_perplexity_27() {
        assert!((perplexity(27f64.ln()) - 27.0).abs() < 1e-12);
    }

    #[test]
    fn a_fair_choice_of_8_is_3_bits() {
        assert!((bits(8f64.ln()) - 3.0).abs() < 1e-12);
    }
}
