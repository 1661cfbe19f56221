"""Makes crates/models/tests/golden/kneser_ney*.safetensors: what was counted, and the logits that follow from it.

PyTorch has no n-grams: here stand the equations themselves, each probability worked out alone from the text.
"""
from collections import Counter
from math import inf

import torch

from common import Draw, Golden
from models import BATCH, TIME, VOCAB, cross_entropy

NOTHING = -1  # before the beginning of a sequence


class KneserNey:
    """`runs` counts the runs of `order` tokens, oldest first; those at the front of a sequence begin with NOTHING."""

    def __init__(self, runs, order, vocab, discounts):
        self.order, self.vocab, self.discounts = order, vocab, discounts
        # By their length n, from 1 on: how much a run of n tokens counts.
        self.counts = {order: runs}
        for n in range(order - 1, 0, -1):
            shorter = Counter()
            for run, count in self.counts[n + 1].items():
                shorter[run[1:]] += count if run[0] == NOTHING else 1
            self.counts[n] = shorter
        self.whole = {n: {run: c for run, c in runs.items() if NOTHING not in run} for n, runs in self.counts.items()}
        self.off = {n: self.discounts_of(n) for n in self.counts}

    def discounts_of(self, n):
        """What is taken off a count of 0, 1, 2, and 3 or more."""
        of = Counter(self.whole[n].values())
        y = of[1] / (of[1] + 2 * of[2]) if of[1] else 0.0
        if self.discounts == "one":
            given = [y] * 3
        else:
            given = [i - (i + 1) * y * of[i + 1] / of[i] if of[i] else -inf for i in (1, 2, 3)]
        return [0.0] + [d if d > 0 else i / 2 for i, d in enumerate(given, 1)]

    def probability(self, word, context):
        n = len(context) + 1
        below = self.probability(word, context[1:]) if context else 1 / self.vocab
        counts = [self.whole[n].get((*context, w), 0) for w in range(self.vocab)]
        if sum(counts) == 0:
            return below
        off = [self.off[n][min(count, 3)] for count in counts]
        return (counts[word] - off[word] + sum(off) * below) / sum(counts)

    def row(self, read):
        """ln p of every token after those that were read."""
        context = tuple(read[max(0, len(read) - self.order + 1) :])
        return [self.probability(word, context) for word in range(self.vocab)]


def runs_of(sequences, order):
    """Each token of a sequence but the first, with the `order` - 1 before it."""
    padded = [[NOTHING] * (order - 1) + sequence for sequence in sequences]
    return Counter(tuple(s[i - order + 1 : i + 1]) for s in padded for i in range(order, len(s)))


def record(name, order, discounts):
    config, draw = {"vocab": VOCAB, "order": order, "discounts": discounts}, Draw(name)
    # Some tokens come more often than others, and so some runs do.
    text = torch.minimum(draw.ids(VOCAB, 3, 60), draw.ids(VOCAB, 3, 60)).tolist()
    runs = runs_of(text, order)
    model, golden = KneserNey(runs, order, VOCAB, discounts), Golden("models", name, config)
    ids = torch.minimum(draw.ids(VOCAB, BATCH, TIME), draw.ids(VOCAB, BATCH, TIME))
    target = draw.targets(VOCAB, BATCH, TIME)
    logits = torch.tensor([[model.row(row[: t + 1]) for t in range(TIME)] for row in ids.tolist()]).log()
    golden.put("param/ngrams", torch.tensor([[*run, count] for run, count in runs.items()], dtype=torch.float64))
    golden.put("input", ids)
    golden.put("target", target)
    golden.put("logits", logits)
    golden.put("loss", cross_entropy(logits, target))
    golden.save()


def main():
    record("kneser_ney", 3, "three")
    record("kneser_ney-one", 4, "one")


if __name__ == "__main__":
    main()
