"""Makes crates/models/tests/golden/<model>.safetensors: each model's weights, logits, loss and gradients.

Each class names its parameters as its Rust twin does. Where PyTorch has the same layer ready-made, the
layer written out here is first held against it; the models that translate have PyTorch's own encoders, and
its own Transformer, under our names. Past 400 lines, because most models here are made of each other's parts.
"""
import math
import re
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from common import IGNORED, Draw, Golden

VOCAB, BATCH, TIME = 11, 2, 5


class Bigram(nn.Module):
    """Bigram as a table that learns: row = previous id. [B, T] -> [B, T, V]"""

    def __init__(self, vocab):
        super().__init__()
        self.table = nn.Embedding(vocab, vocab)

    def forward(self, ids):
        return self.table(ids)


class Mlp(nn.Module):
    """Bengio 2003, with his direct connections or batch norm if asked. [N, C] -> [N, V]"""

    def __init__(self, vocab, context, embed, hidden, layers, batch_norm, direct):
        super().__init__()
        widths = [context * embed] + [hidden] * layers
        self.embed = nn.Embedding(vocab, embed)
        self.hidden = nn.ModuleList(nn.Linear(i, o, bias=not batch_norm) for i, o in zip(widths, widths[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm1d(hidden) for _ in range(layers if batch_norm else 0))
        self.out = nn.Linear(hidden, vocab)
        self.direct = nn.Linear(context * embed, vocab, bias=False) if direct else None

    def forward(self, ids):
        rows = self.embed(ids).flatten(1)
        h = rows
        for i, layer in enumerate(self.hidden):
            drive = layer(h)
            h = torch.tanh(self.norms[i](drive) if self.norms else drive)
        return self.out(h) + (self.direct(rows) if self.direct else 0)


def rnn(x, u, past):
    """`x` is W x + b, `u` maps the state to U h + b'."""
    return [torch.tanh(x + u(past[0]))]


def lstm(x, u, past):
    i, f, g, o = (x + u(past[0])).chunk(4, -1)
    c = f.sigmoid() * past[1] + i.sigmoid() * g.tanh()
    return [o.sigmoid() * c.tanh(), c]


def gru(x, u, past):
    """Reset after the product: n = tanh(W x + b + r * (U h + b'))."""
    [h], (xr, xz, xn), (ur, uz, un) = past, x.chunk(3, -1), u(past[0]).chunk(3, -1)
    r, z = (xr + ur).sigmoid(), (xz + uz).sigmoid()
    return [(1 - z) * torch.tanh(xn + r * un) + z * h]


def gru_before(x, u, past):
    """Reset before the product, Cho 2014: n = tanh(W x + b + U (r * h) + b')."""
    [h], (xr, xz, xn), (ur, uz, _) = past, x.chunk(3, -1), u(past[0]).chunk(3, -1)
    r, z = (xr + ur).sigmoid(), (xz + uz).sigmoid()
    un = u(r * h).chunk(3, -1)[2]
    return [(1 - z) * torch.tanh(xn + un) + z * h]


CELLS = {"rnn": (rnn, 1, ["h"]), "lstm": (lstm, 4, ["h", "c"]), "gru": (gru, 3, ["h"])}


class Layer(nn.Module):
    def __init__(self, inputs, hidden, gates):
        super().__init__()
        self.input, self.state = nn.Linear(inputs, gates * hidden), nn.Linear(hidden, gates * hidden)

    def forward(self, tick, xs, state, drive=0):
        """`drive` [B, 1, gates H] is added to what every input contributes."""
        outputs = []
        for x in (self.input(xs) + drive).unbind(1):
            state = tick(x, self.state, state)
            outputs.append(state[0])
        return torch.stack(outputs, 1), state


class Recurrent(nn.Module):
    """Stacked cells. With `skip` (Graves 2013) each layer also reads the embedding, and the output every layer.

    `reset` is a GRU's only: after the product with U, or before it.
    """

    def __init__(self, cell, vocab, embed, hidden, layers, skip=False, reset="after"):
        super().__init__()
        self.tick, gates, self.parts = CELLS[cell]
        if reset == "before":
            self.tick = gru_before
        self.skip = skip
        above = embed + hidden if skip else hidden
        self.embed = nn.Embedding(vocab, embed)
        self.layers = nn.ModuleList(Layer(above if l else embed, hidden, gates) for l in range(layers))
        self.out = nn.Linear(hidden * (layers if skip else 1), vocab)

    def forward(self, ids, states):
        """`states` and the final ones are lists of parts, each [L, B, H]."""
        rows = self.embed(ids)
        below, outputs, finals = rows, [], []
        for l, layer in enumerate(self.layers):
            xs = torch.cat([rows, below], -1) if self.skip and l else below
            below, final = layer(self.tick, xs, [part[l] for part in states])
            outputs.append(below)
            finals.append(final)
        logits = self.out(torch.cat(outputs, -1) if self.skip else below)
        return logits, [torch.stack(part) for part in zip(*finals)]


class GatedConv(nn.Module):
    """Dauphin 2017, with a norm before each layer: a convolution over `filter` tokens back, and its gate. [B, T] -> [B, T, V]"""

    def __init__(self, vocab, layers, width, filter):
        super().__init__()
        self.filter = filter
        self.embed = nn.Embedding(vocab, width)
        self.layers = nn.ModuleList(
            nn.ModuleDict({"norm": nn.LayerNorm(width), "value": nn.Linear(filter * width, width),
                           "gate": nn.Linear(filter * width, width)}) for _ in range(layers))
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, vocab)

    def forward(self, ids):
        x = self.embed(ids)
        for layer in self.layers:
            seen = F.pad(layer["norm"](x).transpose(1, 2), (self.filter - 1, 0))
            maps = [F.conv1d(seen, part.weight.unflatten(1, (self.filter, -1)).transpose(1, 2), part.bias)
                    for part in (layer["value"], layer["gate"])]
            x = x + F.glu(torch.cat(maps, 1), 1).transpose(1, 2)
        return self.out(self.norm(x))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        q, k, v = (z.unflatten(-1, (self.heads, -1)).transpose(1, 2) for z in self.qkv(x).chunk(3, -1))
        return self.proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))


