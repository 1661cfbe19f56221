//! What can be wrong with data: the file, its contents, or what a recipe asks of it. Messages for people; no exit codes.

use std::path::PathBuf;

use rushlight_text::TextError;

use crate::LeftOut;
use crate::batching::Shape;

/// A user's mistake about data.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// An unknown `kind` in `[data]`.
    #[error("there is no data kind `{asked}`; there are: {known}")]
    UnknownKind {
        /// What the recipe asked for.
        asked: String,
        /// The members, joined.
        known: String,
    },

    /// Neither a built-in data set nor a file, or both.
    #[error("`[data]` wants either `dataset = \"NAME\"` (one of {known}) or `path = \"FILE\"`, and has {found}")]
    NoOrigin {
        /// The built-in data sets, joined.
        known: String,
        /// `neither` or `both`.
        found: &'static str,
    },

    /// A data set that is not built in.
    #[error("there is no built-in data set `{asked}`; there are: {known}; a file of yours is `path = \"FILE\"`")]
    UnknownDataset {
        /// What the recipe asked for.
        asked: String,
        /// The built-in data sets, joined.
        known: String,
    },

    /// No such file.
    #[error("there is no file `{path}`; paths begin at the folder where the command was started")]
    Missing {
        /// The file.
        path: PathBuf,
    },

    /// A folder where a file was needed.
    #[error("`{path}` is a folder; name a file in it")]
    Folder {
        /// The folder.
        path: PathBuf,
    },

    /// The system refuses.
    #[error("`{path}` cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },

    /// The system refuses to write.
    #[error("`{path}` cannot be written: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },

    /// Nothing but white space.
    #[error("`{path}` is empty ({bytes} bytes, no text); name a file with text in it")]
    Empty {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: usize,
    },

    /// A zero byte: no text.
    #[error("`{path}` is not text: it has a zero byte at position {byte} (line {line}); name a text file in UTF-8")]
    Binary {
        /// The file.
        path: PathBuf,
        /// The position of the first zero byte, from 0.
        byte: usize,
        /// Its line, from 1.
        line: usize,
    },

    /// Text in another encoding.
    #[error(
        "`{path}` is not UTF-8: the byte {value:#04x} at position {byte} (line {line}) does not fit; convert it, with `iconv -f WINDOWS-1252 -t UTF-8` for instance"
    )]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The position of the first byte that does not fit, from 0.
        byte: usize,
        /// That byte.
        value: u8,
        /// Its line, from 1.
        line: usize,
    },

    /// Files whose lines belong together, of different length.
    #[error("{}, {}; line N of each must belong to line N of the other", .0[0], .0[1])]
    Unaligned(Box<[crate::files::Lines; 2]>),

    /// A line that should hold two texts and holds one.
    #[error(
        "`{name}`, line {line}, has no TAB between a source and its target; write both into each line, or, where they stand in two files, give the files' endings as `source` and `target` in [data]"
    )]
    NoTab {
        /// The file or data set.
        name: String,
        /// The line, from 1.
        line: usize,
    },

    /// No pair that may be trained on.
    #[error("no pair is left to train on: {left_out}; {}, or use other data", .left_out.way_out())]
    AllLeftOut {
        /// How many, and why.
        left_out: LeftOut,
    },

    /// A file of ids that ends in the middle of one.
    #[error(
        "`{path}` has {bytes} bytes, which is no whole number of ids of {bits} bits; it was cut off, or `width` in [data] is not that of the file"
    )]
    CutId {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The width of an id.
        bits: u32,
    },

    /// An id that no token has.
    #[error(
        "`{path}` has the id {id} at place {place} (byte {byte}), but its vocabulary has the ids 0 to {}; give the tokenizer.json that made the file, a larger `vocabulary`, or another `width`",
        vocabulary.saturating_sub(1)
    )]
    OutsideVocabulary {
        /// The file.
        path: PathBuf,
        /// The id.
        id: u32,
        /// The first place where such an id stands, from 0.
        place: usize,
        /// Its first byte, from 0.
        byte: usize,
        /// How many ids there are.
        vocabulary: usize,
    },

    /// A file that was read at half the width of its ids.
    #[error("every second id of `{path}` is 0, as if an id had 32 bits in it; set `width = 32` in [data]")]
    Halves {
        /// The file.
        path: PathBuf,
    },

    /// Nobody says what ids mean.
    #[error(
        "there is no `{path}` to say what the ids in `{data}` mean; put the tokenizer.json that made them there, or set `vocabulary` in [data]: another tokenizer.json, or how many ids there are"
    )]
    NoVocabulary {
        /// Where the tokenizer.json was looked for.
        path: PathBuf,
        /// The file of ids.
        data: PathBuf,
    },

    /// Text outside the vocabulary of a tokenizer that exists already.
    #[error("`{name}`, line {line}: {source}")]
    UnknownText {
        /// The file or data set.
        name: String,
        /// The first line with such text, from 1.
        line: usize,
        /// The pieces.
        source: TextError,
    },

    /// The tokenizer, or its settings.
    #[error(transparent)]
    Text(#[from] TextError),

    /// Rows need a boundary, and the tokenizer that exists already has none.
    #[error(
        "this data needs a tokenizer with the boundary token `{}`, and this one has none; it was made for another kind of data",
        rushlight_text::BOUNDARY
    )]
    NoBoundary,

    /// A made-up task with a tokenizer that does not suit it.
    #[error(
        "`{kind}` is made of single characters; set `kind = \"character\"` in `[tokenizer]`, or leave that section out"
    )]
    NotCharacters {
        /// The kind of data.
        kind: &'static str,
    },

    /// Shares that leave nothing to train on.
    #[error(
        "`validation = {validation}` and `test = {test}` cannot be; each is a share from 0 up, and together they stay below 1"
    )]
    Fractions {
        /// The share for validation.
        validation: f64,
        /// The share for testing.
        test: f64,
    },

    /// A part that should not be empty.
    #[error("the {part} part is empty: its share of {count} {unit} is less than one; use more data or a larger share")]
    EmptyPart {
        /// Which part.
        part: &'static str,
        /// How much there is in all.
        count: usize,
        /// Of what.
        unit: &'static str,
    },

    /// A split that this data does not have.
    #[error("`{name}` does not come in parts; choose `split = \"lines\"` or `split = \"distinct\"`")]
    NotInParts {
        /// The file or data set.
        name: String,
    },

    /// The split of makemore.py for other lines than its own.
    #[error(
        "`split = \"makemore\"` cuts the built-in `names` and nothing else, and this is `{name}`; write `dataset = \"names\"`, or choose `split = \"lines\"` or `split = \"distinct\"`"
    )]
    NotMakemores {
        /// The file or data set.
        name: String,
    },

    /// A part that is shorter than one batch needs.
    #[error(
        "the training part has {have} ids, but {need} are needed for {what} (window {length}, batch {rows}); use a longer text, a larger share of it, a shorter `window` or a smaller `batch`"
    )]
    TooShort {
        /// What does not fit.
        what: &'static str,
        /// How many ids there are.
        have: usize,
        /// How many it takes.
        need: usize,
        /// Rows of a batch.
        rows: usize,
        /// Length of a row.
        length: usize,
    },

    /// No rows to train on.
    #[error("the training part has no rows; use more data or a larger share")]
    NoRows,

    /// A setting of a made-up task outside its range.
    #[error("`{key} = {value}` cannot be; {rule}")]
    Setting {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is possible.
        rule: String,
    },

    /// Fewer different rows exist than were asked for.
    #[error(
        "there are not {asked} different rows of this kind (after {tried} draws: {found}); ask for fewer or for longer ones"
    )]
    NotEnoughRows {
        /// Rows asked for.
        asked: usize,
        /// Rows found.
        found: usize,
        /// Draws made.
        tried: usize,
    },

    /// A CSV file that cannot be cut into cells.
    #[error("`{path}`: {what}")]
    Csv {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        what: String,
    },

    /// A cell that does not fit its column.
    #[error("`{path}`, line {line}, column `{column}`: {what}")]
    Cell {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What is wrong.
        what: String,
    },

    /// A sentence with labels that cannot be.
    #[error("`{name}`, line {line}, {what}")]
    Utterance {
        /// The file or data set.
        name: String,
        /// The line, from 1; of a file without lines the sentence's number.
        line: usize,
        /// What is wrong.
        what: String,
    },

    /// A JSON file that does not hold what it should.
    #[error("`{path}`: {what}")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its place.
        what: String,
    },

    /// Labels are for words, and the tokenizer makes others.
    #[error(
        "sentences are understood by their words; set `kind = \"word\"` in `[tokenizer]`, or leave that section out"
    )]
    NotWords,

    /// Columns that a recipe names and the file does not have, or the other way round.
    #[error("`{path}`: {what}; its columns are {columns}")]
    Columns {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// The columns, joined.
        columns: String,
    },
}

impl DataError {
    pub(crate) fn unless_long_enough(what: &'static str, have: usize, need: usize, shape: Shape) -> Result<(), Self> {
        match have >= need {
            true => Ok(()),
            false => Err(DataError::TooShort { what, have, need, rows: shape.rows, length: shape.length }),
        }
    }
}

/// Names in backticks, joined by commas.
pub(crate) fn listed(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    quoted.join(", ")
}
