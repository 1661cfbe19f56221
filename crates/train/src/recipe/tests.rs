//! Recipes, good and bad, and the messages about the bad ones to the letter. Those that ship are in `tests/shipped.rs`.

mod shipped;

use super::*;
use rushlight_nn::clip::Clip;
use serde_json::json;

/// A recipe that says no more than it must.
const SMALL: &str = r#"[data]
kind = "lines"
dataset = "names"

[model]
kind = "lstm"
hidden = 20

[train]
steps = 10
"#;

fn parse(text: &str) -> Result<Recipe, RecipeError> {
    Recipe::parse(text, "small.toml", &[])
}

fn set(words: &[&str]) -> Result<Recipe, RecipeError> {
    Recipe::parse(SMALL, "small.toml", &words.iter().map(|words| (*words).to_string()).collect::<Vec<_>>())
}

/// The message about `SMALL` with `old` replaced by `new`.
fn check(old: &str, new: &str, message: &str) {
    assert!(SMALL.contains(old), "{old}");
    assert_eq!(parse(&SMALL.replacen(old, new, 1)).unwrap_err().to_string(), message);
}

fn check_set(words: &str, message: &str) {
    assert_eq!(set(&[words]).unwrap_err().to_string(), message);
}

// Good ones

#[test]
fn a_small_recipe_means_more_than_it_says() {
    let recipe = parse(SMALL).unwrap();
    assert_eq!(recipe.name, "small");
    assert_eq!((recipe.model.kind.as_str(), &recipe.model.config["hidden"]), ("lstm", &json!(20)));
    assert_eq!(recipe.model.config["layers"], json!(1));
    assert_eq!(recipe.train.length(), Length::Steps(10));
    assert_eq!(
        (recipe.train.optimizer.kind.as_str(), &recipe.train.optimizer.config["beta2"]),
        ("adamw", &json!(0.999))
    );
    assert_eq!(recipe.tokenizer, TokenizerConfig::Character(rushlight_text::tokenizers::character::Config::default()));
}

#[test]
fn a_recipe_written_out_is_the_same_recipe() {
    let recipe = parse(SMALL).unwrap();
    assert_eq!(parse(&recipe.to_toml()).unwrap(), recipe);
}

#[test]
fn what_is_written_out_hides_nothing() {
    let written = parse(SMALL).unwrap().to_toml();
    for line in
        ["dropout = 0.0", "lr = 0.001", "[train.optimizer]", "weight_decay = 0.01", "expect = []", "unicode = \"nfc\""]
    {
        assert!(written.lines().any(|written| written == line), "{line}\n{written}");
    }
    assert!(!written.contains("epochs"), "{written}");
}

#[test]
fn a_set_goes_over_what_is_written() {
    let recipe =
        set(&["train.lr=3e-4", "model.layers = 2", "data.split=distinct", "train.clip={ norm = 0.5 }"]).unwrap();
    assert_eq!((recipe.train.lr, recipe.train.clip), (3e-4, Clip::Norm(0.5)));
    assert_eq!(recipe.model.config["layers"], json!(2));
    assert!(recipe.to_toml().contains("split = \"distinct\""));
}

#[test]
fn a_later_set_wins() {
    assert_eq!(set(&["train.seed=1", "train.seed=2"]).unwrap().train.seed, 2);
}

#[test]
fn a_set_makes_the_table_that_it_needs() {
    let recipe =
        set(&["train.schedule.kind=cosine", "train.schedule.warmup_steps=5", "train.stop.patience_evaluations=3"])
            .unwrap();
    assert_eq!(
        (recipe.train.schedule.kind.as_str(), &recipe.train.schedule.config["warmup_steps"]),
        ("cosine", &json!(5))
    );
    assert_eq!(recipe.train.stop.patience_evaluations, 3);
}

#[test]
fn to_set_epochs_takes_the_steps_away() {
    assert_eq!(set(&["train.epochs=3"]).unwrap().train.length(), Length::Epochs(3));
}

