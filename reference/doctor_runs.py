"""Makes crates/cli/tests/golden/doctor/: what trainings in PyTorch leave behind, sound and sick, for the doctor to read.

A curve lies in a folder of its own, as SummaryWriter leaves it, but with a clock that stands still. The faults of the curves
are trained in; those of the weights are planted after the training, and stand in the metadata.
"""
import json
import math
import tempfile
import zlib
from pathlib import Path
from unittest import mock

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file
from torch.utils.tensorboard import SummaryWriter

import common
from common import Draw

DATASETS = Path(__file__).resolve().parent.parent / "datasets"
CLASSES, FEATURES = 10, 64
BATCH, WINDOW = 32, 32


def folder():
    return common.CRATES / "cli/tests/golden/doctor"


class Classifier(nn.Module):
    """[B, features] -> [B, classes]; with `softmax` the usual mistake: the loss has one itself."""

    def __init__(self, softmax=False):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(FEATURES, 64), nn.ReLU(), nn.Linear(64, CLASSES))
        self.softmax = softmax

    def forward(self, x):
        logits = self.layers(x)
        return logits.softmax(-1) if self.softmax else logits


class CharacterGru(nn.Module):
    """[B, T] -> [B, T, V]"""

    def __init__(self, vocab, width, layers=1, softmax=False):
        super().__init__()
        self.embedding = nn.Embedding(vocab, width)
        self.gru = nn.GRU(width, width, layers, batch_first=True)
        self.head = nn.Linear(width, vocab)
        self.softmax = softmax

    def forward(self, ids):
        logits = self.head(self.gru(self.embedding(ids))[0])
        return logits.softmax(-1) if self.softmax else logits


class CharacterTransformer(nn.Module):
    """[B, T] -> [B, T, V]"""

    def __init__(self, vocab, width=32, heads=4, layers=2):
        super().__init__()
        self.embedding = nn.Embedding(vocab, width)
        self.position = nn.Embedding(WINDOW, width)
        layer = nn.TransformerEncoderLayer(width, heads, 2 * width, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)
        self.head = nn.Linear(width, vocab)

    def forward(self, ids):
        x = self.embedding(ids) + self.position(torch.arange(ids.shape[1]))
        mask = nn.Transformer.generate_square_subsequent_mask(ids.shape[1])
        return self.head(self.encoder(x, mask, is_causal=True))


class Samples:
    """Ten noisy prototypes. Of a share of the samples, the class is a wrong one."""

    def __init__(self, wrong=0.0, count=40_000):
        draw = Draw("prototypes")
        self.y = draw.ids(CLASSES, count)
        self.x = draw.normal(CLASSES, FEATURES, std=0.6)[self.y] + draw.normal(count, FEATURES)
        is_wrong = draw.uniform(count) < wrong
        self.y = torch.where(is_wrong, (self.y + 1 + draw.ids(CLASSES - 1, count)) % CLASSES, self.y)
        self.draw = Draw("batches")

    def batch(self):
        rows = self.draw.ids(len(self.y) - 1000, 64)
        return self.x[rows], self.y[rows]

    def validation(self):
        return self.x[-1000:], self.y[-1000:]


class Text:
    """Windows of a text, of which the last tenth validates."""

    def __init__(self, text):
        signs = sorted(set(text))
        self.vocab = len(signs)
        self.ids = torch.tensor([signs.index(sign) for sign in text])
        self.cut = len(text) * 9 // 10
        self.draw = Draw("windows")

    def windows(self, starts):
        rows = self.ids[starts[:, None] + torch.arange(WINDOW + 1)]
        return rows[:, :-1], rows[:, 1:]

    def batch(self):
        return self.windows(self.draw.ids(self.cut - WINDOW, BATCH))

    def validation(self):
        return self.windows(torch.arange(self.cut, len(self.ids) - WINDOW, WINDOW)[:200])


def shakespeare():
    return Text((DATASETS / "shakespeare/input.txt").read_text())


def names():
    lines = (DATASETS / "names/names.txt").read_text().splitlines()
    order = torch.randperm(len(lines), generator=Draw("names").generator).tolist()
    return Text("".join(lines[i] + "\n" for i in order))


def built(kind, *sizes, **flags):
    torch.manual_seed(zlib.crc32(kind.__name__.encode()))
    return kind(*sizes, **flags)


def loss_of(model, x, y):
    return F.cross_entropy(model(x).flatten(0, -2), y.flatten())


