//! Files of ids: the same batches as from a text in memory, and what is said about bad ones.
#![allow(clippy::unwrap_used)] // a test that meets an error it did not expect should stop there

use std::path::{Path, PathBuf};

use rushlight_data::kinds::ids::{Config, Vocabulary};
use rushlight_data::kinds::text;
use rushlight_data::{
    Batch, Corpus, DataConfig, DataError, Encoded, Kept, Part, PartName, Shape, TextReader, Width, open, open_file,
};
use rushlight_text::tokenizers::bpe;
use rushlight_text::{NormalizerConfig, Tokenizer, TokenizerConfig};

fn characters() -> TokenizerConfig {
    TokenizerConfig::Character(Default::default())
}

fn opened(data: &DataConfig) -> Result<Corpus, DataError> {
    open(data, &characters(), &NormalizerConfig::default(), None, 1)
}

/// Ids of the given width, as a file holds them.
fn bytes(ids: &[u32], width: Width) -> Vec<u8> {
    match width {
        Width::Bits16 => ids.iter().flat_map(|&id| u16::try_from(id).unwrap().to_le_bytes()).collect(),
        Width::Bits32 => ids.iter().flat_map(|id| id.to_le_bytes()).collect(),
    }
}

/// A folder with `plays.txt`, its tokenizer.json, and `plays.bin`.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Place(tempfile::tempdir().unwrap());
        let plays = rushlight_data::datasets::Dataset::named("shakespeare").unwrap().text();
        std::fs::write(place.path("plays.txt"), &plays[..20_000]).unwrap();
        place.encode(&place.learned(&characters()));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn learned(&self, config: &TokenizerConfig) -> Tokenizer {
        let text = TextReader::open(&self.path("plays.txt")).unwrap();
        text.learn(config, NormalizerConfig::default(), false).unwrap()
    }

    fn encode(&self, tokenizer: &Tokenizer) -> Encoded {
        tokenizer.save(&self.path("tokenizer.json")).unwrap();
        let text = TextReader::open(&self.path("plays.txt")).unwrap();
        text.encode_into(tokenizer, &self.path("plays.bin")).unwrap()
    }

    fn text(&self, batching: text::Batching) -> DataConfig {
        let path = Some(self.path("plays.txt"));
        DataConfig::Text(text::Config {
            path,
            validation: Kept::Share(0.1),
            test: Kept::Share(0.05),
            batching,
            ..Default::default()
        })
    }

    /// `plays.bin`, cut as the text is.
    fn config(&self) -> Config {
        Config {
            path: self.path("plays.bin"),
            width: Width::Bits16,
            vocabulary: Vocabulary::default(),
            validation: Kept::Share(0.1),
            test: Kept::Share(0.05),
            batching: text::Batching::Windows,
        }
    }

    fn refused(&self, config: Config, expected: &[&str]) {
        let error = opened(&DataConfig::Ids(config)).unwrap_err().to_string();
        expected.iter().for_each(|words| assert!(error.contains(words), "no `{words}` in: {error}"));
    }
}

fn all(part: &Part, corpus: &Corpus, shape: Shape) -> Vec<Batch> {
    part.cover(corpus.batching, shape).map(Result::unwrap).collect()
}

#[test]
fn batches_are_those_of_the_same_text_in_memory() {
    let place = Place::new();
    for batching in [text::Batching::Windows, text::Batching::Stream, text::Batching::Contexts] {
        let memory = opened(&place.text(batching)).unwrap();
        for width in [Width::Bits16, Width::Bits32] {
            let whole =
                memory.tokenizer.as_ref().unwrap().encode(&std::fs::read_to_string(place.path("plays.txt")).unwrap());
            let path = place.path("wide.bin");
            std::fs::write(&path, bytes(&whole, width)).unwrap();
            let disk = opened(&DataConfig::Ids(Config { path, width, batching, ..place.config() })).unwrap();
            assert_eq!((disk.vocabulary, disk.batching), (memory.vocabulary, memory.batching));
            let shape = Shape { rows: 5, length: 17 };
            for name in PartName::ALL {
                let (ours, theirs) = (disk.part(name), memory.part(name));
                assert_eq!(ours.len(), theirs.len());
                assert_eq!(all(ours, &disk, shape), all(theirs, &memory, shape));
            }
            let batches = [&disk, &memory].map(|corpus| corpus.train.batches(corpus.batching, shape, 3).unwrap());
            assert_eq!(batches[0].steps_per_epoch(), batches[1].steps_per_epoch());
            for step in (0..30).chain([199, 200, 5000]) {
                assert_eq!(batches[0].at(step).unwrap(), batches[1].at(step).unwrap());
            }
        }
    }
}

