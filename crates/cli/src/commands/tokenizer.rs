//! `tokenizer`: trains one on a file, and turns text into ids and back.

use super::Answer;
use crate::progress::rounded;
use crate::terminal::{did_you_mean, listed, say};
use anyhow::{Context, Result, bail, ensure};
use rushlight_data::{TextReader, Width, datasets::Dataset};
use rushlight_text::{Tokenizer, tokenizers};
use rushlight_trace::RunFolder;
use rushlight_train::recipe::{Recipe, RecipeError};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// The flags of `tokenizer`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Learns a vocabulary from a text.
    Train(Train),
    /// Text to ids.
    Encode(Encode),
    /// Ids to text.
    Decode(Decode),
}

#[derive(clap::Args)]
struct Train {
    /// The text: a file in UTF-8, or a data set that ships (`shakespeare`).
    file: PathBuf,
    /// What a token is: `character`, `word` or `bpe`.
    #[arg(long, default_value = "bpe")]
    kind: String,
    /// A key of `[tokenizer]`, such as `--set vocab_size=500`; `rushlight explain bpe` tells which there are.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Adds the token that stands between lines and at the ends of a text.
    #[arg(long)]
    boundary: bool,
    /// Where it is saved.
    #[arg(long, default_value = "tokenizer.json")]
    out: PathBuf,
}

#[derive(clap::Args)]
struct Encode {
    /// A tokenizer.json, or the folder of a run.
    #[arg(long, value_name = "PATH|RUN")]
    tokenizer: PathBuf,
    /// The text; `-` (or nothing) reads lines from stdin and gives a line of ids for each.
    text: Option<String>,
    /// A text of any size, to be made a file of ids; `-` is stdin.
    #[arg(long, value_name = "FILE", requires = "out", conflicts_with = "text")]
    from: Option<PathBuf>,
    /// The file of ids, to be trained on with `kind = "ids"` in `[data]`; the tokenizer.json is put beside it.
    #[arg(long, value_name = "FILE", requires = "from", conflicts_with = "text")]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Decode {
    /// A tokenizer.json, or the folder of a run.
    #[arg(long, value_name = "PATH|RUN")]
    tokenizer: PathBuf,
    /// The ids; without any, lines of ids are read from stdin.
    ids: Vec<String>,
}

/// Does what is asked.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    match &flags.what {
        What::Train(flags) => train(flags),
        What::Encode(flags) => encode(flags),
        What::Decode(flags) => decode(flags),
    }
}

fn train(flags: &Train) -> Result<Answer> {
    let kinds = || tokenizers::ALL.iter().map(|entry| entry.name);
    if !kinds().any(|kind| kind == flags.kind) {
        bail!(
            "there is no tokenizer `{}`; `--kind` is one of {}.{}",
            flags.kind,
            listed(kinds()),
            did_you_mean(&flags.kind, kinds())
        );
    }
    let out = flags.out.display();
    ensure!(!flags.out.exists(), "`{out}` is there already; give another `--out`, or remove it first");
    let recipe = settings(flags)?;
    let tokenizer = flags.text()?.learn(&recipe.tokenizer, recipe.normalizer, flags.boundary)?;
    let encoded = flags.text()?.encode(&tokenizer, &mut |_| Ok(()))?;
    tokenizer.save(&flags.out)?;
    let (bytes, tokens, vocabulary) = (encoded.bytes, encoded.ids, tokenizer.vocab_size());
    let bytes_per_token = bytes as f64 / tokens.max(1) as f64;
    let text = format!(
        "{out}: {} tokens; the text becomes {} of them, {bytes_per_token:.2} bytes each\n",
        rounded(vocabulary as f64),
        rounded(tokens as f64)
    );
    let json = json!({
        "tokenizer": flags.out, "kind": flags.kind, "vocabulary": vocabulary, "bytes": bytes, "tokens": tokens, "bytes_per_token": bytes_per_token,
    });
    Ok(Answer::new(text, json))
}

/// What `--set` makes of `[tokenizer]`, read as in a recipe.
fn settings(flags: &Train) -> Result<Recipe> {
    const AROUND: &str =
        "[data]\nkind = \"text\"\ndataset = \"names\"\n[model]\nkind = \"bigram\"\n[train]\nsteps = 1\n";
    let full = |set: &String| if set.starts_with("tokenizer.") { set.clone() } else { format!("tokenizer.{set}") };
    let sets: Vec<String> =
        std::iter::once(format!("tokenizer.kind={}", flags.kind)).chain(flags.sets.iter().map(full)).collect();
    Recipe::parse(AROUND, "tokenizer.toml", &sets).map_err(|error: RecipeError| error.into())
}

impl Train {
    /// The file, or the data set of that name, from its beginning.
    fn text(&self) -> Result<TextReader<'static>> {
        let shipped = Dataset::named(&self.file.to_string_lossy()).filter(|_| !self.file.exists());
        Ok(match shipped {
            Some(shipped) => TextReader::new(Cursor::new(shipped.text().into_owned()), &self.file),
            None => TextReader::open(&self.file)?,
        })
    }
}

/// The tokenizer of a file or of a run.
fn load(path: &Path) -> Result<Tokenizer> {
    if !path.is_dir() {
        return Ok(Tokenizer::load(path)?);
    }
    let file = RunFolder::open(path)?.tokenizer_path();
    ensure!(file.exists(), "`{}` has no tokenizer: this run learns from numbers", path.display());
    Ok(Tokenizer::load(&file)?)
}

