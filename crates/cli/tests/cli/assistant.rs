//! `assistant` and `chat`: from nothing to somebody to talk with, whatever is said.

use super::{Printed, good, object, refused, run};
use std::path::Path;

fn chat(folder: &Path, args: &[&str], input: impl AsRef<[u8]>) -> Printed {
    run(folder, &[&["chat"], args].concat(), input.as_ref(), 0)
}

/// The assistant that `init` writes, trained as its page says, for fewer epochs.
fn olive(folder: &Path, epochs: &str) {
    good(folder, &["assistant", "init", "olive"]);
    let set = format!("data.path={:?}", folder.join("olive/utterances.tsv").display().to_string());
    good(folder, &["train", "olive/recipe.toml", "--set", &set, "--epochs", epochs, "--out", "olive/run"]);
}

#[test]
fn an_assistant_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let written = object(folder.path(), &["assistant", "init", "olive"]);
    assert!(written["sentences"].as_u64().unwrap() > 100, "{written}");
    refused(folder.path(), &["assistant", "init", "olive"], &["`assistant.toml`", "nothing is overwritten"]);
    refused(folder.path(), &["chat", "olive"], &["nothing understands messages yet", "rushlight train recipe.toml"]);
    refused(folder.path(), &["serve", "olive"], &["nothing understands messages yet"]);
    good(folder.path(), &["assistant", "init", "other"]);
    refused(folder.path(), &["serve", "olive", "other"], &["there are 2 assistants"]);
    refused(folder.path(), &["serve", "olive", "--top-p", "2"], &["`--top-p 2` is not possible"]);
    refused(folder.path(), &["serve", "a-run", "--clock", "+01:00"], &["`--clock` belongs to an assistant"]);
    refused(folder.path(), &["serve", "a-run", "--reply-tokens", "9"], &["`--reply-tokens` belongs to an assistant"]);
    refused(folder.path(), &["chat", "nowhere"], &["`nowhere` is neither a run nor the folder of an assistant"]);
}

#[test]
fn a_mistake_in_a_definition_has_its_line() {
    let folder = tempfile::tempdir().unwrap();
    good(folder.path(), &["assistant", "init", "olive"]);
    let path = folder.path().join("olive/assistant.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("kind = \"number\"", "kind = \"numbr\"")).unwrap();
    refused(
        folder.path(),
        &["assistant", "lines", "olive"],
        &["unknown kind `numbr`", "line ", "Did you mean `number`?"],
    );
}

#[test]
fn one_talks_with_what_was_trained() {
    let folder = tempfile::tempdir().unwrap();
    olive(folder.path(), "25");
    let said = "Call me Ada\nbook a table for four tomorrow at 19:30\n/why\nyes\n/bad\n/meant bok_table\n/correct Done!\n/profile\n/nothing\n";
    let Printed { stdout, stderr } = chat(folder.path(), &["olive"], said);
    for words in ["Nice to meet you, Ada.", "A table for 4 on", "book_table", "number \"four\" = 4", "your name is Ada"]
    {
        assert!(stdout.contains(words), "no {words:?} in\n{stdout}\n{stderr}");
    }
    assert!(stderr.contains("Did you mean `book_table`?") && stderr.contains("there is no `/nothing`"), "{stderr}");
    // It is all there the next time, until it is to be forgotten.
    let out = chat(folder.path(), &["olive"], "what is my name?\n/forget\nwhat is my name?\n").stdout;
    assert!(out.contains("Your name is Ada.") && out.contains("erased: your profile, 2 conversations"), "{out}");
    assert!(out.ends_with("You have not told me your name yet.\n"), "{out}");
}

#[test]
fn bad_input_is_told_and_the_talk_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    olive(folder.path(), "1");
    let mut input = b"\xff\xfe\n\n   \n\x00\x01\n".to_vec();
    input.extend("a".repeat(1 << 20).bytes());
    input.extend("\n🎉 привет 你好\nwhat is my name".bytes());
    let Printed { stdout, stderr } = chat(folder.path(), &["olive"], input);
    for words in ["the message is no text", "the message is empty", "8000 are read at most"] {
        assert!(stderr.contains(words), "no {words:?} in\n{stderr}");
    }
    assert!(stdout.ends_with("You have not told me your name yet.\n"), "{stdout}");
}

#[test]
fn a_run_that_writes_chats_by_writing() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = "[data]\nkind = \"lines\"\ndataset = \"names\"\n[model]\nkind = \"gpt\"\nlayers = 1\nheads = 2\nwidth = 16\n\
                  [train]\nsteps = 3\nwindow = 32\n";
    std::fs::write(folder.path().join("a.toml"), recipe).unwrap();
    good(folder.path(), &["train", "a.toml", "--out", "run"]);
    let out = chat(folder.path(), &["run", "--reply-tokens", "10"], "anna\n/why\n").stdout;
    assert!(out.starts_with("Say something.\n") && out.contains("generator (answer)"), "{out}");
    refused(folder.path(), &["chat", "run", "--top-p", "2"], &["`--top-p 2` is not possible"]);
    refused(folder.path(), &["chat", "run", "run"], &["two runs write"]);
}

#[test]
fn what_users_correct_is_learnt() {
    let folder = tempfile::tempdir().unwrap();
    olive(folder.path(), "12");
    refused(folder.path(), &["assistant", "learn", "olive"], &["assistant.db", "rushlight chat"]);
    chat(folder.path(), &["olive"], "hello there\n/good\n");
    let nothing = good(folder.path(), &["assistant", "learn", "olive"]).stdout;
    assert!(nothing.contains("no intent was corrected"), "{nothing}");
    let said = "got room for a hungry crowd\n/meant book_table\nwhen do the doors shut\n/meant opening_hours\n";
    chat(folder.path(), &["olive"], said);
    let listed = object(folder.path(), &["assistant", "learn", "olive", "--list"]);
    assert_eq!(listed["corrected_sentences"], 2, "{listed}");
    let learnt = object(folder.path(), &["assistant", "learn", "olive", "--epochs", "2"]);
    let held = &learnt["held"];
    let [all, before, after] = ["sentences", "right_before", "right_after"].map(|name| held[name].as_u64().unwrap());
    assert!(all > 5 && before <= all && after <= all, "{learnt}");
    assert_eq!(learnt["kept"], after >= before, "{learnt}");
    // Whichever stays, it runs; the other one is still there.
    let other = if after >= before { "olive/run-before-1" } else { "olive/run-learnt-1" };
    assert!(folder.path().join(other).join("run.json").is_file(), "{learnt}");
    assert!(chat(folder.path(), &["olive"], "hello\n").stdout.len() > 10);
    refused(folder.path(), &["assistant", "learn", "olive", "--epochs", "0"], &["`--epochs 0` learns nothing"]);
}
