//! The words of messages: lists, articles, the nearest name, and what a value is. Knows no recipe.

use serde_json::Value;

/// "a, b, c".
pub(super) fn list<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}

/// The same of what may be many: of more than two lines of them the first, and who tells the others.
pub(super) fn few<'w>(words: impl Iterator<Item = &'w str>) -> String {
    const MANY: usize = 16;
    const FEW: usize = 8;
    let words: Vec<&str> = words.collect();
    if words.len() <= MANY {
        return list(words);
    }
    let more = words.len() - FEW;
    format!("{}, … and {more} more: `rushlight explain` lists them", list(words.into_iter().take(FEW)))
}

/// "an lstm", "a gru".
pub(super) fn with_article(name: &str) -> String {
    let vowel = |c: char| "aeiou".contains(c);
    // A name without a vowel is spelt out, and these letters are said with a vowel first: "em", "el", "ar".
    let spelt_out = !name.contains(vowel) && name.starts_with(['f', 'h', 'l', 'm', 'n', 'r', 's', 'x']);
    let article = if name.starts_with(vowel) || spelt_out { "an" } else { "a" };
    format!("{article} {name}")
}

/// " Did you mean `hidden`?", or nothing where no name is near enough.
pub(super) fn suggestion<'w>(asked: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    match nearest(asked, known) {
        Some(name) => format!(". Did you mean `{name}`?"),
        None => String::new(),
    }
}

/// The name that was probably meant: a third of its letters may be wrong, or it may be the beginning of the other.
pub(super) fn nearest<'w>(asked: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let plain = |name: &str| name.to_lowercase().replace('-', "_");
    let asked = plain(asked);
    let distance = |name: &&str| {
        let name = plain(name);
        let begins = asked.len() >= 3 && name.len() >= 3 && (asked.starts_with(&name) || name.starts_with(&asked));
        if begins { 1 } else { strsim::damerau_levenshtein(&asked, &name) }
    };
    let near = asked.chars().count().max(3) / 3;
    known.into_iter().min_by_key(distance).filter(|name| distance(name) <= near)
}

/// What a value is: "is a string", "is -3".
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Null => "is nothing".into(),
        Value::String(_) => "is a string".into(),
        Value::Array(_) => "is a list".into(),
        Value::Object(_) => "is a table".into(),
        Value::Bool(_) | Value::Number(_) => format!("is {value}"),
    }
}

/// What a value has to be, from serde's word for it.
pub(super) fn expected(by_serde: &str) -> String {
    let known = match by_serde {
        "f32" | "f64" => "a number, such as 0.001",
        "u8" | "u32" | "u64" | "usize" => "a whole number, such as 64",
        "a boolean" => "true or false",
        "a string" => "a string in quotes",
        "a sequence" => "a list in square brackets",
        "a map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    known.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(asked: &str, expected: Option<&str>) {
        assert_eq!(nearest(asked, ["embed", "hidden", "layers", "batch_norm"]), expected, "{asked}");
    }

    #[test]
    fn a_letter_too_few_is_forgiven() {
        meant("hiden", Some("hidden"));
    }

    #[test]
    fn two_letters_changed_about_are_forgiven() {
        meant("hiddne", Some("hidden"));
    }

    #[test]
    fn a_longer_word_for_the_same_is_understood() {
        meant("embedding", Some("embed"));
    }

    #[test]
    fn a_hyphen_is_as_good_as_an_underscore() {
        meant("Batch-norm", Some("batch_norm"));
    }

    #[test]
    fn another_word_is_not_taken_for_a_typing_error() {
        meant("dropout", None);
    }

    #[test]
    fn names_have_the_article_that_people_say() {
        let said = ["lstm", "mlp", "rnn", "gru", "gpt", "bigram", "adam"].map(with_article);
        assert_eq!(said, ["an lstm", "an mlp", "an rnn", "a gru", "a gpt", "a bigram", "an adam"]);
    }
}
