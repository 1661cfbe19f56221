"""Makes crates/nn/tests/golden/optimizers.safetensors and clipping.safetensors.

Optimizers: two parameters, `start/a` and `start/b`, take 12 steps with the gradients `gradients/a` and `gradients/b`
([step, ...]), which do not depend on the parameters. `<optimizer>/a` and `<optimizer>/b` are the parameters after each step.
Clipping: `before/a`, `before/b`, and after it `<rule>/a`, `<rule>/b`.
"""
import torch

from common import Draw, Golden, exact

STEPS, SHAPES = 12, {"a": (3, 5), "b": (7,)}

# The metadata of the file holds these settings; every one that PyTorch has and that is not named is at its default.
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"lr": 0.1}),
    "sgd-momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "sgd-nesterov": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "sgd-decay": (torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.1}),
    "sgd-momentum-decay": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.99, "eps": 1e-8}),
    "rmsprop-momentum": (torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.99, "eps": 1e-8, "momentum": 0.9}),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.1, "eps": 1e-10}),
    "adam": (torch.optim.Adam, {"lr": 0.1, "betas": [0.9, 0.999], "eps": 1e-8}),
    "adam-l2": (torch.optim.Adam, {"lr": 0.1, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.1}),
    "adamw": (torch.optim.AdamW, {"lr": 0.1, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.1}),
}
# One norm above that of the gradients (nothing changes), one below; a limit for each value.
CLIPPING = {"norm-loose": 100.0, "norm-tight": 1.0, "value": 0.5}


def trajectory(build, settings, start, gradients):
    """The parameters after each step, stacked."""
    parameters = {name: p.clone().requires_grad_() for name, p in start.items()}
    optimizer = build(parameters.values(), **settings)
    after = {name: [] for name in parameters}
    for step in range(STEPS):
        for name, p in parameters.items():
            p.grad = gradients[name][step].clone()
        optimizer.step()
        for name, p in parameters.items():
            after[name].append(p.detach().clone())
    return {name: torch.stack(values) for name, values in after.items()}


def optimizers():
    draw = Draw("optimizers")
    golden = Golden("nn", "optimizers", {name: settings for name, (_, settings) in OPTIMIZERS.items()})
    start = {name: draw.normal(*shape) for name, shape in SHAPES.items()}
    gradients = {name: draw.normal(STEPS, *shape) for name, shape in SHAPES.items()}
    gradients["b"][:, 2] = 0.0  # never a gradient: only weight decay may move it
    gradients["b"][:, 4] *= 1e-6  # so small that epsilon is felt
    for name in SHAPES:
        gradients[name] = exact(gradients[name])
        golden.put(f"start/{name}", start[name])
        golden.put(f"gradients/{name}", gradients[name])
    for optimizer, (build, settings) in OPTIMIZERS.items():
        for name, values in trajectory(build, settings, start, gradients).items():
            golden.put(f"{optimizer}/{name}", values)
    golden.save()


def clipping():
    draw, golden = Draw("clipping"), Golden("nn", "clipping", CLIPPING)
    before = {name: draw.normal(*shape) for name, shape in SHAPES.items()}
    for name, gradient in before.items():
        golden.put(f"before/{name}", gradient)
    golden.put("before/norm", torch.cat([g.flatten() for g in before.values()]).norm())
    for rule, limit in CLIPPING.items():
        parameters = {name: torch.zeros_like(g).requires_grad_() for name, g in before.items()}
        for name, p in parameters.items():
            p.grad = before[name].clone()
        clip = torch.nn.utils.clip_grad_value_ if rule == "value" else torch.nn.utils.clip_grad_norm_
        clip(parameters.values(), limit)
        for name, p in parameters.items():
            golden.put(f"{rule}/{name}", p.grad)
    golden.save()


def main():
    optimizers()
    clipping()


if __name__ == "__main__":
    main()
