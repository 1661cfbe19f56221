//! What is cheap to make again is not kept for the way back. The pool that shows it is shared by the whole process, so the
//! test is alone in its file.

use rushlight_engine::{Rng, Tensor, layer_norm, linear, pool};

#[test]
fn a_derivative_keeps_no_numbers_that_it_can_make_again() {
    let mut rng = Rng::new(1);
    let (rows, width) = (300, 64);
    let x = Tensor::normal(&[rows, width], &mut rng).into_leaf();
    let w = Tensor::normal(&[5, width], &mut rng).into_leaf();
    let (gain, shift) = (Tensor::full(&[width], 1.0).into_leaf(), Tensor::zeros(&[width]).into_leaf());
    let given_back = |y: Tensor| {
        let z = linear(&y, &w, None);
        let before = pool::idle_bytes();
        drop(y);
        let freed = pool::idle_bytes() - before;
        drop(z);
        freed >= rows * width * size_of::<f32>()
    };
    assert!(given_back(x.gelu()), "gelu");
    assert!(given_back(x.silu()), "silu");
    assert!(given_back(layer_norm(&x, &gain, &shift, 1e-5)), "layer_norm");
    assert!(!given_back(x.exp()), "exp, whose own slope keeps its result");
}
