"""Makes crates/nn/tests/golden/losses.safetensors: each loss in each reduction, with its gradient by the outputs.

`<loss>-<reduction>/input`, `/target`, `/weights` where there are any, `/out`, `/cotangent` and `/grad`.
Cross-entropy is also worked out here by the formula in README.md, and held against PyTorch.
"""
import torch
import torch.nn.functional as F

from common import IGNORED, Draw, Golden, differentiate

SMOOTHING, REDUCTIONS = 0.1, ("mean", "sum", "none")


def by_formula(logits, target, weights, smoothing, reduction):
    """Smoothing, class weights and ignored targets together, as README.md states it."""
    classes = logits.shape[-1]
    counted = target != IGNORED
    y = target.where(counted, 0)
    w = torch.ones(classes) if weights is None else weights
    surprise = -logits.log_softmax(-1)
    nll = w[y] * surprise.gather(-1, y[:, None]).squeeze(-1) * counted
    spread = (w * surprise).sum(-1) * counted
    each = (1 - smoothing) * nll + smoothing / classes * spread
    # The mean divides by the weights of the targets' classes, also for the part that smoothing spreads.
    return {"none": each, "sum": each.sum(), "mean": each.sum() / (w[y] * counted).sum()}[reduction]


def cases(draw):
    """(name, input, target, weights, function of input, target, weights and reduction)"""
    shape = (2, 3, 5)
    outputs, wanted, weights = draw.normal(*shape), draw.normal(*shape), draw.uniform(*shape, low=0.2, high=3.0)
    yield "mse", outputs, wanted, None, lambda x, y, w, r: F.mse_loss(x, y, reduction=r)
    yield "mse-weights", outputs, wanted, weights, lambda x, y, w, r: F.mse_loss(x, y, reduction=r, weight=w)

    # Far-out logits too: there the loss must come from the logit, not from a rounded probability.
    logits = draw.normal(*shape, std=2.0)
    logits[0, 0, :2] = torch.tensor([-40.0, 40.0])
    labels = draw.ids(2, *shape).double()
    labels[0, 1] = draw.uniform(5)  # a label may be a probability
    yield "bce", logits, labels, None, lambda x, y, w, r: F.binary_cross_entropy_with_logits(x, y, reduction=r)
    yield "bce-weights", logits, labels, weights, lambda x, y, w, r: F.binary_cross_entropy_with_logits(x, y, w, reduction=r)

    logits, plain, ignore = draw.normal(6, 7, std=2.0), draw.ids(7, 6), draw.targets(7, 6)
    classes = draw.uniform(7, low=0.2, high=3.0)
    for name, target, weights, smoothing in [
        ("plain", plain, None, 0.0),
        ("ignore", ignore, None, 0.0),
        ("smoothing", plain, None, SMOOTHING),
        ("weights", plain, classes, 0.0),
        ("smoothing-ignore", ignore, None, SMOOTHING),
        ("smoothing-weights", plain, classes, SMOOTHING),
        ("weights-ignore", ignore, classes, 0.0),
        ("smoothing-weights-ignore", ignore, classes, SMOOTHING),
    ]:
        def function(x, y, w, r, smoothing=smoothing):
            loss = F.cross_entropy(x, y, w, ignore_index=IGNORED, reduction=r, label_smoothing=smoothing)
            torch.testing.assert_close(loss, by_formula(x, y, w, smoothing, r), rtol=1e-12, atol=1e-12)
            return loss

        yield f"cross-entropy-{name}", logits, target, weights, function


def main():
    draw, golden = Draw("losses"), Golden("nn", "losses", {"smoothing": SMOOTHING, "ignored": IGNORED})
    for name, x, target, weights, function in cases(draw):
        for reduction in REDUCTIONS:
            key = f"{name}-{reduction}"
            out, cotangent, gradients = differentiate(lambda x: function(x, target, weights, reduction), [x], draw)
            golden.put(f"{key}/input", x)
            golden.put(f"{key}/target", target)
            if weights is not None:
                golden.put(f"{key}/weights", weights)
            golden.put(f"{key}/out", out)
            golden.put(f"{key}/cotangent", cotangent)
            golden.put(f"{key}/grad", gradients[0])
    golden.save()


if __name__ == "__main__":
    main()