#[test]
fn to_set_a_path_takes_the_data_set_away() {
    let written = set(&["data.path=my names.txt"]).unwrap().to_toml();
    assert!(written.contains("path = \"my names.txt\"") && !written.contains("dataset"), "{written}");
}

// Bad ones: the file

#[test]
fn an_unknown_key_is_answered_with_the_nearest() {
    check(
        "hidden",
        "hiden",
        "unknown key `hiden` in [model] of small.toml, line 7; an lstm has: embed, hidden, layers, dropout, start, \
         skips. Did you mean `hidden`?",
    );
}

#[test]
fn an_unknown_kind_is_answered_with_the_kinds() {
    let kinds = rushlight_models::ALL.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
    let message =
        format!("unknown kind `lstn` in [model] of small.toml, line 6; the kinds are: {kinds}. Did you mean `lstm`?");
    check("\"lstm\"", "\"lstn\"", &message);
}

#[test]
fn a_kind_is_wanted() {
    check(
        "kind = \"lines\"\n",
        "",
        "`kind` in [data] of small.toml, line 1, is missing; the kinds are: text, lines, parallel, utterances, dialogues, ids, table, recall, reverse, noise",
    );
}

#[test]
fn a_table_is_wanted() {
    let kinds = rushlight_models::ALL.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
    let message = format!("[model] of small.toml is missing; write one, with a `kind`; the kinds are: {kinds}");
    check("[model]\nkind = \"lstm\"\nhidden = 20\n", "", &message);
}

#[test]
fn a_string_is_no_number() {
    check(
        "steps",
        "lr = \"fast\"\nsteps",
        "`lr` in [train] of small.toml, line 10, is a string; it is a number, such as 0.001",
    );
}

#[test]
fn a_size_is_whole() {
    check("20", "0.5", "`hidden` in [model] of small.toml, line 7, is 0.5; it is a whole number, such as 64");
    check("20", "-20", "`hidden` in [model] of small.toml, line 7, is -20; it is a whole number, such as 64");
}

#[test]
fn a_rate_is_above_zero() {
    check(
        "steps",
        "lr = -0.1\nsteps",
        "`lr` in [train] of small.toml, line 10, is -0.1; it must be above 0, such as 0.001",
    );
}

#[test]
fn a_batch_is_not_empty() {
    check("steps", "batch = 0\nsteps", "`batch` in [train] of small.toml, line 10, is 0; it must be at least 1");
}

#[test]
fn steps_and_epochs_are_one_too_many() {
    check(
        "steps = 10",
        "steps = 10\nepochs = 2",
        "`epochs` in [train] of small.toml, line 11, stands beside `steps`; write one of them: `steps` counts updates, \
         `epochs` passes over the training part",
    );
}

#[test]
fn neither_steps_nor_epochs_is_one_too_few() {
    check(
        "steps = 10",
        "batch = 8",
        "[train] of small.toml, line 9, has neither `steps` nor `epochs`; write one of them: `steps` counts updates, \
         `epochs` passes over the training part",
    );
}

#[test]
fn a_word_is_one_of_a_few() {
    check(
        "dataset",
        "split = \"distnct\"\ndataset",
        "`split` in [data] of small.toml, line 3, is `distnct`; it is one of: lines, distinct, lecture, makemore, given. Did you \
         mean `distinct`?",
    );
}

#[test]
fn clipping_says_what_is_clipped() {
    check(
        "steps",
        "clip = 1.0\nsteps",
        "`clip` in [train] of small.toml, line 10, is 1.0; it is \"never\", { norm = 1.0 } or { value = 1.0 }",
    );
    check(
        "steps",
        "clip = { nrm = 1.0 }\nsteps",
        "`nrm` in [train.clip] of small.toml, line 10, is `nrm`; it is one of: norm, value, never. Did you mean `norm`?",
    );
    check(
        "steps",
        "clip = { norm = true }\nsteps",
        "`norm` in [train.clip] of small.toml, line 10, is true; it is a number, such as 0.001",
    );
}

