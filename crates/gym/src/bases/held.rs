//! The held half: the trainings on which rules and thresholds are scored, and never chosen. No model meets data here that it
//! meets in the tuned half.

use super::Base;

/// All of them.
pub const ALL: &[Base] = &[
    Base {
        name: "sentences-mlp",
        recipe: r#"
data = { kind = "lines", path = "TABLES/sentences.txt", batching = "contexts" }
tokenizer = { kind = "word" }
model = { kind = "mlp", embed = 12, hidden = 48, direct = true }
train = { steps = 400, batch = 64, window = 4, lr = 0.03, optimizer = { kind = "adagrad" } }
"#,
        variations: &[
            "",
            "train.lr=0.05",
            "train.batch=128",
            "model.activation=gelu",
            "model.layers=2",
            "train.optimizer={kind=\"sgd\",momentum=0.9} train.lr=0.05",
        ],
    },
    Base {
        name: "brackets-rnn",
        recipe: r#"
data = { kind = "lines", path = "TABLES/brackets.txt" }
model = { kind = "rnn", embed = 12, hidden = 56 }
train = { steps = 600, batch = 40, window = 24, lr = 4e-3, clip = { norm = 1.0 }, optimizer = { kind = "adamw" }, schedule = { kind = "inverse-sqrt", warmup_steps = 100 } }
"#,
        variations: &[
            "",
            "train.lr=2e-3",
            "model.hidden=80",
            "model.layers=2",
            "model.activation=sigmoid",
            "train.optimizer.kind=adam",
        ],
    },
    Base {
        name: "recall-lstm",
        recipe: r#"
data = { kind = "recall", symbols = 5, distractors = 5, shortest = 4, longest = 7, train = 6000, validation = 400 }
model = { kind = "lstm", embed = 12, hidden = 40 }
train = { steps = 350, batch = 64, window = 12, lr = 6e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" }, schedule = { kind = "cosine" } }
"#,
        variations: &[
            "",
            "train.lr=1e-2",
            "model.hidden=56",
            "model.layers=2 model.skips=true",
            "train.batch=96",
            "train.optimizer.kind=adamw",
        ],
    },
    Base {
        name: "tatoeba-gru",
        recipe: r#"
data = { kind = "text", dataset = "tatoeba" }
tokenizer = { kind = "bpe", vocab_size = 384 }
model = { kind = "gru", embed = 32, hidden = 64 }
train = { steps = 300, batch = 20, window = 24, lr = 8e-3, clip = { value = 0.1 }, optimizer = { kind = "adamw" }, schedule = { kind = "exponential", factor = 0.995 } }
"#,
        variations: &[
            "",
            "train.lr=4e-3",
            "model.layers=2 model.dropout=0.1",
            "model.reset=before",
            "train.smoothing=0.05",
            "train.batch=10 train.accumulate=2",
        ],
    },
    Base {
        name: "sums-gpt",
        recipe: r#"
data = { kind = "lines", path = "TABLES/sums.txt" }
model = { kind = "gpt", layers = 2, heads = 4, width = 32, positions = "sinusoidal" }
train = { steps = 350, batch = 48, window = 12, lr = 3e-3, clip = { norm = 1.0 }, optimizer = { kind = "adamw" }, schedule = { kind = "linear", warmup_steps = 20 } }
"#,
        variations: &[
            "",
            "train.lr=5e-3",
            "model.layers=1",
            "model.heads=2",
            "model.dropout=0.05",
            "train.accumulate=2 train.batch=24",
        ],
    },
    Base {
        name: "brackets-gpt-after",
        recipe: r#"
data = { kind = "lines", path = "TABLES/brackets.txt" }
model = { kind = "gpt", layers = 2, heads = 2, width = 32, norm = "after", inner = 96 }
train = { steps = 400, batch = 12, accumulate = 2, window = 24, lr = 3e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" }, schedule = { kind = "cosine", warmup_steps = 40, floor = 3e-4 } }
"#,
        variations: &[
            "",
            "train.lr=6e-3",
            "model.heads=4",
            "model.dropout=0.05",
            "train.batch=24 train.accumulate=1",
            "model.tied=true",
        ],
    },
    Base {
        name: "spelled-bahdanau",
        recipe: r#"
data = { kind = "parallel", path = "TABLES/spelled.tsv" }
tokenizer = { kind = "word" }
model = { kind = "bahdanau", embed = 16, hidden = 32 }
train = { steps = 250, batch = 48, lr = 3e-3, clip = { norm = 1.0 }, optimizer = { kind = "rmsprop" }, schedule = { kind = "linear", floor = 3e-4 } }
"#,
        variations: &[
            "",
            "train.lr=6e-3",
            "model.hidden=48",
            "data.vocabulary=separate",
            "model.dropout=0.1",
            "train.optimizer.kind=adam",
        ],
    },
    Base {
        name: "sorted-transformer",
        recipe: r#"
data = { kind = "parallel", path = "TABLES/sorted.tsv" }
model = { kind = "transformer", layers = 1, heads = 4, width = 32, inner = 96, activation = "gelu" }
train = { steps = 350, batch = 40, lr = 2e-3, clip = { norm = 1.0 }, optimizer = { kind = "adamw" }, schedule = { kind = "cosine", warmup_steps = 30 } }
"#,
        variations: &[
            "",
            "train.lr=1e-3",
            "model.activation=relu",
            "model.heads=2",
            "model.positions=learned",
            "train.smoothing=0.05",
        ],
    },
    Base {
        name: "spelled-transformer-after",
        recipe: r#"
data = { kind = "parallel", path = "TABLES/spelled.tsv", swap = true }
tokenizer = { kind = "word" }
model = { kind = "transformer", layers = 2, heads = 2, width = 32, inner = 64, norm = "after", positions = "learned" }
train = { steps = 250, batch = 32, lr = 3e-3, optimizer = { kind = "adam" }, schedule = { kind = "linear", warmup_steps = 40 } }
"#,
        variations: &[
            "",
            "train.lr=1.5e-3",
            "model.layers=1",
            "model.share=all",
            "model.dropout=0.1",
            "train.batch=16 train.accumulate=2",
        ],
    },
    Base {
        name: "tatoeba-seq2seq",
        recipe: r#"
data = { kind = "parallel", dataset = "tatoeba", batching = "tokens", max_length = 40 }
tokenizer = { kind = "bpe", vocab_size = 350 }
model = { kind = "seq2seq", embed = 24, hidden = 48, layers = 1 }
train = { steps = 200, batch = 700, window = 80, lr = 8e-3, clip = { norm = 1.0 }, optimizer = { kind = "adamw" }, schedule = { kind = "step", every_steps = 150, factor = 0.3 } }
"#,
        variations: &[
            "",
            "train.lr=4e-3",
            "model.hidden=64",
            "model.dropout=0.1",
            "train.schedule={kind=\"cosine\"}",
            "model.reverse=false",
        ],
    },
    Base {
        name: "springs-feed-forward",
        recipe: r#"
data = { kind = "table", path = "TABLES/springs.csv", targets = ["place", "speed"] }
model = { kind = "feed_forward", hidden = [48, 32], activation = "gelu" }
train = { steps = 500, batch = 80, lr = 3e-3, optimizer = { kind = "rmsprop" }, schedule = { kind = "cosine", warmup_steps = 20 } }
"#,
        variations: &[
            "",
            "train.lr=1.5e-3",
            "model.activation=tanh",
            "model.hidden=[32,32,32]",
            "train.optimizer.kind=adam train.lr=5e-3",
            "model.hidden=[64,16]",
        ],
    },
    Base {
        name: "moons-feed-forward",
        recipe: r#"
data = { kind = "table", path = "TABLES/moons.csv", targets = ["moon"], task = "classification" }
model = { kind = "feed_forward", hidden = [32], activation = "relu", batch_norm = true }
train = { steps = 300, batch = 128, lr = 0.03, optimizer = { kind = "sgd", momentum = 0.9, nesterov = true } }
"#,
        variations: &[
            "",
            "train.lr=0.06",
            "model.batch_norm=false",
            "model.activation=tanh",
            "model.hidden=[16]",
            "train.optimizer={kind=\"adam\"} train.lr=5e-3",
        ],
    },
];
