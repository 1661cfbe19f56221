//! Which settings a sweep goes through: every combination of the values behind `--vary`, and those behind `--case` as they
//! are. Knows no recipe.

use anyhow::{Result, bail, ensure};
use serde_json::{Map, Value};
use std::fmt;

/// A value for each key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting(Vec<(String, String)>);

impl Setting {
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }

    /// As behind `--set`.
    pub(super) fn sets(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(key, value)| format!("{key}={value}"))
    }

    pub(super) fn object(&self) -> Map<String, Value> {
        self.0.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect()
    }

    /// A name for its folder, of letters that every system allows.
    pub(super) fn folder(&self) -> String {
        let is_plain = |letter: char| letter.is_alphanumeric() || letter == '.' || letter == '-';
        let plain = |text: &str| {
            text.split(|letter| !is_plain(letter)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
        };
        let name = |(key, value): &(String, String)| {
            format!("{}-{}", plain(key.rsplit('.').next().unwrap_or(key)), plain(value))
        };
        if self.0.is_empty() { "as-it-is".to_owned() } else { self.0.iter().map(name).collect::<Vec<_>>().join("_") }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the recipe as it is");
        }
        f.write_str(&self.sets().collect::<Vec<_>>().join(", "))
    }
}

/// The cases as they are, or all combinations of what is varied; there the last key varies fastest.
pub(super) fn settings(varied: &[String], cases: &[String]) -> Result<Vec<Setting>> {
    if !cases.is_empty() {
        return cases.iter().map(|words| case(words)).collect();
    }
    let mut settings = vec![Setting(Vec::new())];
    for words in varied {
        let (key, values) = read(words)?;
        if settings[0].keys().any(|known| known == key) {
            bail!("`--vary` names `{key}` twice; give all of its values at once: `--vary {key}=a,b,c`");
        }
        let with = |setting: &Setting, value: &String| {
            Setting([setting.0.clone(), vec![(key.clone(), value.clone())]].concat())
        };
        settings = settings.iter().flat_map(|setting| values.iter().map(move |value| with(setting, value))).collect();
    }
    Ok(settings)
}

/// What one `--case` sets: keys with their values, apart by white space; nothing for the recipe as it is.
fn case(words: &str) -> Result<Setting> {
    let pair = |words: &str| match words.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => bail!("`{words}` in `--case` is no key with a value; write `--case \"train.lr=0.1 model.hidden=50\"`"),
    };
    let words = apart(words, char::is_whitespace).into_iter().filter(|words| !words.is_empty());
    let pairs: Vec<(String, String)> = words.map(pair).collect::<Result<_>>()?;
    let twice =
        pairs.iter().enumerate().find(|(index, (key, _))| pairs[..*index].iter().any(|(known, _)| known == key));
    if let Some((_, (key, _))) = twice {
        bail!("a `--case` names `{key}` twice; give each key once, and another `--case` for the other value");
    }
    Ok(Setting(pairs))
}

/// The key and the values of one `--vary`.
fn read(words: &str) -> Result<(String, Vec<String>)> {
    let Some((key, values)) = words.split_once('=') else {
        bail!("`--vary {words}` has no values; write a key, `=` and values: `--vary train.lr=1e-3,3e-4`");
    };
    let values: Vec<String> =
        apart(values, |letter| letter == ',').into_iter().map(|value| value.trim().to_owned()).collect();
    ensure!(
        values.iter().all(|value| !value.is_empty()),
        "`--vary {words}` has an empty value; write values apart by commas: `--vary train.lr=1e-3,3e-4`"
    );
    Ok((key.trim().to_owned(), values))
}

/// Cut where a letter says so, but not inside of brackets or quotes.
fn apart(values: &str, cuts: impl Fn(char) -> bool) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_i32, None);
    for (place, letter) in values.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, letter) if depth == 0 && cuts(letter) => {
                parts.push(&values[start..place]);
                start = place + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&values[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(varied: &[&str], expected: &[&str]) {
        let varied: Vec<String> = varied.iter().map(|words| (*words).to_owned()).collect();
        let settings: Vec<String> = settings(&varied, &[]).unwrap().iter().map(Setting::to_string).collect();
        assert_eq!(settings, expected);
    }

    fn refused(varied: &[&str], why: &str) {
        let varied: Vec<String> = varied.iter().map(|words| (*words).to_owned()).collect();
        let error = settings(&varied, &[]).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn one_key_takes_each_of_its_values() {
        check(&["train.lr=0.1, 0.2"], &["train.lr=0.1", "train.lr=0.2"]);
    }

    #[test]
    fn two_keys_take_all_combinations() {
        check(&["a.x=1,2", "a.y=3,4"], &["a.x=1, a.y=3", "a.x=1, a.y=4", "a.x=2, a.y=3", "a.x=2, a.y=4"]);
    }

    #[test]
    fn commas_inside_of_brackets_or_quotes_do_not_cut() {
        check(
            &["m.hidden=[8,8],[16]", "t.name=\"a,b\""],
            &["m.hidden=[8,8], t.name=\"a,b\"", "m.hidden=[16], t.name=\"a,b\""],
        );
    }

    #[test]
    fn a_case_is_taken_as_it_is() {
        let cases = ["", "m.a=1", " m.b=[1, 2]  m.c=\"x y\" "].map(str::to_owned);
        let settings = settings(&[], &cases).unwrap();
        let told: Vec<String> = settings.iter().map(Setting::to_string).collect();
        assert_eq!(told, ["the recipe as it is", "m.a=1", "m.b=[1, 2], m.c=\"x y\""]);
        assert_eq!(settings[0].folder(), "as-it-is");
        let error = super::settings(&[], &["m.a".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("`m.a` in `--case` is no key with a value"), "{error}");
    }

    #[test]
    fn a_missing_value_and_a_key_given_twice_are_refused() {
        refused(&["train.lr"], "has no values");
        refused(&["train.lr=0.1,"], "has an empty value");
        refused(&["train.lr=0.1", "train.lr=0.2"], "names `train.lr` twice");
    }

    #[test]
    fn a_folder_has_a_plain_name() {
        let setting = &settings(&["train.clip={ norm = 1.0 }".into(), "train.lr=3e-4".into()], &[]).unwrap()[0];
        assert_eq!(setting.folder(), "clip-norm-1.0_lr-3e-4");
    }
}