#[test]
fn an_optimizer_knows_its_own_ranges() {
    check(
        "steps = 10",
        "steps = 10\n[train.optimizer]\nkind = \"sgd\"\nmomentum = 1.5",
        "`momentum` in [train.optimizer] of small.toml, line 13, is 1.5; it must be at least 0 and below 1",
    );
}

#[test]
fn a_schedule_has_its_own_keys() {
    check(
        "steps = 10",
        "steps = 10\n[train.schedule]\nkind = \"cosine\"\nwarmup = 5",
        "unknown key `warmup` in [train.schedule] of small.toml, line 13; a cosine schedule has: floor, warmup_steps. Did \
         you mean `warmup_steps`?",
    );
    check(
        "steps = 10",
        "steps = 10\n[train.schedule]\nkind = \"step\"",
        "`every_steps` in [train.schedule] of small.toml, line 11, is missing; it has no default; write it",
    );
}

#[test]
fn a_table_within_train_has_its_own_keys() {
    check(
        "steps = 10",
        "steps = 10\nstop = { patience = 3 }",
        "unknown key `patience` in [train.stop] of small.toml, line 11; [train.stop] has: patience_evaluations, \
         least_gain, smoothing. Did you mean `patience_evaluations`?",
    );
}

#[test]
fn a_tokenizer_has_the_keys_of_its_normaliser_too() {
    check(
        "[model]",
        "[tokenizer]\nlower = true\n[model]",
        "unknown key `lower` in [tokenizer] of small.toml, line 6; a character tokenizer has: max_size, unknown, unicode, \
         lowercase, strip_markup, strip_control, zero_digits. Did you mean `lowercase`?",
    );
    check(
        "[model]",
        "[tokenizer]\nlowercase = 1\n[model]",
        "`lowercase` in [tokenizer] of small.toml, line 6, is 1; it is true or false",
    );
}

#[test]
fn an_unknown_table_is_refused() {
    check(
        "[model]",
        "[modle]",
        "unknown table [modle] of small.toml, line 5; a recipe has: [data], [tokenizer], [model], [train], [doctor], \
         [fault]. Did you mean `model`?",
    );
}

#[test]
fn a_table_is_not_a_word() {
    let text = format!("model = \"lstm\"\n{}", SMALL.replace("[model]\nkind = \"lstm\"\nhidden = 20\n", ""));
    let message = "`model` of small.toml, line 1, is a string; it is a table, which begins with a line [model]";
    assert_eq!(parse(&text).unwrap_err().to_string(), message);
}

#[test]
fn numbers_need_no_tokenizer() {
    let noise = SMALL.replace("kind = \"lines\"\ndataset = \"names\"\n", "kind = \"noise\"\n");
    assert!(!parse(&noise).unwrap().to_toml().contains("[tokenizer]"));
    let message = "[tokenizer] of small.toml, line 4, is of no use; there is no text in these data; take the table out";
    assert_eq!(parse(&noise.replace("[model]", "[tokenizer]\n[model]")).unwrap_err().to_string(), message);
}

#[test]
fn a_recipe_with_a_letter_missing_is_read_or_refused_in_one_line() {
    for (at, _) in SMALL.char_indices() {
        let text = [&SMALL[..at], &SMALL[at + 1..]].concat();
        if let Err(error) = parse(&text) {
            let sentence = error.to_string();
            assert!(!sentence.contains('\n') && sentence.contains(" of small.toml"), "{sentence}");
        }
    }
}

