//! The tuned half: the trainings on which rules and thresholds are chosen. From `names-gru` on they were held, until they
//! had been looked at.

use super::Base;

/// All of them.
pub const ALL: &[Base] = &[
    Base {
        name: "names-mlp",
        recipe: r#"
data = { kind = "lines", dataset = "names", split = "lecture", batching = "contexts" }
model = { kind = "mlp", embed = 10, hidden = 64 }
train = { steps = 600, batch = 64, window = 3, lr = 0.1, optimizer = { kind = "sgd" } }
"#,
        variations: &[
            "",
            "train.lr=0.03",
            "train.lr=0.3",
            "model.hidden=16",
            "model.layers=3",
            "model.activation=relu",
            "train.optimizer.kind=adam train.lr=0.003",
            "model.direct=true",
        ],
    },
    Base {
        name: "names-mlp-batch-norm",
        recipe: r#"
data = { kind = "lines", dataset = "names", split = "lecture", batching = "contexts" }
model = { kind = "mlp", embed = 10, hidden = 64, layers = 3, batch_norm = true }
train = { steps = 500, batch = 64, window = 3, lr = 0.1, optimizer = { kind = "sgd" } }
"#,
        variations: &[
            "",
            "train.lr=0.03",
            "model.layers=5",
            "model.hidden=24",
            "model.activation=gelu",
            "train.optimizer.kind=adamw train.lr=0.003",
            "train.batch=128",
            "train.schedule.kind=cosine",
        ],
    },
    Base {
        name: "names-rnn",
        recipe: r#"
data = { kind = "lines", dataset = "names" }
model = { kind = "rnn", embed = 16, hidden = 64 }
train = { steps = 400, batch = 32, window = 16, lr = 3e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" } }
"#,
        variations: &[
            "",
            "train.lr=1e-3",
            "train.lr=6e-3",
            "model.hidden=32",
            "model.layers=2",
            "model.activation=sigmoid",
            "train.schedule.kind=cosine",
            "model.dropout=0.2",
        ],
    },
    Base {
        name: "names-lstm",
        recipe: r#"
data = { kind = "lines", dataset = "names" }
model = { kind = "lstm", embed = 16, hidden = 48, dropout = 0.1 }
train = { steps = 400, batch = 32, window = 16, lr = 5e-3, optimizer = { kind = "adam" } }
"#,
        variations: &[
            "",
            "train.lr=2e-3",
            "train.lr=1e-2",
            "model.layers=2",
            "model.hidden=24",
            "train.clip={norm=1.0}",
            "train.schedule.kind=linear",
            "train.accumulate=2 train.batch=16",
        ],
    },
    Base {
        name: "plays-gru",
        recipe: r#"
data = { kind = "text", dataset = "shakespeare", batching = "stream" }
model = { kind = "gru", embed = 24, hidden = 64 }
train = { steps = 300, batch = 16, window = 32, lr = 5e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" } }
"#,
        variations: &[
            "",
            "train.lr=2e-3",
            "model.layers=2",
            "model.reset=before",
            "model.hidden=32",
            "train.optimizer.kind=rmsprop train.lr=2e-3",
            "train.window=16",
        ],
    },
    Base {
        name: "plays-lstm",
        recipe: r#"
data = { kind = "text", dataset = "shakespeare", batching = "stream" }
model = { kind = "lstm", embed = 24, hidden = 64 }
train = { steps = 300, batch = 16, window = 32, lr = 5e-3, clip = { norm = 1.0 }, optimizer = { kind = "adamw" } }
"#,
        variations: &[
            "",
            "train.lr=2e-3",
            "model.layers=2",
            "model.hidden=32",
            "train.optimizer.kind=adagrad train.lr=5e-2",
            "train.window=16",
            "model.skips=true",
        ],
    },
    Base {
        name: "names-gpt",
        recipe: r#"
data = { kind = "lines", dataset = "names" }
model = { kind = "gpt", layers = 2, heads = 4, width = 32, dropout = 0.1 }
train = { steps = 300, batch = 32, window = 16, lr = 3e-3, clip = { norm = 1.0 }, optimizer = { kind = "adamw" } }
"#,
        variations: &[
            "",
            "train.lr=1e-3",
            "train.lr=6e-3",
            "model.layers=1",
            "model.layers=4",
            "model.positions=sinusoidal",
            "model.tied=true",
            "model.norm=none",
        ],
    },
    Base {
        name: "plays-gpt",
        recipe: r#"
data = { kind = "text", dataset = "shakespeare" }
model = { kind = "gpt", layers = 2, heads = 4, width = 48, norm = "after", positions = "sinusoidal", dropout = 0.1 }
train = { steps = 250, batch = 16, window = 32, lr = 2e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" }, schedule = { kind = "cosine", warmup_steps = 30 } }
"#,
        variations: &[
            "",
            "train.lr=1e-3",
            "model.norm=before",
            "model.positions=learned",
            "model.heads=2",
            "model.dropout=0.0",
            "train.smoothing=0.1",
            "model.layers=3",
        ],
    },
    Base {
        name: "digits-gpt",
        recipe: r#"
data = { kind = "reverse", shortest = 2, longest = 5, train = 4000 }
model = { kind = "gpt", layers = 2, heads = 4, width = 48 }
train = { steps = 300, batch = 64, window = 16, lr = 3e-3, optimizer = { kind = "adamw" } }
"#,
        variations: &["", "train.lr=1e-3", "model.layers=3", "train.schedule.kind=cosine", "model.width=64"],
    },
    Base {
        name: "digits-bahdanau",
        recipe: r#"
data = { kind = "reverse", pairs = true, shortest = 2, longest = 6, train = 4000 }
model = { kind = "bahdanau", embed = 16, hidden = 32, dropout = 0.1 }
train = { steps = 250, batch = 32, lr = 5e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" } }
"#,
        variations: &[
            "",
            "train.lr=2e-3",
            "model.hidden=48",
            "train.smoothing=0.1",
            "model.dropout=0.0",
            "train.batch=64",
        ],
    },
    Base {
        name: "digits-encoder-decoder",
        recipe: r#"
data = { kind = "reverse", pairs = true, shortest = 2, longest = 5, train = 4000 }
model = { kind = "encoder_decoder", embed = 16, hidden = 48 }
train = { steps = 300, batch = 32, lr = 5e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" } }
"#,
        variations: &["", "train.lr=2e-3", "model.hidden=64", "model.dropout=0.1", "train.batch=64"],
    },
    Base {
        name: "digits-seq2seq",
        recipe: r#"
data = { kind = "reverse", pairs = true, shortest = 2, longest = 5, train = 4000 }
model = { kind = "seq2seq", embed = 16, hidden = 48, layers = 2 }
train = { steps = 300, batch = 32, lr = 5e-3, clip = { norm = 5.0 }, optimizer = { kind = "adam" } }
"#,
        variations: &["", "train.lr=2e-3", "model.layers=1", "model.dropout=0.1", "train.batch=64"],
    },
    Base {
        name: "digits-transformer",
        recipe: r#"
data = { kind = "reverse", pairs = true, shortest = 2, longest = 6, train = 4000 }
model = { kind = "transformer", layers = 2, heads = 4, width = 32, dropout = 0.1 }
train = { steps = 250, batch = 32, lr = 3e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" }, schedule = { kind = "inverse-sqrt", warmup_steps = 60 } }
"#,
        variations: &["", "train.lr=1.5e-3", "model.norm=after", "model.positions=learned", "model.share=output"],
    },
    Base {
        name: "tatoeba-transformer",
        recipe: r#"
data = { kind = "parallel", dataset = "tatoeba", max_length = 40 }
tokenizer = { kind = "bpe", vocab_size = 500 }
model = { kind = "transformer", layers = 2, heads = 4, width = 32, dropout = 0.1, share = "all" }
train = { steps = 150, batch = 24, lr = 4e-3, clip = { norm = 1.0 }, smoothing = 0.1, optimizer = { kind = "adam" }, schedule = { kind = "inverse-sqrt", warmup_steps = 50 } }
"#,
        variations: &["", "train.lr=2e-3", "model.norm=after", "train.smoothing=0.0", "model.layers=1"],
    },
    Base {
        name: "classes-feed-forward",
        recipe: r#"
data = { kind = "table", path = "TABLES/classes.csv", targets = ["colour"], task = "classification" }
model = { kind = "feed_forward", hidden = [24, 24], activation = "relu" }
train = { steps = 300, batch = 32, lr = 3e-3, optimizer = { kind = "adam" } }
"#,
        variations: &[
            "",
            "train.lr=1e-3",
            "train.lr=1e-2",
            "model.hidden=[8]",
            "model.activation=tanh",
            "model.batch_norm=true",
            "train.optimizer.kind=sgd train.lr=0.1",
            "model.dropout=0.2",
        ],
    },
    Base {
        name: "numbers-feed-forward",
        recipe: r#"
data = { kind = "table", path = "TABLES/numbers.csv", targets = ["y"] }
model = { kind = "feed_forward", hidden = [32, 32], activation = "relu" }
train = { steps = 400, batch = 32, lr = 3e-3, optimizer = { kind = "adam" } }
"#,
        variations: &[
            "",
            "train.lr=1e-3",
            "train.lr=1e-2",
            "model.hidden=[16]",
            "model.activation=tanh",
            "model.activation=gelu",
            "model.hidden=[24,24,24]",
            "train.optimizer.kind=sgd train.lr=0.05",
        ],
    },
    Base {
        name: "names-gru",
        recipe: r#"
data = { kind = "lines", dataset = "names" }
model = { kind = "gru", embed = 12, hidden = 40 }
train = { steps = 350, batch = 32, window = 16, lr = 4e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" } }
"#,
        variations: &[
            "",
            "train.lr=2e-3",
            "model.hidden=64",
            "model.layers=2",
            "model.dropout=0.2",
            "model.reset=before",
        ],
    },
    Base {
        name: "plays-mlp",
        recipe: r#"
data = { kind = "text", dataset = "shakespeare", batching = "contexts" }
model = { kind = "mlp", embed = 12, hidden = 80 }
train = { steps = 500, batch = 96, window = 6, lr = 2e-3, optimizer = { kind = "adamw" } }
"#,
        variations: &[
            "",
            "train.lr=5e-3",
            "model.layers=2",
            "model.batch_norm=true",
            "model.activation=relu",
            "train.optimizer.kind=sgd train.lr=0.2",
        ],
    },
    Base {
        name: "plays-rnn",
        recipe: r#"
data = { kind = "text", dataset = "shakespeare", batching = "stream" }
model = { kind = "rnn", embed = 20, hidden = 72 }
train = { steps = 350, batch = 16, window = 24, lr = 2e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" } }
"#,
        variations: &["", "train.lr=4e-3", "train.lr=1e-3", "model.hidden=48", "train.window=12", "train.batch=32"],
    },
    Base {
        name: "plays-words-lstm",
        recipe: r#"
data = { kind = "text", dataset = "shakespeare" }
tokenizer = { kind = "word", max_size = 800 }
model = { kind = "lstm", embed = 24, hidden = 40, dropout = 0.1 }
train = { steps = 200, batch = 16, window = 20, lr = 6e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" } }
"#,
        variations: &["", "train.lr=3e-3", "model.hidden=64", "train.schedule.kind=linear", "model.layers=2"],
    },
    Base {
        name: "names-gpt-deep",
        recipe: r#"
data = { kind = "lines", dataset = "names" }
model = { kind = "gpt", layers = 3, heads = 2, width = 24, positions = "sinusoidal", tied = true }
train = { steps = 300, batch = 48, window = 16, lr = 4e-3, optimizer = { kind = "adam" } }
"#,
        variations: &[
            "",
            "train.lr=2e-3",
            "model.norm=after",
            "model.dropout=0.2",
            "model.heads=4",
            "train.clip={norm=1.0}",
        ],
    },
    Base {
        name: "recall-gpt",
        recipe: r#"
data = { kind = "recall", symbols = 6, distractors = 6, shortest = 3, longest = 12, train = 4000, validation = 300 }
model = { kind = "gpt", layers = 2, heads = 4, width = 32 }
train = { steps = 250, batch = 32, window = 16, lr = 3e-3, optimizer = { kind = "adamw" } }
"#,
        variations: &["", "train.lr=1.5e-3", "model.layers=3", "model.dropout=0.1", "train.batch=64"],
    },
    Base {
        name: "tatoeba-bahdanau",
        recipe: r#"
data = { kind = "parallel", dataset = "tatoeba", max_length = 40 }
tokenizer = { kind = "bpe", vocab_size = 400 }
model = { kind = "bahdanau", embed = 24, hidden = 32, dropout = 0.1 }
train = { steps = 120, batch = 24, lr = 5e-3, clip = { norm = 1.0 }, optimizer = { kind = "adam" } }
"#,
        variations: &["", "train.lr=2e-3", "model.hidden=48", "train.smoothing=0.1", "model.dropout=0.0"],
    },
    Base {
        name: "digits-transformer-after",
        recipe: r#"
data = { kind = "reverse", pairs = true, shortest = 3, longest = 7, train = 4000 }
model = { kind = "transformer", layers = 2, heads = 2, width = 40, norm = "after", positions = "learned" }
train = { steps = 250, batch = 48, lr = 2e-3, optimizer = { kind = "adamw" }, schedule = { kind = "cosine", warmup_steps = 40 } }
"#,
        variations: &["", "train.lr=1e-3", "model.norm=before", "model.dropout=0.1", "model.share=output"],
    },
    Base {
        name: "rings-feed-forward",
        recipe: r#"
data = { kind = "table", path = "TABLES/rings.csv", targets = ["ring"], task = "classification" }
model = { kind = "feed_forward", hidden = [32, 16], activation = "gelu" }
train = { steps = 400, batch = 40, lr = 4e-3, optimizer = { kind = "adamw" } }
"#,
        variations: &[
            "",
            "train.lr=1e-3",
            "model.activation=relu",
            "model.activation=tanh",
            "model.batch_norm=true",
            "model.hidden=[40]",
        ],
    },
    Base {
        name: "waves-feed-forward",
        recipe: r#"
data = { kind = "table", path = "TABLES/waves.csv", targets = ["up", "down"] }
model = { kind = "feed_forward", hidden = [48, 24], activation = "relu" }
train = { steps = 400, batch = 24, lr = 2e-3, optimizer = { kind = "adam" } }
"#,
        variations: &[
            "",
            "train.lr=5e-3",
            "model.activation=gelu",
            "model.hidden=[32,32,16]",
            "train.optimizer.kind=rmsprop train.lr=1e-3",
            "train.schedule.kind=cosine",
        ],
    },
];
