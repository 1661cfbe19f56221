"""Makes every golden file, and the split of names. With --check it leaves the files alone and says which of them would change."""
import argparse
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open

import common
import event_file
import initialisers
import kneser_ney
import losses
import makemore_split
import metrics
import models
import ops
import optimizers
import schedules


def make():
    for script in (ops, losses, optimizers, schedules, initialisers, models, kneser_ney, metrics, event_file, makemore_split):
        script.main()


def read(path):
    with safe_open(path, "pt") as file:
        return file.metadata(), {key: file.get_tensor(key) for key in file.keys()}


def same(a, b):
    """Other processors may round the last bit of an f32 the other way, so no more than that is asked."""
    (settings, old), (new_settings, new) = read(a), read(b)
    near = lambda x, y: x.dtype == y.dtype and x.shape == y.shape and torch.allclose(x, y, rtol=1e-6, atol=1e-9)
    return settings == new_settings and old.keys() == new.keys() and all(near(old[k], new[k]) for k in old)


def check():
    """The files, as paths below crates/ and datasets/, that are not what the scripts make."""
    kept = common.CRATES
    with tempfile.TemporaryDirectory() as folder:
        common.CRATES = Path(folder) / "crates"
        make()
        files = lambda root: {p.relative_to(root) for p in root.glob("*/tests/golden/*.safetensors")}
        old, new = files(kept), files(common.CRATES)
        changed = sorted(old ^ new | {p for p in old & new if not same(kept / p, common.CRATES / p)})
        split = makemore_split.path()
        scores = metrics.path().relative_to(common.CRATES)
        changed += [str(scores)] * ((kept / scores).read_text() != metrics.path().read_text())
        events = event_file.path().relative_to(common.CRATES)
        changed += [str(events)] * ((kept / events).read_bytes() != event_file.path().read_bytes())
        return changed + [split.name] * (split.read_text() != makemore_split.KEPT.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        return make()
    if changed := check():
        sys.exit("not what the scripts make: " + ", ".join(map(str, changed)))


if __name__ == "__main__":
    main()
