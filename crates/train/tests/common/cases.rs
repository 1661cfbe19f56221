//! Small trainings of every model, on every kind of data. No tests.

/// A small training: of which model on which data, and how.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// Every model, and between them every way to make batches, optimizer, kind of memory and chance.
pub(crate) const CASES: &[Case] = &[
    Case { name: "counted bigram", text: COUNTED },
    Case { name: "bigram on lines", text: BIGRAM },
    Case { name: "kneser-ney on lines", text: KNESER_NEY },
    Case { name: "feed-forward on noise", text: NOISE },
    Case { name: "feed-forward on a table", text: TABLE },
    Case { name: "mlp on contexts", text: MLP },
    Case { name: "mlp on a stream", text: MLP_STREAM },
    Case { name: "rnn on a stream", text: RNN },
    Case { name: "lstm on a stream", text: LSTM },
    Case { name: "lstm on lines", text: LSTM_LINES },
    Case { name: "gru on windows", text: GRU },
    Case { name: "gru on a stream", text: GRU_STREAM },
    Case { name: "gated convolution on a stream", text: GATED_CONV },
    Case { name: "gpt on lines", text: GPT_LINES },
    Case { name: "gpt on windows", text: GPT },
    Case { name: "encoder-decoder on reversed digits", text: ENCODER_DECODER },
    Case { name: "seq2seq on words", text: SEQ2SEQ },
    Case { name: "bahdanau on words", text: BAHDANAU },
    Case { name: "transformer on joint pieces", text: TRANSFORMER },
    Case { name: "convolution on requests", text: TEXT_CNN },
    Case { name: "tagger on requests", text: GRU_TAGGER },
    Case { name: "encoder on requests", text: ENCODER },
    Case { name: "gru on a file of ids", text: GRU_IDS },
    Case { name: "lstm on a stream of ids", text: LSTM_IDS },
];

pub(crate) const COUNTED: &str = r#"
data = { kind = "lines", path = "names.txt" }
model = { kind = "bigram" }
[train]
steps = 12
batch = 4
evaluate = { samples = 2, sample_tokens = 8 }
"#;

pub(crate) const TEXT_CNN: &str = r#"
data = { kind = "utterances", path = "requests.tsv", slots = false, spelling = { buckets = 50 } }
model = { kind = "text_cnn", width = 8, channels = 6 }
[train]
steps = 12
batch = 8
lr = 1e-2
smoothing = 0.1
schedule = { kind = "linear", warmup_steps = 4 }
evaluate = { every_steps = 5 }
"#;

pub(crate) const GRU_TAGGER: &str = r#"
data = { kind = "utterances", path = "requests.tsv", values = 1, spelling = { buckets = 50 } }
model = { kind = "gru_tagger", width = 8, hidden = 6, layers = 2 }
[train]
steps = 12
batch = 8
lr = 1e-2
evaluate = { every_steps = 5 }
"#;

pub(crate) const ENCODER: &str = r#"
data = { kind = "utterances", path = "requests.tsv", spelling = { buckets = 50 } }
model = { kind = "encoder", layers = 1, heads = 2, width = 8 }
[train]
steps = 12
batch = 8
lr = 1e-2
evaluate = { every_steps = 5 }
"#;

/// Those that learn by counting, in no steps.
pub(crate) const COUNTING: &[&str] = &[COUNTED, KNESER_NEY];

pub(crate) const KNESER_NEY: &str = r#"
data = { kind = "lines", path = "names.txt" }
model = { kind = "kneser_ney", order = 4 }
[train]
steps = 12
batch = 4
evaluate = { samples = 2, sample_tokens = 8 }
"#;