#[test]
fn a_text_becomes_the_ids_that_its_tokenizer_gives() {
    let place = Place::new();
    let tokenizer = place.learned(&TokenizerConfig::Bpe(bpe::Config { vocab_size: 400, min_frequency: 2 }));
    let encoded = place.encode(&tokenizer);
    let ids = tokenizer.encode(&std::fs::read_to_string(place.path("plays.txt")).unwrap());
    assert_eq!(encoded, Encoded { bytes: 20_000, ids: ids.len() as u64 });
    assert_eq!(std::fs::read(place.path("plays.bin")).unwrap(), bytes(&ids, Width::Bits16));
    let left_over = std::fs::read_dir(place.0.path()).unwrap().count();
    assert_eq!(left_over, 3);
}

/// One letter a read, so that every cut falls between characters or within one.
struct Slow<'b>(&'b [u8]);

impl std::io::Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(into.len()).min(3);
        into[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn a_text_of_several_pieces_becomes_the_ids_of_the_whole() {
    // No line feed and few spaces: pieces end where they may, not where they should.
    let text = "größer\u{301} als 12 – \u{feff}„ἀρχή“ 中文中文, isn't it  ".repeat(150_000);
    assert!(text.len() > 2 * (4 << 20));
    let config = TokenizerConfig::Bpe(bpe::Config { vocab_size: 300, min_frequency: 2 });
    let some: String = text.chars().take(1000).collect();
    let tokenizer = TextReader::new(some.as_bytes(), "x").learn(&config, NormalizerConfig::default(), false).unwrap();
    let mut ids = Vec::new();
    let mut pieces = 0;
    let mut take = |piece: &[u32]| {
        ids.extend_from_slice(piece);
        pieces += 1;
        Ok(())
    };
    TextReader::new(Slow(text.as_bytes()), "x").encode(&tokenizer, &mut take).unwrap();
    assert!(pieces > 2);
    assert_eq!(ids, tokenizer.encode(&text));
}

#[test]
fn text_that_is_none_is_refused_with_its_place() {
    let check = |text: &[u8], expected: &str| {
        let text = [b"one line\n".repeat(1_000_000).as_slice(), text].concat();
        let learned = TextReader::new(text.as_slice(), "x").learn(&characters(), NormalizerConfig::default(), false);
        let error = learned.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(b"ab\ncd\0", "`x` is not text: it has a zero byte at position 9000005 (line 1000002)");
    check(b"tw\xF6\n", "the byte 0xf6 at position 9000002 (line 1000001)");
    check(b"tw\xE2\x82", "the byte 0xe2 at position 9000002 (line 1000001)");
    let blank = TextReader::new(&b" \n \n"[..], "x").learn(&characters(), NormalizerConfig::default(), false);
    assert!(blank.unwrap_err().to_string().contains("`x` is empty (4 bytes"));
}

#[test]
fn text_that_the_tokenizer_does_not_know_is_refused_with_its_line_and_leaves_no_file() {
    let place = Place::new();
    let tokenizer = place.learned(&characters());
    let text = [b"one line\n".repeat(1_000_000).as_slice(), "now ä\n".as_bytes()].concat();
    let out = place.path("new.bin");
    let error = TextReader::new(text.as_slice(), "x").encode_into(&tokenizer, &out).unwrap_err().to_string();
    assert!(error.starts_with("`x`, line 1000001: the vocabulary does not know `ä`"), "{error}");
    assert_eq!(std::fs::read_dir(place.0.path()).unwrap().count(), 3);
}

#[test]
fn a_part_may_be_a_file_of_its_own() {
    let place = Place::new();
    std::fs::write(place.path("val.bin"), bytes(&[1, 2, 3], Width::Bits16)).unwrap();
    let config = Config { validation: Kept::File("val.bin".into()), test: Kept::Share(0.5), ..place.config() };
    let corpus = opened(&DataConfig::Ids(config.clone())).unwrap();
    assert_eq!(PartName::ALL.map(|name| corpus.part(name).len()), [10_000, 3, 10_000]);
    assert_eq!(*corpus.validation.id_stream().first(9).unwrap(), [1, 2, 3]);
    assert_eq!(corpus.sources.iter().map(|source| source.bytes).collect::<Vec<_>>(), [40_000, 6]);
    std::fs::write(place.path("val.bin"), b"").unwrap();
    place.refused(config, &["the validation part is empty"]);
}

#[test]
fn the_ids_of_an_unknown_text_need_their_number_alone() {
    let place = Place::new();
    std::fs::remove_file(place.path("tokenizer.json")).unwrap();
    let missing = place.path("tokenizer.json").display().to_string();
    place.refused(place.config(), &["there is no `", &missing, "how many ids there are"]);
    let corpus = opened(&DataConfig::Ids(Config { vocabulary: Vocabulary::Size(99), ..place.config() })).unwrap();
    assert!(corpus.tokenizer.is_none());
    assert_eq!((corpus.vocabulary, corpus.train.len()), (99, 17_000));
}

#[test]
fn a_tokenizer_that_a_run_has_already_is_taken_for_that_of_the_file() {
    let place = Place::new();
    let tokenizer = place.learned(&characters());
    std::fs::remove_file(place.path("tokenizer.json")).unwrap();
    let data = DataConfig::Ids(place.config());
    let corpus = open(&data, &characters(), &NormalizerConfig::default(), Some(tokenizer.clone().into()), 1).unwrap();
    assert!(corpus.tokenizer.unwrap().same_as(&tokenizer).is_ok());
}

fn broken(content: &[u8], change: impl FnOnce(&mut Config), expected: &[&str]) {
    let place = Place::new();
    std::fs::write(place.path("plays.bin"), content).unwrap();
    let mut config = place.config();
    change(&mut config);
    place.refused(config, expected);
}

#[test]
fn a_bad_file_is_refused_with_what_is_wrong() {
    let few = bytes(&[1; 100], Width::Bits16);
    broken(&few[..199], |_| {}, &["plays.bin` has 199 bytes", "no whole number of ids of 16 bits"]);
    broken(b"", |_| {}, &["the train part is empty: its share of 0 ids"]);
    broken(&few, |config| config.validation = Kept::Share(1.0), &["cannot be"]);
    broken(&few, |config| config.path = "no/such.bin".into(), &["no/such"]);
    let outside = bytes(&[[1; 50].as_slice(), &[700], &[1; 49]].concat(), Width::Bits16);
    broken(&outside, |_| {}, &["has the id 700 at place 50 (byte 100)", "the ids 0 to "]);
    broken(&few, |config| config.vocabulary = Vocabulary::Size(70_000), &["`width = 16` cannot be", "`width = 32`"]);
    broken(&bytes(&[1; 100], Width::Bits32), |_| {}, &["every second id of `", "`width = 32`"]);
    broken(&few, |config| config.validation = Kept::File("gone.bin".into()), &["there is no file `", "gone.bin`"]);
}

#[test]
fn a_bad_file_of_a_part_is_named() {
    let place = Place::new();
    std::fs::write(place.path("val.bin"), bytes(&[1, 999], Width::Bits16)).unwrap();
    place.refused(
        Config { validation: Kept::File("val.bin".into()), ..place.config() },
        &["val.bin` has the id 999 at place 1 (byte 2)"],
    );
}

#[test]
fn a_part_that_is_shorter_than_a_window_is_refused() {
    let place = Place::new();
    std::fs::write(place.path("plays.bin"), bytes(&[1; 100], Width::Bits16)).unwrap();
    let corpus = opened(&DataConfig::Ids(place.config())).unwrap();
    let error = corpus.train.batches(corpus.batching, Shape { rows: 2, length: 85 }, 1).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("has 85 ids, but 86 are needed"), "{error}");
}

#[test]
fn another_file_is_read_with_the_same_vocabulary() {
    let place = Place::new();
    let data = DataConfig::Ids(place.config());
    let tokenizers = opened(&data).unwrap().tokenizers();
    let other = |ids: &[u32]| {
        std::fs::write(place.path("other.bin"), bytes(ids, Width::Bits16)).unwrap();
        open_file(&data, Path::new(&place.path("other.bin")), tokenizers.as_ref(), None)
    };
    assert_eq!(other(&[3, 2, 1]).unwrap().len(), 3);
    assert!(other(&[3, 200]).unwrap_err().to_string().contains("other.bin` has the id 200 at place 1"));
}

#[test]
fn a_file_that_ends_while_it_is_read_is_an_error_of_its_batch() {
    let place = Place::new();
    let corpus = opened(&DataConfig::Ids(place.config())).unwrap();
    let batches = corpus.train.batches(corpus.batching, Shape { rows: 2, length: 10 }, 1).unwrap();
    assert!(batches.at(0).is_ok());
    std::fs::write(place.path("plays.bin"), b"").unwrap();
    assert!(matches!(batches.at(0), Err(DataError::Unreadable { .. })));
    assert!(corpus.train.cover(corpus.batching, Shape { rows: 2, length: 10 }).next().unwrap().is_err());
}