class Feed(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        return self.down(F.gelu(self.up(x)))


class Block(nn.Module):
    def __init__(self, width, heads, inner, norm):
        super().__init__()
        self.pre = norm == "pre"
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2, self.mlp = nn.LayerNorm(width), Feed(width, inner)

    def forward(self, x):
        if self.pre:
            x = x + self.attention(self.norm1(x))
            return x + self.mlp(self.norm2(x))
        x = self.norm1(x + self.attention(x))
        return self.norm2(x + self.mlp(x))


def sinusoids(window, width):
    """Vaswani 2017: sin in even dimensions, cos in odd. [window, width]"""
    angle = torch.arange(window).double()[:, None] / 10000 ** (torch.arange(0, width, 2).double() / width)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1)


class Gpt(nn.Module):
    """Decoder-only Transformer, exact GELU. [B, T] -> [B, T, V]"""

    def __init__(self, vocab, window, layers, heads, width, inner, norm, positions, tied):
        super().__init__()
        self.embed = nn.Embedding(vocab, width)
        self.position = nn.Embedding(window, width) if positions == "learned" else None
        self.table = None if self.position else sinusoids(window, width)
        self.blocks = nn.ModuleList(Block(width, heads, inner, norm) for _ in range(layers))
        self.norm = nn.LayerNorm(width) if norm == "pre" else nn.Identity()
        self.out = None if tied else nn.Linear(width, vocab)

    def forward(self, ids):
        table = self.position.weight if self.position else self.table
        h = self.embed(ids) + table[: ids.shape[1]]
        for block in self.blocks:
            h = block(h)
        return self.out(self.norm(h)) if self.out else self.norm(h) @ self.embed.weight.T