#[test]
fn a_fault_is_one_of_those_that_there_are() {
    let recipe = parse(&SMALL.replace("[train]", "[fault]\nkind = \"softmax-before-loss\"\n[train]")).unwrap();
    assert!(recipe.fault().is_some() && parse(&recipe.to_toml()).unwrap().fault == recipe.fault);
    let first = faults::ALL.iter().map(|entry| entry.name).take(8).collect::<Vec<_>>().join(", ");
    let kinds = format!("{first}, … and {} more: `rushlight explain` lists them", faults::ALL.len() - 7); // with `none`
    let missing = format!("`kind` in [fault] of small.toml, line 9, is missing; the kinds are: {kinds}");
    check("[train]", "[fault]\nsite = \"h\"\n[train]", &missing);
    assert_eq!(parse(&SMALL.replace("[train]", "[fault]\nkind = \"none\"\n[train]")).unwrap().fault, None);
}

#[test]
fn text_that_is_not_toml_is_shown_where_it_stops() {
    let error = parse(&SMALL.replace("hidden = 20", "hidden 20")).unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.starts_with("the text of small.toml, line 7, is not TOML; the reader says: "), "{sentence}");
    assert!(!sentence.contains('\n'), "{sentence}");
}

#[test]
fn a_number_is_finite_and_fits() {
    check("steps", "lr = inf\nsteps", "`train.lr` of small.toml, line 10, is inf; write a finite number");
    check(
        "20",
        "9223372036854775808",
        "`model.hidden` of small.toml, line 7, is 9223372036854775808; whole numbers go up to 9223372036854775807",
    );
}

#[test]
fn a_mistake_knows_its_bytes() {
    let error = parse(&SMALL.replace("hidden", "hiden")).unwrap_err();
    let Place::Line { span, .. } = error.place.clone() else { panic!("{error:?}") };
    assert_eq!(&SMALL.replace("hidden", "hiden")[span], "hiden");
    assert_eq!(error.message(), "unknown key `hiden` in [model]");
}

#[test]
fn a_recipe_that_is_not_there_may_be_another() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("names-mlp.toml"), SMALL).unwrap();
    let error = Recipe::read(&folder.path().join("names-mpl.toml"), &[]).unwrap_err().to_string();
    assert!(error.contains("names-mpl.toml cannot be read: ") && error.ends_with("names-mlp.toml`?"), "{error}");
    assert!(Recipe::read(&folder.path().join("names-mlp.toml"), &[]).is_ok());
}

#[test]
fn what_a_model_refuses_later_still_has_its_place() {
    let recipe = parse(&SMALL.replace("hidden = 20", "hidden = 0")).unwrap();
    let entry = rushlight_models::ALL.iter().find(|entry| entry.name == "lstm").unwrap();
    let sizes = rushlight_models::Sizes::new(5, 3);
    let error = (entry.build)(&recipe.model.settings(), sizes, 0).map(|_| ()).unwrap_err();
    let message = "`hidden` in [model] of small.toml, line 7, is 0; it must be at least 1";
    assert_eq!(recipe.refuse("model", error).to_string(), message);
}

// Bad ones: `--set`

#[test]
fn a_set_is_named_in_its_own_mistakes() {
    check_set(
        "model.hiden=3",
        "unknown key `hiden` in [model], from `--set model.hiden=3`; an lstm has: embed, hidden, layers, dropout, \
         start, skips. Did you mean `hidden`?",
    );
    check_set(
        "train.lr=fast",
        "`lr` in [train], from `--set train.lr=fast`, is a string; it is a number, such as 0.001",
    );
}

#[test]
fn a_set_has_a_key_and_a_value() {
    check_set(
        "train.lr",
        "`train.lr`, from `--set train.lr`, has no value; write a key, `=` and a value, such as `--set train.lr=3e-4`",
    );
    check_set(
        "lr=1",
        "`lr`, from `--set lr=1`, names no key of a table; write the table, a point and the key, such as `--set \
         train.lr=3e-4`",
    );
}

#[test]
fn a_set_goes_no_deeper_than_the_keys() {
    check_set(
        "model.hidden.size=3",
        "`model.hidden.size`, from `--set model.hidden.size=3`, goes below a key that is no table; leave out what stands \
         behind that key",
    );
}
