//! `translate`, and `eval` and `compare` of what translates: a line in, a line out, whatever comes in.

use super::{Printed, good, object, refused, run};
use std::path::Path;

/// A translator of digits, trained for a second.
const RECIPE: &str = r#"
[data]
kind = "reverse"
pairs = true
shortest = 2
longest = 6
train = 3000
validation = 40
test = 60

[model]
kind = "KIND"
SIZES

[train]
epochs = 3
batch = 64
window = 12
lr = 1e-2
"#;

fn trained(folder: &Path, name: &str, kind: &str, sizes: &str) {
    let recipe = RECIPE.replace("KIND", kind).replace("SIZES", sizes);
    std::fs::write(folder.join(format!("{name}.toml")), recipe).unwrap();
    good(folder, &["train", &format!("{name}.toml"), "--out", name]);
}

fn transformer(folder: &Path) {
    trained(folder, "run", "transformer", "layers = 1\nheads = 2\nwidth = 32\ninner = 64");
}

/// What `translate` makes of standard input, with this exit code.
fn piped(folder: &Path, args: &[&str], input: impl AsRef<[u8]>, code: i32) -> Printed {
    run(folder, &[&["translate"], args].concat(), input.as_ref(), code)
}

#[test]
fn a_line_in_is_a_line_out() {
    let folder = tempfile::tempdir().unwrap();
    transformer(folder.path());
    let out = piped(folder.path(), &["run"], "123\n\n45\n   \n6789", 0).stdout;
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((lines.len(), lines[1], lines[3]), (5, "", ""), "{out}");
    assert!(lines[0].len() == 3 && lines.iter().all(|line| line.bytes().all(|byte| byte.is_ascii_digit())), "{out}");
    // A file gives the same, and a pipe that ends at once nothing.
    std::fs::write(folder.path().join("lines.txt"), "123\r\n\r\n45\n   \n6789").unwrap();
    assert_eq!(good(folder.path(), &["translate", "run", "lines.txt"]).stdout, out);
    assert_eq!(piped(folder.path(), &["run", "-"], "", 0).stdout, "");
    let told = object(folder.path(), &["translate", "run", "lines.txt"]);
    assert_eq!((told["lines"].as_u64(), told["lines_in_pieces"].as_u64()), (Some(5), Some(0)));
}

#[test]
fn the_best_come_with_their_lines_and_scores() {
    let folder = tempfile::tempdir().unwrap();
    transformer(folder.path());
    let out = piped(folder.path(), &["run", "--n-best", "2", "--beam", "3"], "123\n45\n", 0).stdout;
    let lines: Vec<Vec<&str>> = out.lines().map(|line| line.split(" ||| ").collect()).collect();
    assert_eq!(lines.iter().map(|line| line[0]).collect::<Vec<_>>(), ["1", "1", "2", "2"], "{out}");
    let score = |line: &Vec<&str>| line[2].parse::<f64>().unwrap();
    assert!(score(&lines[0]) >= score(&lines[1]) && score(&lines[2]) >= score(&lines[3]), "{out}");
    refused(
        folder.path(),
        &["translate", "run", "--n-best", "9", "--beam", "3"],
        &["a beam of 3 knows no 9 translations"],
    );
    refused(folder.path(), &["translate", "run", "--n-best", "0"], &["`--n-best 0` gives nothing"]);
    refused(folder.path(), &["translate", "run", "--length-penalty", "-1"], &["`--length-penalty -1` is not possible"]);
}

#[test]
fn a_line_beyond_the_window_is_translated_in_pieces_and_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    transformer(folder.path());
    let printed = piped(folder.path(), &["run"], "12\n123456789012345678901234567890\n34\n", 0);
    let (out, words) = (printed.stdout, printed.stderr);
    assert_eq!(out.lines().count(), 3, "{out}");
    assert!(words.contains("1 line is longer than the window of 12 tokens"), "{words}");
}