class FeedForward(nn.Module):
    """Linear layers with ReLU between. [N, F] -> [N, O]"""

    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        widths = [inputs, *hidden, outputs]
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(widths, widths[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


CELL_NAMES = [(r"(weight|bias)_ih", r"input.\1"), (r"(weight|bias)_hh", r"state.\1")]


def packed(x, lengths):
    """The first places of each row of `x` [B, S, ..], without the padding behind them."""
    return pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)


def padding(source, lengths):
    """True where there is no token. [B, S]"""
    return torch.arange(source.shape[1]) >= lengths[:, None]


class EncoderDecoder(nn.Module):
    """Cho 2014: every step of the decoder reads c, the encoder's last state. [B, S], [B], [B, T] -> [B, T, V]"""

    names = [("_l0$", ""), *CELL_NAMES]

    def __init__(self, vocab, source_vocab, embed, hidden):
        super().__init__()
        self.source_embed, self.encoder = nn.Embedding(source_vocab, embed), nn.GRU(embed, hidden, batch_first=True)
        self.embed, self.decoder = nn.Embedding(vocab, embed), Layer(embed, hidden, 3)
        self.context = nn.Linear(hidden, 3 * hidden, bias=False)
        self.out, self.context_out = nn.Linear(hidden + embed, vocab), nn.Linear(hidden, vocab, bias=False)

    def forward(self, source, lengths, ids):
        _, [c] = self.encoder(packed(self.source_embed(source), lengths))
        y = self.embed(ids)
        s, _ = self.decoder(gru, y, [c], self.context(c)[:, None])
        return self.out(torch.cat([s, y], -1)) + self.context_out(c)[:, None]


class Seq2Seq(nn.Module):
    """Sutskever 2014: the decoder goes on from the last states of the encoder. [B, S], [B], [B, T] -> [B, T, V]"""

    names = [(r"\.(\w+)_l(\d)$", r".\2.\1"), *CELL_NAMES]

    def __init__(self, vocab, source_vocab, embed, hidden, layers, reverse):
        super().__init__()
        self.reverse = reverse
        self.source_embed, self.embed = nn.Embedding(source_vocab, embed), nn.Embedding(vocab, embed)
        self.encoder, self.decoder = (nn.LSTM(embed, hidden, layers, batch_first=True) for _ in range(2))
        self.out = nn.Linear(hidden, vocab)

    def forward(self, source, lengths, ids):
        order = torch.arange(source.shape[1]).expand_as(source)
        if self.reverse:
            order = torch.where(padding(source, lengths), order, lengths[:, None] - 1 - order)
        _, states = self.encoder(packed(self.source_embed(source.gather(1, order)), lengths))
        return self.out(self.decoder(self.embed(ids), states)[0])


class AdditiveAttention(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.key, self.query = nn.Linear(2 * hidden, hidden, bias=False), nn.Linear(hidden, hidden)
        self.energy = nn.Parameter(torch.empty(hidden))

    def forward(self, s, states, hidden):
        """What a decoder in state `s` [B, H] sees of `states` [B, S, 2H], but for those that are `hidden`. [B, 2H]"""
        e = torch.tanh(self.query(s)[:, None] + self.key(states)) @ self.energy
        return torch.einsum("bs,bsh->bh", e.masked_fill(hidden, -math.inf).softmax(-1), states)


class Bahdanau(nn.Module):
    """Bahdanau 2015: every step reads its own mixture of the encoder's states. [B, S], [B], [B, T] -> [B, T, V]"""

    names = [(r"\.(\w+)_l0$", r".forward.\1"), (r"\.(\w+)_l0_reverse$", r".backward.\1"), *CELL_NAMES]

    def __init__(self, vocab, source_vocab, embed, hidden):
        super().__init__()
        self.source_embed = nn.Embedding(source_vocab, embed)
        self.encoder = nn.GRU(embed, hidden, batch_first=True, bidirectional=True)
        self.bridge, self.attention = nn.Linear(2 * hidden, hidden), AdditiveAttention(hidden)
        self.embed, self.decoder = nn.Embedding(vocab, embed), Layer(embed, hidden, 3)
        self.context = nn.Linear(2 * hidden, 3 * hidden, bias=False)
        self.out = nn.Linear(3 * hidden + embed, vocab)

    def forward(self, source, lengths, ids):
        states, last = self.encoder(packed(self.source_embed(source), lengths))
        states, _ = pad_packed_sequence(states, batch_first=True)
        s, outputs = torch.tanh(self.bridge(torch.cat([*last], -1))), []
        for y in self.embed(ids).unbind(1):
            c = self.attention(s, states, padding(source, lengths))
            _, [s] = self.decoder(gru, y[:, None], [s], self.context(c)[:, None])
            outputs.append(self.out(torch.cat([s, c, y], -1)))
        return torch.stack(outputs, 1)


class Transformer(nn.Module):
    """PyTorch's own between tables of tokens and places. [B, S], [B], [B, T] -> [B, T, V]"""

    names = [
        (r"^torch\.", ""), (r"coder\.layers", "coder"), (r"coder\.norm", "coder_norm"),
        ("self_attn", "attention"), ("multihead_attn", "cross"), ("in_proj_", "qkv."), ("out_proj", "proj"),
        ("linear1", "ffn.up"), ("linear2", "ffn.down"),
    ]

    def __init__(self, vocab, source_vocab, window, layers, heads, width, inner, norm, positions, share):
        super().__init__()
        self.embed = nn.Embedding(vocab, width)
        self.source_embed = None if share == "all" else nn.Embedding(source_vocab, width)
        self.position = nn.Embedding(window, width) if positions == "learned" else None
        self.table = None if self.position else sinusoids(window, width)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "enable_nested_tensor")  # a short cut of evaluation, not taken here
            kind = {"batch_first": True, "norm_first": norm == "pre"}
            self.torch = nn.Transformer(width, heads, layers, layers, inner, 0.0, F.relu, **kind)
        if norm == "post":  # the paper has no norms behind the last layers
            self.torch.encoder.norm = self.torch.decoder.norm = None
        self.out = nn.Linear(width, vocab) if share == "none" else None

    def forward(self, source, lengths, ids, unread=None):
        """`unread` [B, T] is true where no place of the decoder shall look."""
        def placed(embed, tokens):
            table = self.position.weight if self.position else self.table
            return embed(tokens) * table.shape[1] ** 0.5 + table[: tokens.shape[1]]

        hidden = padding(source, lengths)
        later = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool).triu(1)
        h = self.torch(
            placed(self.source_embed or self.embed, source), placed(self.embed, ids), tgt_mask=later,
            src_key_padding_mask=hidden, memory_key_padding_mask=hidden, tgt_key_padding_mask=unread,
        )
        return self.out(h) if self.out else h @ self.embed.weight.T