pub(crate) const BIGRAM: &str = r#"
data = { kind = "lines", path = "names.txt" }
model = { kind = "bigram", counts = false }
[train]
steps = 12
batch = 4
lr = 0.5
optimizer = { kind = "sgd", momentum = 0.9, nesterov = true }
schedule = { kind = "step", every_steps = 4, factor = 0.5 }
evaluate = { every_steps = 5, samples = 2, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const NOISE: &str = r#"
data = { kind = "noise", samples = 42, validation = 20 }
model = { kind = "feed_forward", hidden = [5, 4], batch_norm = true, dropout = 0.2 }
[train]
steps = 12
batch = 5
accumulate = 2
lr = 0.05
watch_every_steps = 3
optimizer = { kind = "sgd", momentum = 0.9 }
schedule = { kind = "plateau", factor = 0.5, patience_evaluations = 0, threshold = 0.3 }
evaluate = { every_steps = 2 }
checkpoint = { every_steps = 5 }
"#;

pub(crate) const TABLE: &str = r#"
data = { kind = "table", path = "table.csv", targets = ["class"], task = "classification" }
model = { kind = "feed_forward", hidden = [6], activation = "tanh" }
[train]
steps = 12
batch = 5
lr = 0.1
smoothing = 0.1
optimizer = { kind = "adagrad" }
schedule = { kind = "exponential", factor = 0.9 }
evaluate = { every_steps = 5 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const MLP: &str = r#"
data = { kind = "lines", path = "names.txt", batching = "contexts" }
model = { kind = "mlp", embed = 3, hidden = 7, layers = 2, batch_norm = true, direct = true }
[train]
steps = 12
batch = 6
window = 3
lr = 0.1
watch_every_steps = 4
optimizer = { kind = "sgd" }
schedule = { kind = "step", every_steps = 5, factor = 0.1, warmup_steps = 3 }
evaluate = { every_steps = 5, targets = 40, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const MLP_STREAM: &str = r#"
data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "mlp", embed = 3, hidden = 7 }
[train]
steps = 12
batch = 3
window = 5
optimizer = { kind = "adam" }
evaluate = { every_steps = 5, targets = 100, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const RNN: &str = r#"
data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "rnn", embed = 5, hidden = 6, layers = 2, dropout = 0.3 }
[train]
steps = 12
batch = 3
window = 6
accumulate = 2
lr = 3e-3
clip = { value = 0.05 }
optimizer = { kind = "rmsprop", momentum = 0.5 }
schedule = { kind = "inverse-sqrt", warmup_steps = 4 }
evaluate = { every_steps = 5, targets = 100, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const LSTM: &str = r#"
data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "lstm", embed = 5, hidden = 6, layers = 2, skips = true, dropout = 0.3 }
[train]
steps = 12
batch = 3
window = 6
lr = 1e-2
smoothing = 0.1
clip = { norm = 0.5 }
watch_every_steps = 5
optimizer = { kind = "adam" }
schedule = { kind = "linear" }
evaluate = { every_steps = 5, targets = 100, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const LSTM_LINES: &str = r#"
data = { kind = "lines", path = "names.txt", buckets = true }
model = { kind = "lstm", embed = 5, hidden = 6 }
[train]
epochs = 1
batch = 8
lr = 1e-2
schedule = { kind = "plateau", factor = 0.5, patience_evaluations = 0, threshold = 0.3 }
evaluate = { every_steps = 3, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 2, keep = 1 }
"#;

pub(crate) const GRU: &str = r#"
data = { kind = "text", path = "plays.txt" }
model = { kind = "gru", embed = 5, hidden = 6, layers = 2, dropout = 0.3 }
[train]
steps = 12
batch = 3
window = 6
lr = 1e-2
optimizer = { kind = "adagrad" }
schedule = { kind = "cosine", warmup_steps = 3 }
evaluate = { every_steps = 5, targets = 100, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const GATED_CONV: &str = r#"
data = { kind = "text", path = "plays.txt", batching = "stream" }
model = { kind = "gated_conv", layers = 2, width = 6, filter = 3, dropout = 0.3 }
[train]
steps = 12
batch = 4
window = 8
lr = 1e-2
schedule = { kind = "cosine", warmup_steps = 3 }
evaluate = { every_steps = 5, targets = 100, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const GRU_STREAM: &str = r#"
data = { kind = "text", path = "plays.txt", batching = "stream" }
tokenizer = { kind = "word" }
model = { kind = "gru", embed = 5, hidden = 6, reset = "before" }
[train]
epochs = 2
batch = 4
window = 16
lr = 1e-2
evaluate = { samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const GPT_LINES: &str = r#"
data = { kind = "lines", path = "names.txt" }
model = { kind = "gpt", layers = 2, heads = 2, width = 8, dropout = 0.2, positions = "sinusoidal", tied = true }
[train]
steps = 12
batch = 4
window = 16
lr = 1e-2
optimizer = { kind = "adamw", weight_decay = 0.1, decay = "matrices" }
schedule = { kind = "cosine", floor = 1e-3 }
evaluate = { every_steps = 5, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const GPT: &str = r#"
data = { kind = "text", path = "plays.txt" }
tokenizer = { kind = "bpe", vocab_size = 300 }
model = { kind = "gpt", layers = 1, heads = 2, width = 8, norm = "after" }
[train]
steps = 12
batch = 2
window = 8
accumulate = 3
lr = 1e-2
clip = { norm = 0.5 }
watch_every_steps = 4
schedule = { kind = "plateau", factor = 0.5, patience_evaluations = 0, threshold = 0.3 }
evaluate = { every_steps = 2, targets = 60, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 5 }
"#;

pub(crate) const ENCODER_DECODER: &str = r#"
data = { kind = "reverse", pairs = true, shortest = 2, longest = 5, train = 60, validation = 12, test = 0 }
model = { kind = "encoder_decoder", embed = 5, hidden = 6 }
[train]
epochs = 1
batch = 5
lr = 1e-2
evaluate = { every_steps = 5, samples = 1, bleu_sentences = 3 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const SEQ2SEQ: &str = r#"
data = { kind = "parallel", path = "pairs.tsv", vocabulary = "separate", validation = 0.2 }
tokenizer = { kind = "word" }
model = { kind = "seq2seq", embed = 5, hidden = 6, dropout = 0.3 }
[train]
steps = 12
batch = 4
lr = 1e-2
evaluate = { every_steps = 5, samples = 1, bleu_sentences = 3 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const BAHDANAU: &str = r#"
data = { kind = "parallel", path = "pairs.tsv", validation = 0.2, swap = true, max_length = 12, max_ratio = 2.0 }
tokenizer = { kind = "word" }
model = { kind = "bahdanau", embed = 5, hidden = 6, dropout = 0.3 }
[train]
steps = 12
batch = 4
accumulate = 2
lr = 1e-2
smoothing = 0.1
watch_every_steps = 4
evaluate = { every_steps = 5, samples = 1, bleu_sentences = 3 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const TRANSFORMER: &str = r#"
data = { kind = "parallel", path = "pairs.tsv", validation = 0.2, batching = "tokens" }
tokenizer = { kind = "bpe", vocab_size = 300 }
model = { kind = "transformer", layers = 1, heads = 2, width = 8, dropout = 0.2, share = "all" }
[train]
steps = 12
batch = 120
window = 60
lr = 1e-2
schedule = { kind = "inverse-sqrt", warmup_steps = 4 }
evaluate = { every_steps = 5, samples = 1, bleu_sentences = 3 }
checkpoint = { every_steps = 4, average = 2 }
"#;

pub(crate) const GRU_IDS: &str = r#"
data = { kind = "ids", path = "plays.bin", validation = 0.1 }
model = { kind = "gru", embed = 5, hidden = 6 }
[train]
steps = 12
batch = 3
window = 6
lr = 1e-2
evaluate = { every_steps = 5, targets = 100, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;

pub(crate) const LSTM_IDS: &str = r#"
data = { kind = "ids", path = "plays.bin", vocabulary = 90, validation = 0.1, batching = "stream" }
model = { kind = "lstm", embed = 5, hidden = 6 }
[train]
steps = 12
batch = 3
window = 6
lr = 1e-2
evaluate = { every_steps = 5, targets = 100, samples = 1, sample_tokens = 8 }
checkpoint = { every_steps = 4 }
"#;
