"""Makes crates/nn/tests/golden/schedules.safetensors: the learning rate of each of 60 steps.

`<schedule>` and `<schedule>-warm-up` (10 linear steps first), each [60]; `plateau-losses` is what the plateau
schedule watches. The rates are PyTorch's own schedulers', and held against the formulas in README.md.
"""
import math
import warnings

import torch
from torch.optim import lr_scheduler as torch_schedules

from common import Draw, Golden, exact

STEPS, WARMUP, BASE = 60, 10, 0.1
SETTINGS = {
    "steps": STEPS, "warmup_steps": WARMUP, "base": BASE,
    "step": {"every_steps": 15, "factor": 0.5},
    "exponential": {"factor": 0.95},
    "cosine": {"floor": 0.01},
    "linear": {"floor": 0.01},
    "plateau": {"factor": 0.5, "patience": 3, "threshold": 0.01, "floor": 0.02},
}


def by_pytorch(optimizer, name, horizon, warmup):
    """The scheduler for the steps that follow the warm-up, `horizon` of them."""
    s = SETTINGS.get(name, {})
    match name:
        case "constant":
            return torch_schedules.LambdaLR(optimizer, lambda u: 1.0)
        case "step":
            return torch_schedules.StepLR(optimizer, s["every_steps"], s["factor"])
        case "exponential":
            return torch_schedules.ExponentialLR(optimizer, s["factor"])
        case "cosine":
            return torch_schedules.CosineAnnealingLR(optimizer, horizon, s["floor"])
        case "linear":
            return torch_schedules.LinearLR(optimizer, 1.0, s["floor"] / BASE, horizon)
        case "inverse-sqrt":  # PyTorch has none of this kind
            peak = max(warmup, 1)
            return torch_schedules.LambdaLR(optimizer, lambda u: math.sqrt(peak / (warmup + u + 1)))


def by_formula(name, step, warmup):
    if step < warmup:
        return BASE * (step + 1) / warmup
    u, horizon, s = step - warmup, STEPS - warmup, SETTINGS.get(name, {})
    match name:
        case "constant":
            return BASE
        case "step":
            return BASE * s["factor"] ** (u // s["every_steps"])
        case "exponential":
            return BASE * s["factor"] ** u
        case "cosine":
            return s["floor"] + (BASE - s["floor"]) * (1 + math.cos(math.pi * u / horizon)) / 2
        case "linear":
            return BASE + (s["floor"] - BASE) * u / horizon
        case "inverse-sqrt":
            return BASE * math.sqrt(max(warmup, 1) / (step + 1))


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], BASE)


def rates(name, warmup):
    sgd = optimizer()
    schedule = by_pytorch(sgd, name, STEPS - warmup, warmup)
    if warmup:
        rising = torch_schedules.LinearLR(sgd, 1 / warmup, 1.0, warmup - 1)
        schedule = torch_schedules.SequentialLR(sgd, [rising, schedule], [warmup])
    result = []
    for step in range(STEPS):
        result.append(sgd.param_groups[0]["lr"])
        expected = by_formula(name, step, warmup)
        assert math.isclose(result[-1], expected, rel_tol=1e-9), (name, warmup, step, result[-1], expected)
        sgd.step()
        schedule.step()
    return result


def plateau(losses, warmup):
    """Losses are watched from the end of the warm-up on, one after each step."""
    s, sgd = SETTINGS["plateau"], optimizer()
    schedule = torch_schedules.ReduceLROnPlateau(
        sgd, factor=s["factor"], patience=s["patience"], threshold=s["threshold"], min_lr=s["floor"])
    result = []
    for step in range(STEPS):
        result.append(BASE * (step + 1) / warmup if step < warmup else sgd.param_groups[0]["lr"])
        sgd.step()
        if step >= warmup:
            schedule.step(losses[step].item())
    return result


def main():
    # PyTorch warns about its own SequentialLR, which steps its parts with an argument that it calls deprecated.
    warnings.filterwarnings("ignore", message="The epoch parameter in", category=UserWarning)
    draw, golden = Draw("schedules"), Golden("nn", "schedules", SETTINGS)
    for name in ("constant", "step", "exponential", "cosine", "linear", "inverse-sqrt"):
        golden.put(name, rates(name, 0))
        golden.put(f"{name}-warm-up", rates(name, WARMUP))
    # Falls for five steps, and then only wanders: the schedule has to act several times, down to its floor, and at
    # other steps if it does not watch the warm-up.
    losses = torch.maximum(3.0 - 0.3 * torch.arange(STEPS).double(), torch.tensor(1.5)) + draw.uniform(STEPS, high=0.2)
    losses = exact(losses)
    golden.put("plateau-losses", losses)
    golden.put("plateau", plateau(losses, 0))
    golden.put("plateau-warm-up", plateau(losses, WARMUP))
    golden.save()


if __name__ == "__main__":
    main()
