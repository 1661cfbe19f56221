"""Reads a run's folder with the programs that others use: safetensors and TensorBoard. Exits with 1 where they differ from
what `metrics.jsonl` and `run.json` say.

    rushlight train names-mlp --watch --steps 200
    python read_run.py ../runs/names-mlp
"""
import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy
from safetensors.numpy import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

CURVES = {"loss": "train/loss", "learning_rate": "train/learning_rate", "gradient_norm": "train/gradient_norm"}


def must(holds, what):
    if not holds:
        sys.exit(f"differs: {what}")


def weights(run):
    """How many tensors the last checkpoint has, how many numbers in them, and how many tensors of the optimizer."""
    checkpoint = run / "checkpoints" / (run / "last").read_text().strip()
    tensors = load_file(checkpoint / "model.safetensors")
    must(tensors and all(numpy.isfinite(tensor).all() for tensor in tensors.values()), "a weight is no number")
    state = load_file(checkpoint / "optimizer.safetensors")
    # What a stream carries over lies beside the optimizer's.
    state = {name: tensor for name, tensor in state.items() if not name.startswith("carried/")}
    for name, tensor in state.items():
        of = tensors.get(name.rsplit(".", 1)[0])
        must(of is not None, f"{name} belongs to no weight")
        must(name.endswith(".steps") or tensor.shape == of.shape, f"{name} has another shape than its weight")
    # What the optimizer holds is what is learned; the rest are running statistics.
    learned = {name.rsplit(".", 1)[0] for name in state} or set(tensors)
    card = json.loads((run / "run.json").read_text())["model"]
    must(sum(tensors[name].size for name in learned) == card["parameters"], "the number of parameters")
    return len(tensors), sum(tensor.size for tensor in tensors.values()), len(state)


def events(run):
    """Holds every number of the curves, every bin of the histograms and every text against the records, and counts them."""
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    shown = EventAccumulator(str(run), size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
    shown.Reload()
    tags = shown.Tags()
    steps = [record for record in records if record["record"] == "step"]
    for key, tag in CURVES.items():
        wanted = [(record["step"], numpy.float32(record[key])) for record in steps]
        must([(event.step, numpy.float32(event.value)) for event in shown.Scalars(tag)] == wanted, tag)
    for record in (record for record in records if record["record"] == "evaluation"):
        curve = shown.Scalars(f"evaluation/{record['split']}/loss")
        shown_losses = [(event.step, numpy.float32(event.value)) for event in curve]
        must((record["step"], numpy.float32(record["loss"])) in shown_losses, f"the loss of {record['split']}")
    bins = [
        (record["step"], histogram["low"], histogram["high"], histogram["counts"])
        for record in records
        for key in ("histogram", "grad_histogram")
        if (histogram := record.get(key))
    ]
    events = [event for tag in tags["histograms"] for event in shown.Histograms(tag)]
    values = [(event.step, event.histogram_value) for event in events]
    seen = [(step, value.min, value.max, [int(count) for count in value.bucket]) for step, value in values]
    must(sorted(bins) == sorted(seen), "histograms")
    # A histogram comes from older writers as a tensor too; texts are those under their own tag.
    samples = [record for record in records if record["record"] == "sample"]
    texts = [event.tensor_proto.string_val[0].decode() for event in shown.Tensors("samples")] if samples else []
    must(len(texts) == len(samples), "the number of texts")
    for text, sample in zip(texts, samples):
        lines = [line.removeprefix("    ") for line in text.split("\n")[2:-1]]
        must("\n".join(lines) == sample["prompt"] + sample["text"], "a text")
    return len(steps), len(tags["scalars"]), len(bins), len(texts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="+")
    for run in parser.parse_args().run:
        tensors, numbers, state = weights(run)
        steps, curves, histograms, texts = events(run)
        print(f"{run}: {tensors} tensors of {numbers} numbers and {state} of the optimizer; {curves} curves over {steps} "
              f"recorded steps, {histograms} histograms, {texts} texts")
    print(", ".join(f"{name} {version(name)}" for name in ("safetensors", "tensorboard", "numpy")), "Python", sys.version.split()[0])


if __name__ == "__main__":
    main()