class Understanding(nn.Module):
    """Words with their spelling, and an answer for the sentence and for each word. [B, T], [B], bags -> [B, I + T S]"""

    def __init__(self, vocab, source_vocab, tags, pieces, width, features):
        super().__init__()
        self.words, self.spelling = nn.Embedding(source_vocab, width), nn.EmbeddingBag(pieces, width, mode="mean", include_last_offset=True)
        self.intent, self.tag = nn.Linear(2 * features, vocab), nn.Linear(features, tags)

    def embedded(self, words, lengths, spelling, ends):
        pieces = self.spelling(spelling, ends).unflatten(0, words.shape)
        return (self.words(words) + pieces) * ~padding(words, lengths)[..., None]

    def answers(self, features, lengths):
        hidden = padding(features, lengths)[..., None]
        largest, mean = features.masked_fill(hidden, -math.inf).amax(1), (features * ~hidden).sum(1) / lengths[:, None]
        return torch.cat([self.intent(torch.cat([largest, mean], 1)), self.tag(features).flatten(1)], 1)


class TextCnn(Understanding):
    """Kim 2014, with zeros beyond both ends."""

    def __init__(self, vocab, source_vocab, tags, pieces, width, filters, channels):
        super().__init__(vocab, source_vocab, tags, pieces, width, channels * len(filters))
        self.filters = nn.ModuleDict({str(k): nn.Linear(k * width, channels) for k in filters})

    def forward(self, words, lengths, spelling, ends):
        x = self.embedded(words, lengths, spelling, ends).transpose(1, 2)
        # Filters lie [C, k D] here, and [C, D, k] in PyTorch.
        of = lambda k, f: (f.weight.unflatten(1, (int(k), -1)).transpose(1, 2), f.bias)
        maps = [torch.relu(F.conv1d(F.pad(x, ((int(k) - 1) // 2, int(k) // 2)), *of(k, f))) for k, f in self.filters.items()]
        return self.answers(torch.cat(maps, 1).transpose(1, 2), lengths)


class GruTagger(Understanding):
    """Liu, Lane 2016, with a GRU and the largest of each feature."""

    names = [(r"^gru\.(\w+)_l(\d)_reverse$", r"layers.\2.backward.\1"), (r"^gru\.(\w+)_l(\d)$", r"layers.\2.forward.\1"), *CELL_NAMES]

    def __init__(self, vocab, source_vocab, tags, pieces, width, hidden, layers):
        super().__init__(vocab, source_vocab, tags, pieces, width, 2 * hidden)
        self.gru = nn.GRU(width, hidden, layers, batch_first=True, bidirectional=True)

    def forward(self, words, lengths, spelling, ends):
        states, _ = self.gru(packed(self.embedded(words, lengths, spelling, ends), lengths))
        return self.answers(pad_packed_sequence(states, batch_first=True, total_length=words.shape[1])[0], lengths)


class Encoder(Understanding):
    """PyTorch's own encoder, the norm before each sublayer."""

    names = [("^torch.layers", "layers"), ("^torch.norm", "norm"), *Transformer.names]

    def __init__(self, vocab, source_vocab, tags, pieces, window, layers, heads, width, inner, positions):
        super().__init__(vocab, source_vocab, tags, pieces, width, width)
        self.position = nn.Embedding(window, width) if positions == "learned" else None
        self.table = None if self.position else sinusoids(window, width)
        layer = nn.TransformerEncoderLayer(width, heads, inner, 0.0, F.gelu, batch_first=True, norm_first=True)
        self.torch = nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)

    def forward(self, words, lengths, spelling, ends):
        table = self.position.weight if self.position else self.table
        x = self.embedded(words, lengths, spelling, ends) + table[: words.shape[1]]
        return self.answers(self.torch(x, src_key_padding_mask=padding(words, lengths)), lengths)


def named(model, tensors):
    """`tensors`, one for each parameter of the model, as views with the names that Rushlight has for them."""
    for (name, _), x in zip(model.named_parameters(), tensors, strict=True):
        for theirs, here in getattr(model, "names", ()):
            name = re.sub(theirs, here, name)
        if "cross.qkv" in name:  # we keep the queries apart, for they come from the other side
            width = len(x) // 3
            yield name.replace("qkv", "q"), x[:width]
            yield name.replace("qkv", "kv"), x[width:]
        else:
            yield name, x


@torch.no_grad()
def fill(model, draw, gain=2):
    """Weights large enough to bend every nonlinearity, and no two parameters alike."""
    for name, p in named(model, model.parameters()):
        if name.endswith("bias"):
            value = draw.normal(*p.shape, std=0.3)
        elif "norm" in name:
            value = draw.normal(*p.shape, mean=1.0, std=0.2)
        else:
            table = name.split(".")[0] in ("embed", "source_embed", "position", "table", "words", "spelling")
            value = draw.normal(*p.shape, std=0.7 if table else gain * p.shape[-1] ** -0.5)
        p.copy_(value)
    for name, buffer in statistics(model):
        low, high = (-0.5, 0.5) if "mean" in name else (0.5, 1.5)
        buffer.copy_(draw.uniform(*buffer.shape, low=low, high=high))


def statistics(model):
    """Running means and variances, by name."""
    return [(name, buffer) for name, buffer in model.named_buffers() if "running" in name]


def record(golden, model, output, target, loss):
    for name, p in named(model, model.parameters()):
        golden.put(f"param/{name}", p)
    for name, gradient in named(model, gradients(model, loss)):
        golden.put(f"grad/{name}", gradient)
    golden.put("target", target)
    golden.put("logits", output)
    golden.put("loss", loss)


def gradients(model, loss):
    return torch.autograd.grad(loss, list(model.parameters()), retain_graph=True)


def cross_entropy(logits, target):
    """Mean over the targets that count, in nats."""
    return F.cross_entropy(logits.flatten(0, -2), target.flatten(), ignore_index=IGNORED)


def of_ids(name, kind, config):
    """A model [B, T] -> [B, T, V] that has nothing but its parameters."""
    draw, model, golden = Draw(name), kind(**config), Golden("models", name, config)
    fill(model, draw)
    ids, target = draw.ids(VOCAB, BATCH, TIME), draw.targets(VOCAB, BATCH, TIME)
    golden.put("input", ids)
    logits = model(ids)
    record(golden, model, logits, target, cross_entropy(logits, target))
    golden.save()


def mlp(name, **changes):
    config = {"vocab": VOCAB, "context": 3, "embed": 5, "hidden": 7, "layers": 1, "batch_norm": False, "direct": False}
    config |= changes
    draw, model, golden = Draw(name), Mlp(**config), Golden("models", name, config)
    fill(model, draw)
    ids, target = draw.ids(VOCAB, 6, config["context"]), draw.targets(VOCAB, 6)
    golden.put("input", ids)
    for key, buffer in statistics(model):
        golden.put(f"param/{key}", buffer)
    logits = model.train()(ids)
    record(golden, model, logits, target, cross_entropy(logits, target))
    for key, buffer in statistics(model):
        golden.put(f"after/{key}", buffer)
    if config["batch_norm"]:
        golden.put("after/logits", model.eval()(ids))
    golden.save()


def recurrent(name, cell, **changes):
    config = {"vocab": VOCAB, "embed": 6, "hidden": 7, "layers": 2} | changes
    # Three rows here, because there are two layers and no two axes may be of one length.
    rows = 3
    draw, model, golden = Draw(name), Recurrent(cell, **config), Golden("models", name, config)
    fill(model, draw)
    ids, target = draw.ids(VOCAB, rows, TIME), draw.targets(VOCAB, rows, TIME)
    states = [draw.normal(config["layers"], rows, config["hidden"], std=0.5) for _ in model.parts]
    logits, finals = model(ids, states)
    golden.put("input", ids)
    for part, state, final in zip(model.parts, states, finals):
        golden.put(f"state/{part}", state)
        golden.put(f"final/{part}", final)
    record(golden, model, logits, target, cross_entropy(logits, target))
    golden.save()


def gpt(name, **changes):
    config = {"vocab": VOCAB, "window": 8, "layers": 2, "heads": 3, "width": 12, "inner": 14,
              "norm": "pre", "positions": "learned", "tied": False} | changes
    draw, model, golden = Draw(name), Gpt(**config), Golden("models", name, config)
    fill(model, draw)
    ids, target = draw.ids(VOCAB, BATCH, TIME), draw.targets(VOCAB, BATCH, TIME)
    golden.put("input", ids)
    if model.table is not None:
        golden.put("positions", model.table)
    logits = model(ids)
    record(golden, model, logits, target, cross_entropy(logits, target))
    golden.save()


def feed_forward():
    config, draw = {"inputs": 3, "hidden": [7, 4], "outputs": 2}, Draw("feed_forward")
    model, golden = FeedForward(**config), Golden("models", "feed_forward", config)
    fill(model, draw)
    rows, target = draw.normal(5, 3), draw.normal(5, 2)
    golden.put("input", rows)
    outputs = model(rows)
    record(golden, model, outputs, target, F.mse_loss(outputs, target))
    golden.save()


def translation(name, kind, **settings):
    config = {"vocab": VOCAB, "source_vocab": 13} | settings
    # Three rows here too. What stands in the padding are tokens like any other, so that a look at them would show.
    rows, lengths = 3, torch.tensor([4, 6, 1])
    draw, model, golden = Draw(name), kind(**config), Golden("models", name, config)
    # So many layers of attention with a gain of 2 would choose one place each, and f32 would lose two digits in them.
    fill(model, draw, gain=1 if kind is Transformer else 2)
    source, ids = draw.ids(config["source_vocab"], rows, 6), draw.ids(config["vocab"], rows, TIME)
    target = draw.targets(config["vocab"], rows, TIME)
    target[1, 3:], target[2, 4:] = IGNORED, IGNORED
    logits = model(source, lengths, ids)
    for row, length in enumerate(lengths):
        alone = model(source[row:row + 1, :length], length[None], ids[row:row + 1])
        torch.testing.assert_close(alone[0], logits[row], rtol=1e-12, atol=1e-12)
    loss = cross_entropy(logits, target)
    if kind is Transformer:
        # Places after the last target that counts need no mask: none before them looks at them.
        unread = target.flip(1).eq(IGNORED).cumprod(1).flip(1).bool()
        masked = cross_entropy(model(source, lengths, ids, unread), target)
        for p, q in zip([loss, *gradients(model, loss)], [masked, *gradients(model, masked)], strict=True):
            torch.testing.assert_close(p, q, rtol=1e-12, atol=1e-12)
        if model.table is not None:
            golden.put("positions", model.table)
    golden.put("source", source)
    golden.put("lengths", lengths)
    golden.put("input", ids)
    record(golden, model, logits, target, loss)
    golden.save()


def transformer(name, **changes):
    config = {"window": 10, "layers": 2, "heads": 2, "width": 8, "inner": 14, "norm": "pre", "positions": "learned",
              "share": "none"}
    translation(name, Transformer, **config | changes)


def understanding(name, kind, **settings):
    config = {"vocab": VOCAB, "source_vocab": 13, "tags": 4, "pieces": 17} | settings
    rows, lengths = 3, torch.tensor([4, 6, 1])
    draw, model, golden = Draw(name), kind(**config), Golden("models", name, config)
    fill(model, draw, gain=1 if kind is Encoder else 2)
    words, target = draw.ids(config["source_vocab"], rows, 6), draw.targets(config["vocab"], rows)
    tags = draw.targets(config["tags"], rows, 6)
    tags[padding(tags, lengths)] = IGNORED
    # None, one or several pieces to a word; none where there is padding.
    counts = [[(row + place) % 4 * (place < length) for place in range(6)] for row, length in enumerate(lengths)]
    ends = torch.tensor([0, *torch.tensor(counts).flatten().cumsum(0)])
    spelling = draw.ids(config["pieces"], int(ends[-1]))
    output = model(words, lengths, spelling, ends)
    answers = output[:, config["vocab"]:].unflatten(1, (6, config["tags"]))
    loss = sum(F.cross_entropy(x.flatten(0, -2), y.flatten(), ignore_index=IGNORED, reduction="sum")
               for x, y in ((output[:, : config["vocab"]], target), (answers, tags)))
    # What is said of padding does not count.
    told = torch.cat([output[:, : config["vocab"]], (answers * ~padding(words, lengths)[..., None]).flatten(1)], 1)
    golden.put("source", words)
    golden.put("lengths", lengths)
    golden.put("spelling", spelling)
    golden.put("ends", ends)
    golden.put("tags", tags)
    record(golden, model, told, target, loss)
    golden.save()


@torch.no_grad()
def hold_against_torch():
    """The layers written out above equal PyTorch's own: cells nn.RNN, nn.LSTM, nn.GRU; blocks nn.TransformerEncoderLayer."""
    draw = Draw("hold against torch")
    for cell, twin in {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}.items():
        model, twin = Recurrent(cell, VOCAB, 6, 7, 2), twin(6, 7, 2, batch_first=True)
        fill(model, draw)
        ours = [p for layer in model.layers for p in (layer.input.weight, layer.state.weight, layer.input.bias, layer.state.bias)]
        for p, q in zip(twin.parameters(), ours, strict=True):
            p.copy_(q)
        ids, states = draw.ids(VOCAB, 3, TIME), [draw.normal(2, 3, 7) for _ in model.parts]
        logits, _ = model(ids, states)
        expected = model.out(twin(model.embed(ids), states[0] if len(states) == 1 else tuple(states))[0])
        torch.testing.assert_close(logits, expected, rtol=1e-12, atol=1e-12)
    for norm in ("pre", "post"):
        block = Block(12, 3, 14, norm)
        twin = nn.TransformerEncoderLayer(12, 3, 14, 0.0, F.gelu, batch_first=True, norm_first=norm == "pre")
        fill(block, draw)
        a, m, s = block.attention, block.mlp, twin.self_attn
        pairs = [(a.proj, s.out_proj), (m.up, twin.linear1), (m.down, twin.linear2),
                 (block.norm1, twin.norm1), (block.norm2, twin.norm2)]
        s.in_proj_weight.copy_(a.qkv.weight)
        s.in_proj_bias.copy_(a.qkv.bias)
        for ours, theirs in pairs:
            theirs.load_state_dict(ours.state_dict())
        x, mask = draw.normal(BATCH, TIME, 12), torch.full((TIME, TIME), -math.inf).triu(1)
        torch.testing.assert_close(block(x), twin(x, mask), rtol=1e-12, atol=1e-12)


def main():
    hold_against_torch()
    of_ids("bigram", Bigram, {"vocab": VOCAB})
    mlp("mlp")
    mlp("mlp-deep-norm", layers=3, batch_norm=True)
    mlp("mlp-direct", direct=True)
    recurrent("rnn", "rnn")
    recurrent("lstm", "lstm", skip=False)
    recurrent("lstm-skip", "lstm", skip=True)
    recurrent("gru", "gru", reset="after")
    recurrent("gru-before", "gru", reset="before")
    translation("encoder_decoder", EncoderDecoder, embed=4, hidden=7)
    translation("seq2seq", Seq2Seq, embed=4, hidden=7, layers=2, reverse=True)
    translation("seq2seq-forward", Seq2Seq, embed=4, hidden=7, layers=2, reverse=False)
    translation("bahdanau", Bahdanau, embed=4, hidden=7)
    transformer("transformer")
    transformer("transformer-post", norm="post", positions="sinusoidal", share="all", source_vocab=VOCAB)
    transformer("transformer-output", share="output")
    understanding("text_cnn", TextCnn, width=5, filters=[1, 2, 3], channels=7)
    understanding("gru_tagger", GruTagger, width=5, hidden=7, layers=2)
    understanding("encoder", Encoder, window=10, layers=2, heads=2, width=8, inner=14, positions="learned")
    understanding("encoder-sinusoidal", Encoder, window=10, layers=2, heads=2, width=8, inner=14, positions="sinusoidal")
    of_ids("gated_conv", GatedConv, {"vocab": VOCAB, "layers": 3, "width": 7, "filter": 4})
    gpt("gpt")
    gpt("gpt-post", norm="post")
    gpt("gpt-sinusoidal", positions="sinusoidal")
    gpt("gpt-tied", tied=True)
    feed_forward()


if __name__ == "__main__":
    main()