#[test]
fn where_the_model_looked_can_be_drawn() {
    let folder = tempfile::tempdir().unwrap();
    transformer(folder.path());
    piped(folder.path(), &["run", "--attention", "map.svg"], "4711\n", 0);
    let drawn = std::fs::read_to_string(folder.path().join("map.svg")).unwrap();
    assert!(drawn.starts_with("<svg") || drawn.starts_with("<?xml"), "{drawn}");
    assert!(["4", "7", "1"].iter().all(|digit| drawn.contains(&format!(">{digit}<"))), "{drawn}");
    trained(folder.path(), "vector", "encoder_decoder", "embed = 8\nhidden = 12");
    let words = piped(folder.path(), &["vector", "--attention", "map.svg"], "4711\n", 2).stderr;
    assert!(words.contains("a `encoder_decoder` has no attention to draw"), "{words}");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    transformer(folder.path());
    let Printed { stdout: out, stderr: words } = piped(folder.path(), &["run"], b"12\n34\n5\xff6\n78\n", 2);
    assert_eq!(out.lines().count(), 2, "what came before is not lost: {out}");
    assert!(words.contains("line 3 of standard input is no UTF-8: its byte 2 is 0xff"), "{words}");
    let words = piped(folder.path(), &["run"], "12\nx\u{e9}\n", 2).stderr;
    assert!(words.contains("line 2 has what this run never saw: `x`, `é`"), "{words}");
    refused(folder.path(), &["translate", "run", "no.txt"], &["`no.txt` cannot be read"]);
    refused(folder.path(), &["translate", "run", "."], &["`.` is a folder"]);
    refused(folder.path(), &["translate", "nothing"], &["`nothing` is not a run"]);
}

#[test]
fn what_does_not_translate_says_so_and_what_translates_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    transformer(folder.path());
    refused(folder.path(), &["generate", "run"], &["does not write"]);
    let names = "[data]\nkind = \"lines\"\ndataset = \"names\"\n[model]\nkind = \"bigram\"\n[train]\nsteps = 1\n";
    std::fs::write(folder.path().join("names.toml"), names).unwrap();
    good(folder.path(), &["train", "names.toml", "--out", "names"]);
    refused(folder.path(), &["translate", "names"], &["does not translate"]);
}

#[test]
fn translators_are_evaluated_and_compared_by_what_they_write() {
    let folder = tempfile::tempdir().unwrap();
    transformer(folder.path());
    trained(folder.path(), "vector", "encoder_decoder", "embed = 8\nhidden = 12");
    let told = object(folder.path(), &["eval", "run", "--write", "out.txt"]);
    for metric in ["bleu", "chrf", "top1", "top5", "perplexity", "sentences_per_second"] {
        assert!(told[format!("test.{metric}")].as_f64().unwrap() > 0.0, "{metric}: {told}");
    }
    assert!(told["test.bleu_signature"].as_str().unwrap().contains("tok:char"), "{told}");
    assert_eq!(std::fs::read_to_string(folder.path().join("out.txt")).unwrap().lines().count(), 60);
    let without = object(folder.path(), &["eval", "run", "--beam", "0"]);
    assert!(without["test.bleu"].is_null() && without["test.perplexity"].is_number(), "{without}");
    let both = object(folder.path(), &["compare", "run", "vector", "--split", "test"]);
    let systems = both["systems"].as_array().unwrap();
    assert_eq!(systems.len(), 2, "{both}");
    assert_eq!(systems[0]["score"], told["test.bleu"], "{both}");
    assert!(systems[1]["p_value"].as_f64().unwrap() < 0.05, "{both}");
    // Sentences from elsewhere.
    std::fs::write(folder.path().join("mine.tsv"), "12\t21\n345\t543\n").unwrap();
    let mine = object(folder.path(), &["eval", "run", "--on", "mine.tsv"]);
    assert_eq!(mine["file.sentences"], 2, "{mine}");
}

#[test]
fn swapped_languages_and_pairs_left_out_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, lines: &[&str]| std::fs::write(folder.path().join(name), lines.join("\n") + "\n").unwrap();
    write("train.de", &["das haus", "der baum", "", "ein haus und ein baum"]);
    write("train.en", &["the house", "the tree", "a lost line", "a house and a tree"]);
    write("val.de", &["a tree and the house"]);
    write("val.en", &["ein baum und das haus"]);
    write(
        "recipe.toml",
        &[
            "[data]\nkind = \"parallel\"\npath = \"train\"\nsource = \"de\"\ntarget = \"en\"\nvalidation = \"val\"",
            "[tokenizer]\nkind = \"word\"",
            "[model]\nkind = \"bahdanau\"\nembed = 4\nhidden = 4",
            "[train]\nsteps = 1\nbatch = 2\nlr = 1e-3",
        ],
    );
    let told = good(folder.path(), &["train", "recipe.toml", "--out", "run"]).stderr;
    assert!(told.contains("run: left out 1 pair with an empty side of its training part"), "{told}");
    assert!(told.contains("the validation part has its languages the other way round"), "{told}");
}
