"""Makes crates/nn/tests/golden/initialisers.safetensors: gains, and the standard deviations that follow from them.

`gain/<activation>`, and for a weight [out 300, in 400] `std/kaiming-<fan>/<activation>` and `std/xavier/<activation>`.
A uniform start of the same name reaches from -sqrt(3) std to sqrt(3) std. Each is held against what PyTorch draws.
"""
import math

import torch
from torch.nn import init

from common import Golden

OUT, IN = 300, 400
# PyTorch knows no gain for SiLU, so there is none here.
ACTIVATIONS = {"linear": "linear", "sigmoid": "sigmoid", "tanh": "tanh", "relu": "relu"}


def hold_against_draw(std, fill):
    """120,000 draws estimate a standard deviation to 0.2 %; five times that is not chance."""
    drawn = fill(torch.empty(OUT, IN)).std().item()
    assert abs(drawn / std - 1) < 0.01, (std, drawn)


def main():
    torch.manual_seed(0)
    golden = Golden("nn", "initialisers", {"out": OUT, "in": IN})
    for name, torch_name in ACTIVATIONS.items():
        gain = init.calculate_gain(torch_name)
        golden.put(f"gain/{name}", gain)
        for fan, count in {"fan-in": IN, "fan-out": OUT}.items():
            std, mode = gain / math.sqrt(count), fan.replace("-", "_")
            golden.put(f"std/kaiming-{fan}/{name}", std)
            for fill in (init.kaiming_normal_, init.kaiming_uniform_):
                hold_against_draw(std, lambda w: fill(w, mode=mode, nonlinearity=torch_name))
        std = gain * math.sqrt(2 / (IN + OUT))
        golden.put(f"std/xavier/{name}", std)
        for fill in (init.xavier_normal_, init.xavier_uniform_):
            hold_against_draw(std, lambda w: fill(w, gain))
    golden.save()


if __name__ == "__main__":
    main()