def train(model, data, steps, rate, every):
    """Trains with Adam; the scalars (tag, value, step) as they come."""
    optimizer, scalars = torch.optim.Adam(model.parameters(), rate), []
    for step in range(steps):
        loss = loss_of(model, *data.batch())
        scalars.append(("train/loss", loss.item(), step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (step + 1) % every == 0:
            x, y = data.validation()
            with torch.no_grad():
                scalars.append(("validation/loss", loss_of(model, x, y).item(), step))
                if y.dim() == 1:
                    right = (model(x).argmax(-1) == y).double().mean()
                    scalars.append(("validation/accuracy", right.item(), step))
    return scalars


def all_of(scalars, tag):
    return [value for name, value, _ in scalars if name == tag]


def level(scalars):
    """Where the loss ends: the mean of its last fifty steps."""
    return sum(all_of(scalars, "train/loss")[-50:]) / 50


def told(path):
    print(f"{path.stat().st_size:7,} bytes  {path.relative_to(common.CRATES.parent)}")


def log(name, scalars):
    path = folder() / name / "events.out.tfevents.pytorch"
    with tempfile.TemporaryDirectory() as made, mock.patch("time.time", lambda: 1.5e9):
        with SummaryWriter(made) as writer:
            for tag, value, step in scalars:
                writer.add_scalar(tag, value, step)
        (written,) = Path(made).iterdir()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written.read_bytes())
    told(path)


def classes():
    """The floor of a second softmax over ten classes is ln(e + 9) - 1 = 1.461; that of 30 % wrong classes 1.270."""
    for name, softmax, wrong, low, high, least in (
        ("double-softmax-classes", True, 0.0, 1.461, 1.480, 0.98),
        ("healthy-classes", False, 0.0, 0.0, 0.05, 0.98),
        ("healthy-hard-classes", False, 0.3, 1.270, 1.45, 0.68),
    ):
        scalars = train(built(Classifier, softmax=softmax), Samples(wrong), steps=500, rate=2e-3, every=50)
        accuracy = all_of(scalars, "validation/accuracy")[-1]
        assert low < level(scalars) < high and accuracy > least, (name, level(scalars), accuracy)
        log(name, scalars)


def characters():
    """The floor of a second softmax over 65 characters is ln(e + 64) - 1 = 3.199, if all could be foreseen."""
    text = shakespeare().vocab
    for name, softmax, low, high in (
        ("double-softmax-characters", True, 3.8, 3.9),
        ("healthy-characters", False, 1.8, 2.0),
    ):
        scalars = train(built(CharacterGru, text, 64, softmax=softmax), shakespeare(), steps=500, rate=5e-3, every=50)
        assert low < level(scalars) < high, (name, level(scalars))
        log(name, scalars)
    data = names()
    model = built(CharacterGru, data.vocab, 48)
    nn.init.zeros_(model.head.weight)
    nn.init.zeros_(model.head.bias)
    scalars = train(model, data, steps=500, rate=5e-3, every=50)
    assert abs(scalars[0][1] - math.log(data.vocab)) < 1e-9 and level(scalars) < 2.2, level(scalars)
    log("healthy-zero-head", scalars)


def trained(kind, sizes, steps, rate, dtype, most):
    """The weights of a model of names, and the settings of its training."""
    data = names()
    model = built(kind, data.vocab, *sizes)
    train(model, data, steps, rate, every=steps)
    with torch.no_grad():
        loss = loss_of(model, *data.validation()).item()
    assert loss < most, loss
    config = {"model": kind.__name__, "sizes": [data.vocab, *sizes], "steps": steps, "rate": rate}
    return {name: tensor.to(dtype) for name, tensor in model.state_dict().items()}, config


def save(name, tensors, config):
    path = folder() / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, {"config": json.dumps(config)})
    told(path)


def transformer():
    tensors, config = trained(CharacterTransformer, (32, 4, 2), steps=700, rate=1e-2, dtype=torch.float32, most=2.3)
    save("healthy-weights", tensors, config)
    dead, exploded = "encoder.layers.0.linear1", "encoder.layers.1.linear2"
    for part in ("weight", "bias"):
        tensors[f"{dead}.{part}"].zero_()
        tensors[f"{exploded}.{part}"] *= 1e4
    tensors[f"{exploded}.weight"][0] *= 1e4
    tensors[f"{exploded}.bias"][0] = torch.inf
    save("sick-weights", tensors, config | {"faults": {"dead": dead, "exploded": exploded}})


def gru():
    tensors, config = trained(CharacterGru, (48, 2), steps=600, rate=5e-3, dtype=torch.float16, most=2.2)
    save("healthy-gru", tensors, config)
    equal = [[f"gru.{part}_l0", f"gru.{part}_l1"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    for first, second in equal:
        tensors[second] = tensors[first].clone()
    tensors["embedding.weight"][len(tensors["embedding.weight"]) // 2 :] = 0
    tensors["head.weight"][3, 5] = torch.nan
    faults = {"equal": equal, "zero_rows": "embedding.weight", "not_a_number": "head.weight"}
    save("sick-gru", tensors, config | {"faults": faults})


def main():
    torch.set_num_threads(1)
    classes()
    characters()
    transformer()
    gru()


if __name__ == "__main__":
    main()
