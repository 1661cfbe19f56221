"""What the scripts share: seeded draws, and the golden file that holds their results. Makes no file by itself."""
import json
import zlib
from pathlib import Path

import torch
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)

CRATES = Path(__file__).resolve().parent.parent / "crates"
IGNORED = -100  # a target that does not count, PyTorch's own value


def exact(x):
    """The nearest number that f32 holds, in f64: both sides then start from the same inputs."""
    return x.to(torch.float32).to(torch.float64)


class Draw:
    """Random inputs, the same on every run for the same name."""

    def __init__(self, name):
        self.generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))

    def normal(self, *shape, mean=0.0, std=1.0):
        return exact(mean + std * torch.randn(shape, generator=self.generator))

    def uniform(self, *shape, low=0.0, high=1.0):
        return exact(low + (high - low) * torch.rand(shape, generator=self.generator))

    def ids(self, high, *shape):
        return torch.randint(0, high, shape, generator=self.generator)

    def targets(self, high, *shape):
        """Class ids, of which the second does not count."""
        targets = self.ids(high, *shape)
        targets.view(-1)[1] = IGNORED
        return targets


class Golden:
    """Tensors by name; `save` writes real numbers as F32, ids as I64, and the settings as JSON in the metadata."""

    def __init__(self, crate, name, config):
        self.path, self.config, self.tensors = CRATES / crate / "tests/golden" / f"{name}.safetensors", config, {}

    def put(self, key, tensor):
        assert key not in self.tensors, f"two tensors are called {key}"
        tensor = torch.as_tensor(tensor)
        real = tensor.is_floating_point()
        assert not real or tensor.isfinite().all(), f"{key} is not finite"
        self.tensors[key] = tensor.detach().to(torch.float32 if real else torch.int64).contiguous().clone()

    def save(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # One metadata key only: with more, their order in the file would change from run to run.
        save_file(self.tensors, self.path, {"config": json.dumps(self.config)})
        print(f"{self.path.stat().st_size:7,} bytes  {self.path.relative_to(CRATES.parent)}")


def differentiate(function, inputs, draw):
    """Output, a random cotangent for it, and the gradient of sum(output * cotangent) by each real input."""
    inputs = [x.clone().requires_grad_() if x.is_floating_point() else x for x in inputs]
    output = function(*inputs)
    cotangent = draw.normal(*output.shape)
    real = [(i, x) for i, x in enumerate(inputs) if x.is_floating_point()]
    gradients = torch.autograd.grad(output, [x for _, x in real], cotangent)
    return output, cotangent, {i: gradient for (i, _), gradient in zip(real, gradients)}
