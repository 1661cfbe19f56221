"""Makes crates/engine/tests/golden/ops.safetensors: operations with their outputs and gradients.

`<op>/in0`, `<op>/in1`, ... are the inputs in order (ids among them), `<op>/out` the output, and `<op>/grad<i>`
the gradient of sum(out * cotangent) by the i-th input. The metadata holds each operation's settings.
"""
import math

import torch
import torch.nn.functional as F

from common import IGNORED, Draw, Golden, differentiate, exact

EPSILON, SMOOTHING = 1e-5, 0.1
# Far out, near zero, and zero itself, where ReLU's gradient is 0 by convention.
EDGES = [-30.0, -6.0, -1e-3, 0.0, 1e-3, 6.0, 30.0]


def unary(draw):
    real = exact(torch.cat([torch.tensor(EDGES), draw.normal(23, std=2.0)])).view(2, 3, 5)
    positive = draw.uniform(2, 3, 5, low=0.05, high=9.0)
    moderate = draw.normal(2, 3, 5, std=2.0)
    return {
        "tanh": (torch.tanh, real), "sigmoid": (torch.sigmoid, real), "relu": (torch.relu, real),
        "gelu": (F.gelu, real), "silu": (F.silu, real), "exp": (torch.exp, moderate),
        "sqrt": (torch.sqrt, positive), "ln": (torch.log, positive),
        "division": (torch.div, moderate, positive),
        "softmax": (lambda x: x.softmax(-1), real), "log_softmax": (lambda x: x.log_softmax(-1), real),
        **{f"sum_axis{a}": (lambda x, a=a: x.sum(a), moderate) for a in range(3)},
        **{f"mean_axis{a}": (lambda x, a=a: x.mean(a), moderate) for a in range(3)},
    }


def products(draw):
    return {
        "linear": (F.linear, draw.normal(2, 3, 5), draw.normal(7, 5), draw.normal(7)),
        "matmul": (torch.matmul, draw.normal(2, 3, 5), draw.normal(2, 5, 7)),
        "embedding": (lambda table, ids: F.embedding(ids, table), draw.normal(11, 5), draw.ids(11, 2, 7)),
    }


def norms(draw):
    layer = lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b, EPSILON)
    batch = lambda x, w, b: F.batch_norm(x, None, None, w, b, True, eps=EPSILON)
    affine = lambda n: (draw.normal(n, mean=1.0, std=0.3), draw.normal(n))
    return {
        "layer_norm": (layer, draw.normal(2, 3, 5, mean=0.5, std=2.0), *affine(5)),
        "batch_norm": (batch, draw.normal(6, 5, mean=0.5, std=2.0), *affine(5)),
    }


def attend(causal):
    """q, k, v [B, heads, T, width] and, if given, how many keys of each row are real: the rest are padding."""

    def attention(q, k, v, lengths=None):
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        queries, keys = scores.shape[-2:]
        hidden = torch.ones(queries, keys, dtype=torch.bool).triu(1) if causal else torch.zeros(queries, keys, dtype=torch.bool)
        if lengths is not None:
            hidden = hidden | (torch.arange(keys) >= lengths[:, None, None, None])
        out = scores.masked_fill(hidden, -math.inf).softmax(-1) @ v
        torch.testing.assert_close(out, F.scaled_dot_product_attention(q, k, v, attn_mask=~hidden), rtol=1e-12, atol=1e-12)
        return out

    return attention


def attentions(draw):
    q, k, v = (draw.normal(2, 3, 5, 4) for _ in range(3))
    lengths = torch.tensor([5, 2])
    return {
        "attention": (attend(False), q, k, v),
        "attention_causal": (attend(True), q, k, v),
        "attention_padded": (attend(False), q, k, v, lengths),
        "attention_causal_padded": (attend(True), q, k, v, lengths),
        "attention_cross": (attend(False), draw.normal(2, 3, 6, 4), k, v, lengths),
    }


def cross_entropies(draw):
    logits, plain, ignore = draw.normal(6, 7, std=2.0), draw.ids(7, 6), draw.targets(7, 6)
    weights = draw.uniform(7, low=0.2, high=3.0)
    # The class weights are settings, not something to be differentiated.
    loss = lambda **settings: lambda x, y: F.cross_entropy(x, y, ignore_index=IGNORED, **settings)
    cases = {}
    for reduction in ("mean", "sum", "none"):
        for name, targets, settings in [
            ("plain", plain, {}),
            ("ignore", ignore, {}),
            ("smoothing", plain, {"label_smoothing": SMOOTHING}),
            ("weights", plain, {"weight": weights}),
            ("all", ignore, {"label_smoothing": SMOOTHING, "weight": weights}),
        ]:
            cases[f"cross_entropy_{name}_{reduction}"] = (loss(reduction=reduction, **settings), logits, targets)
    return cases, weights


def main():
    draw = Draw("ops")
    losses, weights = cross_entropies(draw)
    golden = Golden("engine", "ops", {
        "layer_norm": {"epsilon": EPSILON}, "batch_norm": {"epsilon": EPSILON, "mode": "train"}, "gelu": "exact",
        "cross_entropy": {"smoothing": SMOOTHING, "ignored": IGNORED}})
    golden.put("cross_entropy/class_weights", weights)
    for op, (function, *inputs) in {**unary(draw), **products(draw), **norms(draw), **attentions(draw), **losses}.items():
        out, cotangent, gradients = differentiate(function, inputs, draw)
        for i, x in enumerate(inputs):
            golden.put(f"{op}/in{i}", x)
        golden.put(f"{op}/out", out)
        golden.put(f"{op}/cotangent", cotangent)
        for i, gradient in gradients.items():
            golden.put(f"{op}/grad{i}", gradient)
    golden.save()


if __name__ == "__main__":
    main()
