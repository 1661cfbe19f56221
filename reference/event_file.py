"""A TensorBoard event file as PyTorch's SummaryWriter writes it: scalars of both styles, histograms, and what a reader of
losses passes over (a text). The clock stands still, so that the bytes are the same each time. What the file holds is
worked out by hand in the test.
"""
import tempfile
from pathlib import Path
from unittest import mock

import torch
from torch.utils.tensorboard import SummaryWriter

import common

STEPS = 6


def path():
    return common.CRATES / "trace/tests/golden/events.out.tfevents.pytorch"


def main():
    with tempfile.TemporaryDirectory() as folder, mock.patch("time.time", lambda: 1.5e9):
        with SummaryWriter(folder) as writer:
            for step in range(1, STEPS + 1):
                writer.add_scalar("Loss/train", 3 / step, step)
                writer.add_scalar("lr", 0.5**step, step, new_style=True)
                writer.add_scalar("grad_norm", step / 4, step, new_style=True, double_precision=True)
            for step in (3, 6):
                writer.add_scalar("Loss/val", 4 / step, step, new_style=True)
                writer.add_histogram("fc1/weight/grad", torch.arange(-4, 5) / 4, step, bins=8)
                writer.add_histogram("fc1/out", torch.tensor([0.5, 0.5, 2.5, 4.5]), step, bins=4)
            writer.add_scalar("Loss/train", float("nan"), STEPS + 1)
            writer.add_text("note", "passed over")
        (written,) = Path(folder).iterdir()
        path().parent.mkdir(parents=True, exist_ok=True)
        path().write_bytes(written.read_bytes())


if __name__ == "__main__":
    main()
