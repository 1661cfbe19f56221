//! Operations on tensors without elements (no rows, or nothing of an axis) give such tensors and gradients, and do not panic.

mod common;

use common::{Case, Draw};
use rushlight_engine::{
    CrossEntropy, Ids, Reduction, Rng, Tensor, cat, cross_entropy, dropout, embedding, layer_norm, linear, stack,
};

/// The output has `shape`, and every gradient the shape of its input, all zero.
fn check<const N: usize>(name: &str, shape: &[usize], inputs: [&[usize]; N], op: fn(&[Tensor; N]) -> Tensor) {
    let mut draw = Draw::new(1);
    let case = Case::new(name, inputs.map(|shape| draw.values(shape)), op);
    let [out, gradients @ ..] = &case.run()[..] else { unreachable!("a case has an output") };
    assert_eq!(&out.shape()[..], shape, "{name}");
    for (gradient, shape) in gradients.iter().zip(inputs) {
        assert_eq!(&gradient.shape()[..], shape, "{name}: gradient");
        assert!(gradient.data().iter().all(|&x| x == 0.0), "{name}: gradient");
    }
}

#[test]
fn elements() {
    check("exp", &[0, 3], [&[0, 3]], |[x]| x.exp());
    check("scale", &[0, 3], [&[0, 3]], |[x]| x * 2.0);
    check("dropout", &[2, 0], [&[2, 0]], |[x]| dropout(x, 0.5, &Rng::new(1)));
    check("sum of equals", &[0, 3], [&[0, 3], &[0, 3]], |[x, y]| x + y);
    check("product with a row", &[0, 3], [&[0, 3], &[3]], |[x, y]| x * y);
    check("quotient by a column", &[2, 0], [&[2, 0], &[2, 1]], |[x, y]| x / y);
    check("difference from a scalar", &[2, 0], [&[], &[2, 0]], |[x, y]| x - y);
}

#[test]
fn sums() {
    check("sum", &[], [&[0, 3]], |[x]| x.sum());
    check("sum over nothing", &[1, 3], [&[0, 3]], |[x]| x.sum_along(0));
    check("sums of nothing", &[0, 1], [&[0, 3]], |[x]| x.sum_along(1));
}

#[test]
fn products() {
    check("linear", &[0, 5], [&[0, 3], &[5, 3], &[5]], |[x, w, b]| linear(x, w, Some(b)));
    check("matmul of no rows", &[0, 5], [&[0, 3], &[3, 5]], |[x, y]| x.matmul(y));
    check("matmul of no batches", &[0, 2, 5], [&[0, 2, 3], &[0, 3, 5]], |[x, y]| x.matmul(y));
    check("matmul over nothing", &[2, 5], [&[2, 0], &[0, 5]], |[x, y]| x.matmul(y));
    check("matmul to no columns", &[2, 0], [&[2, 3], &[3, 0]], |[x, y]| x.matmul(y));
    check("embedding", &[0, 3], [&[5, 3]], |[table]| embedding(table, &Ids::new(&[0], [])));
}

#[test]
fn rows() {
    check("layer_norm", &[0, 3], [&[0, 3], &[3], &[3]], |[x, gain, shift]| layer_norm(x, gain, shift, 1e-5));
    check("softmax", &[0, 3], [&[0, 3]], |[x]| x.softmax());
    check("log_softmax", &[0, 3], [&[0, 3]], |[x]| x.log_softmax());
    check("log_sum_exp", &[0, 1], [&[0, 3]], |[x]| x.log_sum_exp());
    check("cross_entropy", &[0], [&[0, 3]], |[x]| {
        let how = CrossEntropy { reduction: Reduction::None, ..CrossEntropy::default() };
        cross_entropy(x, &Ids::new(&[0], []), &how)
    });
}

#[test]
fn arrangements() {
    check("reshape", &[3, 0], [&[0, 2]], |[x]| x.reshape(&[3, 0]));
    check("transpose", &[3, 0], [&[0, 3]], |[x]| x.t());
    check("narrow of nothing", &[0, 2], [&[0, 3]], |[x]| x.narrow(1, 1, 2));
    check("narrow to nothing", &[2, 0], [&[2, 3]], |[x]| x.narrow(1, 1, 0));
    check("cat", &[0, 5], [&[0, 2], &[0, 3]], |[x, y]| cat(&[x, y], 1));
    check("stack", &[2, 0, 3], [&[0, 3], &[0, 3]], |[x, y]| stack(&[x, y], 0));
    assert_eq!(&Tensor::zeros(&[2, 3]).select(&[]).shape()[..], [0, 3]);
    assert_eq!(&Tensor::zeros(&[2, 0]).select(&[1]).shape()[..], [1, 0]);
}