fn encode(flags: &Encode) -> Result<Answer> {
    let tokenizer = load(&flags.tokenizer)?;
    if let (Some(from), Some(out)) = (&flags.from, &flags.out) {
        return encode_file(&tokenizer, from, out);
    }
    let encoded = |text: &str| -> Result<Value> {
        let ids = tokenizer.try_encode(text)?;
        let tokens: Vec<String> = ids.iter().map(|&id| tokenizer.token(id)).collect();
        say(&tokens.join(" "));
        Ok(json!({"ids": ids, "tokens": tokens}))
    };
    match flags.text.as_deref().filter(|text| *text != "-") {
        Some(text) => {
            let json = encoded(text)?;
            Ok(Answer::new(format!("{}\n", in_a_row(&json["ids"])), json))
        }
        None => {
            let lines = numbered(&from_stdin()?, encoded)?;
            let text = lines.iter().map(|line| format!("{}\n", in_a_row(&line["ids"]))).collect::<String>();
            Ok(Answer::new(text, json!({"lines": lines})))
        }
    }
}

/// A text of any size to a file of ids, with its tokenizer beside it.
fn encode_file(tokenizer: &Tokenizer, from: &Path, out: &Path) -> Result<Answer> {
    ensure!(!out.exists(), "`{}` is there already; give another `--out`, or remove it first", out.display());
    let beside = out.with_file_name("tokenizer.json");
    if beside.exists() {
        let what = "what lies beside a file of ids says what they mean; give `--out` another folder";
        let other = Tokenizer::load(&beside).with_context(|| what)?;
        tokenizer.same_as(&other).with_context(|| format!("`{}` is another tokenizer; {what}", beside.display()))?;
    }
    let text = match from == Path::new("-") {
        true => TextReader::new(std::io::stdin().lock(), "stdin"),
        false => TextReader::open(from)?,
    };
    let encoded = text.encode_into(tokenizer, out)?;
    if let Err(error) = tokenizer.save(&beside) {
        // Ids without what they mean would stand in the way of those that have it.
        let _ = std::fs::remove_file(out);
        return Err(error.into());
    }
    let (vocabulary, width) = (tokenizer.vocab_size(), Width::of_vocabulary(tokenizer.vocab_size()).bits());
    let bytes_per_token = encoded.bytes as f64 / encoded.ids.max(1) as f64;
    let text = format!(
        "{}: {} ids of {width} bits, {bytes_per_token:.2} bytes of text each\n",
        out.display(),
        rounded(encoded.ids as f64)
    );
    let json = json!({
        "out": out, "tokenizer": beside, "vocabulary": vocabulary, "width": width, "bytes": encoded.bytes,
        "tokens": encoded.ids, "bytes_per_token": bytes_per_token,
    });
    Ok(Answer::new(text, json))
}

fn decode(flags: &Decode) -> Result<Answer> {
    let tokenizer = load(&flags.tokenizer)?;
    let decoded = |ids: &str| -> Result<Value> {
        let ids = ids_in(ids, tokenizer.vocab_size())?;
        Ok(json!({"ids": ids, "text": tokenizer.decode(&ids)}))
    };
    if flags.ids.is_empty() {
        let lines = numbered(&from_stdin()?, decoded)?;
        let text =
            lines.iter().filter_map(|line| line["text"].as_str()).map(|text| format!("{text}\n")).collect::<String>();
        return Ok(Answer::new(text, json!({"lines": lines})));
    }
    let json = decoded(&flags.ids.join(" "))?;
    Ok(Answer::new(format!("{}\n", json["text"].as_str().unwrap_or_default()), json))
}

/// Ids apart by spaces or commas.
fn ids_in(text: &str, vocabulary: usize) -> Result<Vec<u32>> {
    let words = text.split([' ', ',', '\t', '[', ']']).filter(|word| !word.is_empty());
    words
        .map(|word| match word.parse::<u32>() {
            Ok(id) if (id as usize) < vocabulary => Ok(id),
            Ok(id) => bail!("there is no token {id}; this tokenizer has the ids 0 to {}", vocabulary - 1),
            Err(_) => bail!("`{word}` is no id; give whole numbers, such as `5 13 13 1`"),
        })
        .collect()
}

fn in_a_row(ids: &Value) -> String {
    ids.as_array().into_iter().flatten().map(Value::to_string).collect::<Vec<_>>().join(" ")
}

fn from_stdin() -> Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("stdin cannot be read")?;
    let at = |byte: usize| 1 + bytes[..byte].iter().filter(|&&byte| byte == b'\n').count();
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => bail!(
            "stdin is not UTF-8: line {} has a byte that does not fit; convert it, with `iconv -t UTF-8` for instance",
            at(error.valid_up_to())
        ),
    }
}

/// Each line through `work`; what goes wrong names the line.
fn numbered(text: &str, work: impl Fn(&str) -> Result<Value>) -> Result<Vec<Value>> {
    text.lines()
        .enumerate()
        .map(|(index, line)| work(line).with_context(|| format!("stdin, line {}", index + 1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_may_be_apart_by_spaces_or_commas() {
        assert_eq!(ids_in("[5, 13,13 1]", 27).unwrap(), [5, 13, 13, 1]);
    }

    #[test]
    fn what_is_no_id_is_named() {
        assert!(ids_in("5 x", 27).unwrap_err().to_string().starts_with("`x` is no id"));
        assert!(ids_in("27", 27).unwrap_err().to_string().contains("no token 27; this tokenizer has the ids 0 to 26"));
    }
}
