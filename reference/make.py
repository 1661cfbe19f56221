"""Makes every golden file, and the split of names. With --check it leaves the files alone and says which of them would change."""
import argparse
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import common
import doctor_runs
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
    scripts = (ops, losses, optimizers, schedules, initialisers, models, kneser_ney, metrics, event_file, makemore_split)
    for script in (*scripts, doctor_runs):
        script.main()


def read(path):
    """The settings, and the tensors by name; of an event file its curves, as rows of step and value."""
    if path.suffix != ".safetensors":
        curves = EventAccumulator(str(path), size_guidance={"scalars": 0}).Reload()
        rows = lambda tag: torch.tensor([(event.step, event.value) for event in curves.Scalars(tag)])
        return None, {tag: rows(tag) for tag in curves.Tags()["scalars"]}
    with safe_open(path, "pt") as file:
        return file.metadata(), {key: file.get_tensor(key) for key in file.keys()}


def same(a, b):
    """Other processors may round the last bit of an f32 the other way, so no more than that is asked."""
    (settings, old), (new_settings, new) = read(a), read(b)
    near = lambda x, y: torch.allclose(x, y, rtol=1e-6, atol=1e-9, equal_nan=True)
    alike = lambda x, y: x.dtype == y.dtype and x.shape == y.shape and near(x, y)
    return settings == new_settings and old.keys() == new.keys() and all(alike(old[k], new[k]) for k in old)


def check():
    """The files, as paths below crates/ and datasets/, that are not what the scripts make."""
    kept = common.CRATES
    with tempfile.TemporaryDirectory() as folder:
        common.CRATES = Path(folder) / "crates"
        make()
        kinds = ("*/tests/golden/**/*.safetensors", "cli/tests/golden/doctor/*/events.*")
        files = lambda root: {p.relative_to(root) for kind in kinds for p in root.glob(kind)}
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
