//! Trainings that were held until they were looked at, and belong to the tuned half now.

use super::Base;

/// All of them.
pub const ALL: &[Base] = &[
    Base {
        name: "tatoeba-mlp",
        recipe: r#"
data = { kind = "lines", dataset = "tatoeba", batching = "contexts" }
model = { kind = "mlp", embed = 16, hidden = 96, layers = 2, activation = "relu", batch_norm = true }
train = { steps = 600, batch = 128, window = 8, lr = 0.05, optimizer = { kind = "sgd", momentum = 0.9 }, schedule = { kind = "step", every_steps = 450, factor = 0.3 } }
"#,
        variations: &[
            "",
            "train.lr=0.02",
            "train.optimizer.nesterov=true",
            "model.activation=tanh",
            "train.batch=256",
            "model.direct=true",
        ],
    },
    Base {
        name: "tatoeba-rnn",
        recipe: r#"
data = { kind = "text", dataset = "tatoeba", batching = "stream" }
model = { kind = "rnn", embed = 24, hidden = 64, layers = 2 }
train = { steps = 350, batch = 20, window = 24, lr = 4e-3, clip = { norm = 1.0 }, optimizer = { kind = "adamw" }, schedule = { kind = "inverse-sqrt", warmup_steps = 60 } }
"#,
        variations: &[
            "",
            "train.lr=2e-3",
            "model.layers=1 model.hidden=96",
            "model.dropout=0.1",
            "train.window=16 train.batch=32",
            "train.optimizer.kind=adam",
        ],
    },
    Base {
        name: "brackets-lstm",
        recipe: r#"
data = { kind = "lines", path = "TABLES/brackets.txt" }
model = { kind = "lstm", embed = 8, hidden = 32 }
train = { steps = 400, batch = 32, window = 24, lr = 1e-2, optimizer = { kind = "adamw" } }
"#,
        variations: &[
            "",
            "train.lr=5e-3",
            "model.hidden=48",
            "model.layers=2",
            "train.clip={norm=0.3}",
            "data.buckets=true",
        ],
    },
    Base {
        name: "digits-gru",
        recipe: r#"
data = { kind = "reverse", shortest = 5, longest = 6, train = 12000 }
model = { kind = "gru", embed = 16, hidden = 72 }
train = { steps = 600, batch = 64, window = 16, lr = 1e-2, clip = { norm = 1.0 }, optimizer = { kind = "adam" }, schedule = { kind = "exponential", factor = 0.997 } }
"#,
        variations: &[
            "",
            "train.lr=5e-3",
            "model.hidden=88",
            "model.layers=2 model.hidden=48",
            "model.reset=before",
            "train.schedule={kind=\"cosine\"}",
        ],
    },
    Base {
        name: "tatoeba-gpt",
        recipe: r#"
data = { kind = "text", dataset = "tatoeba" }
tokenizer = { kind = "bpe", vocab_size = 320 }
model = { kind = "gpt", layers = 2, heads = 2, width = 32 }
train = { steps = 280, batch = 8, accumulate = 2, window = 40, lr = 2e-3, clip = { norm = 1.0 }, optimizer = { kind = "adamw", weight_decay = 0.1 }, schedule = { kind = "cosine", warmup_steps = 40, floor = 2e-4 } }
"#,
        variations: &[
            "",
            "train.lr=3e-3",
            "train.accumulate=1 train.batch=16",
            "model.heads=4",
            "model.dropout=0.1",
            "model.width=48 train.steps=220",
        ],
    },
    Base {
        name: "sentences-gpt",
        recipe: r#"
data = { kind = "lines", path = "TABLES/sentences.txt" }
tokenizer = { kind = "word" }
model = { kind = "gpt", layers = 2, heads = 2, width = 24, norm = "after", positions = "sinusoidal", dropout = 0.1 }
train = { steps = 400, batch = 32, window = 12, lr = 5e-3, optimizer = { kind = "adam" }, schedule = { kind = "inverse-sqrt", warmup_steps = 50 } }
"#,
        variations: &["", "train.lr=2e-3", "model.layers=3", "model.width=40", "train.smoothing=0.1", "model.inner=48"],
    },
    Base {
        name: "dates-bahdanau",
        recipe: r#"
data = { kind = "parallel", path = "TABLES/dates.tsv", vocabulary = "separate" }
model = { kind = "bahdanau", embed = 20, hidden = 36 }
train = { steps = 200, batch = 32, lr = 5e-3, clip = { norm = 1.0 }, optimizer = { kind = "adamw" }, schedule = { kind = "linear", floor = 1e-3 } }
"#,
        variations: &[
            "",
            "train.lr=8e-3",
            "model.hidden=56",
            "model.dropout=0.1",
            "train.batch=16 train.accumulate=2",
            "data.vocabulary=joint",
        ],
    },
    Base {
        name: "roman-transformer",
        recipe: r#"
data = { kind = "parallel", path = "TABLES/roman.tsv", swap = true }
model = { kind = "transformer", layers = 1, heads = 2, width = 32, inner = 96, positions = "learned" }
train = { steps = 350, batch = 56, lr = 3e-3, clip = { norm = 5.0 }, optimizer = { kind = "adam", beta2 = 0.98 }, schedule = { kind = "cosine", warmup_steps = 30 } }
"#,
        variations: &[
            "",
            "train.lr=2e-3",
            "model.layers=2 train.batch=32",
            "model.dropout=0.1",
            "model.heads=4",
            "model.activation=gelu",
        ],
    },
    Base {
        name: "dates-transformer-after",
        recipe: r#"
data = { kind = "parallel", path = "TABLES/dates.tsv", batching = "tokens" }
model = { kind = "transformer", layers = 1, heads = 4, width = 40, inner = 80, norm = "after", share = "output" }
train = { steps = 320, batch = 550, lr = 5e-3, optimizer = { kind = "adamw" }, schedule = { kind = "linear", warmup_steps = 40 } }
"#,
        variations: &[
            "",
            "train.lr=3e-3",
            "model.heads=2",
            "train.smoothing=0.05",
            "model.positions=learned",
            "model.dropout=0.05",
        ],
    },
    Base {
        name: "roman-seq2seq",
        recipe: r#"
data = { kind = "parallel", path = "TABLES/roman.tsv", vocabulary = "separate" }
model = { kind = "seq2seq", embed = 16, hidden = 56, layers = 1 }
train = { steps = 500, batch = 64, lr = 8e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" }, schedule = { kind = "cosine" } }
"#,
        variations: &[
            "",
            "train.lr=1.2e-2",
            "model.hidden=72",
            "model.layers=2 model.hidden=40 train.lr=1.2e-2",
            "model.reverse=false",
            "model.dropout=0.1",
        ],
    },
    Base {
        name: "hills-feed-forward",
        recipe: r#"
data = { kind = "table", path = "TABLES/hills.csv", targets = ["height"] }
model = { kind = "feed_forward", hidden = [40, 20], activation = "tanh" }
train = { steps = 600, batch = 64, lr = 0.06, optimizer = { kind = "sgd", momentum = 0.9 }, schedule = { kind = "exponential", factor = 0.996 } }
"#,
        variations: &[
            "",
            "train.lr=0.03",
            "model.activation=relu",
            "model.hidden=[64] train.lr=0.03",
            "train.batch=32",
            "train.optimizer={kind=\"adamw\"} train.lr=5e-3",
        ],
    },
    Base {
        name: "wedges-feed-forward",
        recipe: r#"
data = { kind = "table", path = "TABLES/wedges.csv", targets = ["side"], task = "classification" }
model = { kind = "feed_forward", hidden = [24, 24, 24], activation = "gelu", dropout = 0.1 }
train = { steps = 500, batch = 80, lr = 5e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" }, schedule = { kind = "linear" } }
"#,
        variations: &[
            "",
            "train.lr=1e-2",
            "model.activation=tanh",
            "model.dropout=0.0",
            "train.smoothing=0.05",
            "model.hidden=[64,32]",
        ],
    },
];
