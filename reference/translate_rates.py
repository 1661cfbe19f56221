"""Compares how fast Rushlight and PyTorch translate with the same weights: the encoder-decoder Transformer of a run.

    translate_rates.py RUSHLIGHT RUN SENTENCES [--rounds N] [--batches B,B]

PyTorch writes with a cache of keys and values, encodes each batch once, sorts sentences by length, and has the batch size
of those given in which it is quickest, found out before. Its seconds hold no start, no reading and no tokens made from
text; Rushlight's are those of its whole process, from the file to the translated lines, with the batches it chooses itself.
Both run in turn, greedy and with a beam of 5 whose scores are divided by their lengths. Greedy lines must be equal but for
what rounding decides; a beam's may differ more, for PyTorch's keeps what has ended in its place in the beam.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time
import tomllib

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer


class Run:
    """What a run's folder holds of a Transformer with the norm before each sublayer."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        best = (folder / "best").read_text().strip()
        self.weights = load_file(folder / "checkpoints" / best / "model.safetensors")
        model = tomllib.loads((folder / "recipe.toml").read_text())["model"]
        assert model["kind"] == "transformer" and model["norm"] == "before", model
        self.heads, self.layers = model["heads"], model["layers"]
        self.active = {"relu": F.relu, "gelu": F.gelu}[model["activation"]]
        self.target = Tokenizer.from_file(str(folder / "tokenizer.json"))
        own = folder / "source-tokenizer.json"
        self.source = Tokenizer.from_file(str(own)) if own.exists() else self.target
        width = self.weights["embed.weight"].shape[1]
        self.width, self.scale = width, width**0.5
        self.places = self.weights.get("position.weight")
        if self.places is None:
            angle = torch.arange(1024)[:, None] / 10000 ** (torch.arange(0, width, 2) / width)
            self.places = torch.stack([angle.sin(), angle.cos()], -1).flatten(1)

    def linear(self, name, x):
        return F.linear(x, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))

    def norm(self, name, x):
        return F.layer_norm(x, (self.width,), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def split(self, x):
        """[B, T, D] to [B, heads, T, D / heads]"""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def attend(self, name, q, k, v, mask=None):
        y = F.scaled_dot_product_attention(self.split(q), k, v, attn_mask=mask)
        return self.linear(f"{name}.proj", y.transpose(1, 2).flatten(2))

    def ffn(self, name, x):
        return self.linear(f"{name}.ffn.down", self.active(self.linear(f"{name}.ffn.up", x)))

    def placed(self, table, ids, first=0):
        return self.weights[table][ids] * self.scale + self.places[first : first + ids.shape[1]]

    def encode(self, ids, seen):
        """The keys and values of each layer of the decoder."""
        table = "source_embed.weight" if "source_embed.weight" in self.weights else "embed.weight"
        x = self.placed(table, ids)
        for layer in (f"encoder.{l}" for l in range(self.layers)):
            q, k, v = self.linear(f"{layer}.attention.qkv", self.norm(f"{layer}.norm1", x)).chunk(3, -1)
            x = x + self.attend(f"{layer}.attention", q, self.split(k), self.split(v), seen)
            x = x + self.ffn(layer, self.norm(f"{layer}.norm2", x))
        x = self.norm("encoder_norm", x)
        sides = [self.linear(f"decoder.{l}.cross.kv", x).chunk(2, -1) for l in range(self.layers)]
        return [(self.split(k), self.split(v)) for k, v in sides]

    def step(self, tokens, at, cache, sides, seen):
        """Logits behind `tokens` [B]; `cache` takes their keys and values."""
        y = self.placed("embed.weight", tokens[:, None], at)
        for l in range(self.layers):
            layer = f"decoder.{l}"
            q, k, v = self.linear(f"{layer}.attention.qkv", self.norm(f"{layer}.norm1", y)).chunk(3, -1)
            k, v = self.split(k), self.split(v)
            if at > 0:
                k, v = torch.cat([cache[l][0], k], 2), torch.cat([cache[l][1], v], 2)
            cache[l] = (k, v)
            y = y + self.attend(f"{layer}.attention", q, k, v)
            y = y + self.attend(f"{layer}.cross", self.linear(f"{layer}.cross.q", self.norm(f"{layer}.norm2", y)), *sides[l], seen)
            y = y + self.ffn(layer, self.norm(f"{layer}.norm3", y))
        y = self.norm("decoder_norm", y)[:, 0]
        return self.linear("out", y) if "out.weight" in self.weights else y @ self.weights["embed.weight"].T


def padded(sentences, end):
    lengths = torch.tensor([len(ids) + 1 for ids in sentences])
    ids = torch.zeros(len(sentences), int(lengths.max()), dtype=torch.long)
    for row, sentence in zip(ids, sentences):
        row[: len(sentence) + 1] = torch.tensor(sentence + [end])
    seen = torch.arange(ids.shape[1]) < lengths[:, None]
    return ids, seen[:, None, None, :], 2 * (lengths - 1) + 10


def greedy(run, sentences, ends):
    ids, seen, most = padded(sentences, ends[0])
    sides, cache, end = run.encode(ids, seen), [None] * run.layers, ends[1]
    tokens, done, written = torch.full((len(ids),), end), torch.zeros(len(ids), dtype=torch.bool), []
    for at in range(int(most.max())):
        tokens = run.step(tokens, at, cache, sides, seen).argmax(-1).masked_fill(done, end)
        done |= (tokens == end) | (at + 1 >= most)
        written.append(tokens)
        if done.all():
            break
    rows = torch.stack(written, 1).tolist()
    return [cut(row[:length], end) for row, length in zip(rows, most.tolist())]


def beam(run, sentences, ends, width=5):
    ids, seen, most = padded(sentences, ends[0])
    sides, cache, end, count = run.encode(ids, seen), [None] * run.layers, ends[1], len(ids)
    sides = [(k.repeat_interleave(width, 0), v.repeat_interleave(width, 0)) for k, v in sides]
    seen, rows = seen.repeat_interleave(width, 0), torch.arange(count)[:, None] * width
    scores = torch.full((count, width), -torch.inf)
    scores[:, 0] = 0.0
    lengths, done = torch.ones(count, width), torch.zeros(count, width, dtype=torch.bool)
    tokens, written = torch.full((count * width,), end), None
    for at in range(int(most.max())):
        logits = run.step(tokens, at, cache, sides, seen).log_softmax(-1).unflatten(0, (count, width))
        ended = torch.full_like(logits[0, 0], -torch.inf)
        ended[end] = 0.0
        scores, chosen = (scores[..., None] + torch.where(done[..., None], ended, logits)).flatten(1).topk(width)
        parents, tokens = chosen // logits.shape[-1], chosen % logits.shape[-1]
        done, lengths = done.gather(1, parents), lengths.gather(1, parents)
        lengths += (~done).float()
        done |= (tokens == end) | (at + 1 >= most[:, None])
        order, tokens = (rows + parents).flatten(), tokens.flatten()
        written = tokens[:, None] if written is None else torch.cat([written[order], tokens[:, None]], 1)
        if done.all():
            break
        cache = [(k[order], v[order]) for k, v in cache]
    best = (rows[:, 0] + (scores / lengths).argmax(-1)).tolist()
    return [cut(written[row].tolist()[:length], end) for row, length in zip(best, most.tolist())]


def cut(ids, end):
    return ids[: ids.index(end)] if end in ids else ids


@torch.inference_mode()
def translate(run, how, sentences, ends, batch):
    order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
    found = [None] * len(sentences)
    for first in range(0, len(order), batch):
        together = order[first : first + batch]
        for place, ids in zip(together, how(run, [sentences[i] for i in together], ends)):
            found[place] = ids
    return found


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rushlight")
    parser.add_argument("run")
    parser.add_argument("sentences")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", default="16,32,64,128,256")
    options = parser.parse_args()
    run = Run(options.run)
    lines = pathlib.Path(options.sentences).read_text().splitlines()
    sentences = [run.source.encode(line.strip()).ids for line in lines]
    ends = [boundary(tokenizer) for tokenizer in (run.source, run.target)]
    for name, how, width in (("greedy", greedy, 1), ("beam 5", beam, 5)):
        sizes = [int(size) for size in options.batches.split(",")]
        translate(run, how, sentences[:200], ends, sizes[0])  # warm up
        batch = min(sizes, key=lambda size: timed(lambda: translate(run, how, sentences, ends, size))[0])
        ratios, theirs, ours, tokens, same = [], [], [], 0, 0
        for _ in range(options.rounds):
            seconds, found = timed(lambda: translate(run, how, sentences, ends, batch))
            theirs.append(seconds)
            command = [options.rushlight, "translate", options.run, options.sentences, "--beam", str(width)]
            seconds, output = timed(lambda: subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            ours.append(seconds)
            ratios.append(theirs[-1] / ours[-1])
            tokens = sum(len(ids) + 1 for ids in found)
            texts = [run.target.decode(ids) for ids in found]
            same = sum(text == line for text, line in zip(texts, output.splitlines()))
        print(f"{name}: PyTorch in batches of {batch}")
        for who, seconds in (("PyTorch", statistics.median(theirs)), ("Rushlight", statistics.median(ours))):
            print(f"  {who:9} {seconds:6.2f} s, {len(lines) / seconds:6.0f} sentences/s, {tokens / seconds:7.0f} tokens/s")
        print(f"  {statistics.median(ratios):.2f} times as fast, the middle of {ratios}; {same} of {len(lines)} lines equal")


def boundary(tokenizer):
    """The id of what stands between lines."""
    for added in json.loads(tokenizer.to_str())["added_tokens"]:
        if added["content"] not in ("<unk>", "<pad>"):
            return added["id"]
    raise SystemExit("the tokenizer has no boundary")


if __name__ == "__main__":
    main()
