//! Every model against PyTorch in f64, with the same weights: logits, loss, all gradients, final states and running
//! statistics. The files are made by `reference/models.py`; none of their numbers stands here.

mod common;

use common::relative;
use rushlight_engine::{Bags, CrossEntropy, Ids, Reduction, Tensor, cross_entropy};
use rushlight_models::{ALL, Entry, Generator, Input, Memory, Sizes, Source, Takes, gpt};
use rushlight_nn::losses::{Weighting, squared_error};
use rushlight_nn::{Context, Params, Role};
use safetensors::{Dtype, SafeTensors};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const TOLERANCE: f64 = 1e-4;

#[test]
fn every_model_equals_pytorch() {
    let wrong: Vec<String> = files().iter().flat_map(|path| Golden::read(path).check()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_model_has_a_golden_file() {
    let recorded: BTreeSet<&str> = files().iter().map(|path| Golden::read(path).entry().name).collect();
    assert_eq!(recorded, ALL.iter().map(|entry| entry.name).collect());
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = std::fs::read_dir(folder).expect("the golden files are there");
    files.map(|file| file.expect("the folder can be listed").path()).collect()
}

/// One file, whole in memory.
struct Golden {
    name: String,
    bytes: Vec<u8>,
}

impl Golden {
    fn read(path: &Path) -> Self {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        Self { name, bytes: std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())) }
    }

    /// What is further from PyTorch than it may be.
    fn check(&self) -> Vec<String> {
        let (config, sizes) = self.settings();
        let model = (self.entry().build)(&config, sizes, 0).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        self.load(model.params());
        let mut compared = Vec::new();

        let cx = &mut Context::train(rushlight_engine::Rng::new(0));
        let logits = match model.generator().filter(|_| self.has("state/h")) {
            Some(generator) => {
                let (logits, last) = generator.read(cx, &self.ids("input"), self.memory(generator));
                let finals = last
                    .tensors()
                    .iter()
                    .map(|(name, tensor)| (name.clone(), tensor.clone(), self.state("final", name)));
                compared.extend(finals);
                logits
            }
            None => model.forward(cx, &self.input()),
        };
        let loss = self.loss(&logits);
        let grads = loss.backward();
        for param in model.params().trainable() {
            let gradient =
                param.gradient(&grads).unwrap_or_else(|| panic!("{}: {} took no part", self.name, param.name()));
            compared.push((
                format!("the gradient of {}", param.name()),
                gradient.clone(),
                self.tensor(&format!("grad/{}", param.name())),
            ));
        }
        let logits = if self.entry().takes == Takes::Sentences { self.told(&logits) } else { logits };
        compared.push(("the logits".into(), logits, self.tensor("logits")));
        compared.push(("the loss".into(), loss, self.tensor("loss")));
        for param in model.params().iter().filter(|param| param.role() == Role::Statistic) {
            compared.push((param.name().into(), param.value(), self.tensor(&format!("after/{}", param.name()))));
        }
        if self.has("after/logits") {
            let logits = model.forward(&mut Context::evaluate(), &self.input());
            compared.push(("the logits in evaluation".into(), logits, self.tensor("after/logits")));
        }
        if self.has("positions") {
            let width = self.tensor("positions").width();
            compared.push(("the sinusoids".into(), gpt::sinusoids(sizes.window, width), self.tensor("positions")));
        }
        compared.iter().filter_map(|(what, ours, theirs)| self.difference(what, ours, theirs)).collect()
    }

    fn difference(&self, what: &str, ours: &Tensor, theirs: &Tensor) -> Option<String> {
        assert_eq!(ours.shape(), theirs.shape(), "{}: {what}", self.name);
        let difference = relative(ours.data(), theirs.data());
        let near = difference <= TOLERANCE;
        (!near).then(|| format!("{}: {what}: {difference:.1e} apart", self.name))
    }

    /// The model of which this file is one variation: `lstm` of `lstm-skip`.
    fn entry(&self) -> &'static Entry {
        let model = self.name.split('-').next().expect("a split has a first part");
        ALL.iter().find(|entry| entry.name == model).unwrap_or_else(|| panic!("{}: no such model", self.name))
    }

    /// The reference's settings in our words.
    fn settings(&self) -> (Value, Sizes) {
        let (_, metadata) = SafeTensors::read_metadata(&self.bytes).expect("the file is whole");
        let metadata = metadata.metadata().as_ref().expect("the file has metadata");
        let theirs: Map<String, Value> = serde_json::from_str(&metadata["config"]).expect("`config` is a JSON table");
        let (mut config, mut sizes) = (Map::new(), Sizes::new(0, 0));
        for (key, value) in theirs {
            let size = value.as_u64().unwrap_or_default() as usize;
            match (&*key, value.as_str()) {
                ("vocab" | "outputs", _) => sizes.vocabulary = size,
                ("source_vocab", _) => sizes.source = size,
                ("tags", _) => sizes.tags = size,
                ("pieces", _) => sizes.pieces = size,
                ("context" | "window" | "inputs", _) => sizes.window = size,
                ("skip", _) => _ = config.insert("skips".into(), value),
                ("norm", Some("pre")) => _ = config.insert(key, json!("before")),
                ("norm", Some("post")) => _ = config.insert(key, json!("after")),
                _ => _ = config.insert(key, value),
            }
        }
        // One vocabulary for both is, in the reference, a second one of its size.
        sizes.joint = sizes.source == sizes.vocabulary;
        // The reference drops nothing.
        let drops = self.entry().keys.iter().filter(|key| ["forget", "embed_dropout", "dropout"].contains(key));
        drops.for_each(|&key| _ = config.insert(key.into(), json!(0.0)));
        if self.entry().name == "bigram" {
            config.insert("counts".into(), json!(false)); // the reference has the table that learns
        }
        (config.into(), sizes)
    }

    /// Gives every parameter its recorded value; there may be no others.
    fn load(&self, params: &Params) {
        params.iter().for_each(|param| param.set(&self.tensor(&format!("param/{}", param.name()))));
        let recorded = self.file().names().iter().filter(|name| name.starts_with("param/")).count();
        assert_eq!(params.iter().len(), recorded, "{}: parameters of ours, and recorded ones", self.name);
    }

    fn input(&self) -> Input {
        match self.entry().takes {
            Takes::Ids => Input::Ids(self.ids("input")),
            Takes::Contexts => Input::Contexts(self.ids("input")),
            Takes::Rows => Input::Rows(self.tensor("input")),
            Takes::Pair => Input::Pair(self.source(), self.ids("input")),
            Takes::Sentences => Input::Sentences(self.source(), self.spelling()),
        }
    }

    fn spelling(&self) -> Bags {
        let (numbers, ends) = (self.ids("spelling"), self.ids("ends"));
        Bags::new(ends.data().windows(2).map(|bag| &numbers.data()[bag[0] as usize..bag[1] as usize]))
    }

    /// The answers of models that understand, without those for padding.
    fn told(&self, answers: &Tensor) -> Tensor {
        let (Source { ids, lengths }, sizes) = (self.source(), self.settings().1);
        let mut told = Tensor::zeros(answers.shape());
        let rows = told.data_mut().chunks_exact_mut(answers.width()).zip(answers.data().chunks_exact(answers.width()));
        for ((told, answers), length) in rows.zip(lengths) {
            let count = sizes.vocabulary + length * sizes.tags;
            told[..count].copy_from_slice(&answers[..count]);
        }
        assert_eq!(answers.width(), sizes.vocabulary + ids.shape().width() * sizes.tags);
        told
    }

    fn source(&self) -> Source {
        let lengths = self.ids("lengths").data().iter().map(|&length| length as usize).collect();
        Source { ids: self.ids("source"), lengths }
    }

    fn loss(&self, output: &Tensor) -> Tensor {
        match self.entry().takes {
            Takes::Rows => squared_error(output, &self.tensor("target"), &Weighting::default()),
            Takes::Sentences => {
                let how = CrossEntropy { reduction: Reduction::Sum, ..CrossEntropy::default() };
                let (sizes, tags) = (self.settings().1, self.ids("tags"));
                let (rows, words) = (tags.shape()[0], tags.shape().width());
                let of_intents = cross_entropy(&output.narrow(1, 0, sizes.vocabulary), &self.ids("target"), &how);
                let of_tags = output.narrow(1, sizes.vocabulary, words * sizes.tags);
                of_intents + cross_entropy(&of_tags.reshape(&[rows, words, sizes.tags]), &tags, &how)
            }
            _ => cross_entropy(output, &self.ids("target"), &CrossEntropy::default()),
        }
    }

    /// The recorded first states, under the names that the model has for them.
    fn memory(&self, generator: &dyn Generator) -> Memory {
        let begun = generator.begin(self.ids("input").shape()[0]);
        let names = begun.tensors().iter().map(|(name, _)| name);
        names.fold(Memory::new(begun.rows()), |memory, name| memory.with(name, self.state("state", name)))
    }

    /// `<when>/h` of layer 1 for `layers.1.h`: [B, H] of [L, B, H].
    fn state(&self, when: &str, name: &str) -> Tensor {
        let [_, layer, part] = name.split('.').collect::<Vec<_>>()[..] else { panic!("{name} is no state of a layer") };
        let (layer, all): (usize, Tensor) =
            (layer.parse().expect("layers have numbers"), self.tensor(&format!("{when}/{part}")));
        all.narrow(0, layer, 1).reshape(&all.shape()[1..])
    }

    fn tensor(&self, name: &str) -> Tensor {
        let (shape, bytes) = self.raw(name, Dtype::F32);
        let data: Vec<f32> = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        Tensor::new(&shape, data)
    }

    fn ids(&self, name: &str) -> Ids {
        const IGNORED: i64 = -100; // PyTorch's
        let (shape, bytes) = self.raw(name, Dtype::I64);
        let ids = bytes.as_chunks().0.iter().map(|&bytes| match i64::from_le_bytes(bytes) {
            IGNORED => CrossEntropy::IGNORED,
            id => u32::try_from(id).expect("ids are not negative"),
        });
        Ids::new(&shape, ids.collect::<Vec<_>>())
    }

    fn has(&self, name: &str) -> bool {
        self.file().tensor(name).is_ok()
    }

    fn raw(&self, name: &str, dtype: Dtype) -> (Vec<usize>, Vec<u8>) {
        let file = self.file();
        let view = file.tensor(name).unwrap_or_else(|error| panic!("{}: {name}: {error}", self.name));
        assert_eq!(view.dtype(), dtype, "{}: {name}", self.name);
        (view.shape().to_vec(), view.data().to_vec())
    }

    fn file(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.bytes).expect("the file is whole")
    }
}
