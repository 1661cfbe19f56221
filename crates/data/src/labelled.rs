//! Files of sentences with their labels, by the ending of their name. Knows not what labels mean.

use std::path::Path;

use serde::Deserialize;

use crate::{DataError, Utterance};

/// The sentences of a file, in train, validation and test; those of a file without parts are all in the first.
pub(crate) fn read(path: &Path, text: &str) -> Result<[Vec<Utterance>; 3], DataError> {
    let whole = |utterances| [utterances, Vec::new(), Vec::new()];
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    match ending.as_str() {
        "json" => json(path, text),
        "csv" => csv(path, text).map(whole),
        _ => lines(&path.display().to_string(), text).map(whole),
    }
}

/// A sentence a line, with its intent behind a TAB, and the tags of its words behind a second one.
pub(crate) fn lines(name: &str, text: &str) -> Result<Vec<Utterance>, DataError> {
    let utterance = |(number, line): (usize, &str)| {
        let wrong =
            |what: &str| DataError::Utterance { name: name.to_owned(), line: number + 1, what: what.to_owned() };
        let mut cells = line.split('\t').map(str::trim);
        let sentence = cells.next().unwrap_or_default();
        let intent = cells.next().filter(|intent| !intent.is_empty());
        Ok(Utterance {
            text: sentence.to_owned(),
            intent: intent
                .ok_or_else(|| wrong("has no intent; write a TAB and the intent behind the sentence"))?
                .to_owned(),
            tags: cells.next().unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            line: number + 1,
        })
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(utterance).collect()
}

/// Two columns under a header: the sentence and its intent. A sentence may have line breaks.
fn csv(path: &Path, text: &str) -> Result<Vec<Utterance>, DataError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let broken = |error: csv::Error| DataError::Csv { path: path.into(), what: error.to_string() };
    let header = reader.headers().map_err(broken)?.clone();
    if header.len() < 2 {
        let what = "it has one column, and two are needed: the sentence and its intent".to_owned();
        let columns = crate::error::listed(header.iter());
        return Err(DataError::Columns { path: path.into(), what, columns });
    }
    reader
        .records()
        .map(|record| {
            let record = record.map_err(broken)?;
            let cell = |column: usize| record.get(column).unwrap_or_default().to_owned();
            let line = record.position().map_or(0, csv::Position::line);
            if cell(1).is_empty() {
                let (column, what) = (header[1].to_owned(), "the intent is missing".to_owned());
                return Err(DataError::Cell { path: path.into(), line, column, what });
            }
            Ok(Utterance { text: cell(0), intent: cell(1), tags: Vec::new(), line: line as usize })
        })
        .collect()
}

/// An object of lists of `[sentence, intent]`; how a list is called says to which part it belongs.
fn json(path: &Path, text: &str) -> Result<[Vec<Utterance>; 3], DataError> {
    type Lists = std::collections::BTreeMap<String, Vec<Pair>>;
    #[derive(Deserialize)]
    struct Pair(String, String);
    const RULE: &str =
        "it should be an object of lists of `[sentence, intent]`, with names that end in `train`, `val` or `test`";
    let broken = |what: String| DataError::Json { path: path.into(), what };
    let lists: Lists = serde_json::from_str(text).map_err(|error| broken(format!("{error}; {RULE}")))?;
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    // What is in scope comes first: names without a prefix.
    let mut names: Vec<&String> = lists.keys().collect();
    names.sort_by_key(|name| (name.contains('_'), name.as_str()));
    for name in names {
        let part = [&["train"][..], &["val", "valid", "validation"], &["test"]]
            .iter()
            .position(|endings| endings.iter().any(|ending| name.rsplit('_').next() == Some(ending)))
            .ok_or_else(|| broken(format!("`{name}` belongs to no part; {RULE}")))?;
        parts[part].extend(lists[name].iter().enumerate().map(|(number, Pair(text, intent))| Utterance {
            text: text.trim().to_owned(),
            intent: intent.clone(),
            tags: Vec::new(),
            line: number + 1,
        }));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(utterances: &[Utterance]) -> Vec<String> {
        let one = |u: &Utterance| [&u.text[..], &u.intent, &u.tags.join(" ")].join("|");
        utterances.iter().map(one).collect()
    }

    #[test]
    fn a_line_has_a_sentence_an_intent_and_tags() {
        let read = lines("x", "fly to rome\tflight\tO O B-city\n\n hi \tgreeting\r\n").unwrap();
        assert_eq!(told(&read), ["fly to rome|flight|O O B-city", "hi|greeting|"]);
        let error = lines("x.tsv", "hi\tgreeting\nwhat\n").unwrap_err().to_string();
        assert!(error.starts_with("`x.tsv`, line 2, has no intent"), "{error}");
    }

    #[test]
    fn a_sentence_of_a_table_may_have_line_breaks() {
        let [all, ..] = read(Path::new("x.CSV"), "text,kind\r\n\"a,\nb\",one\r\nc,two\r\n").unwrap();
        assert_eq!(told(&all), ["a,\nb|one|", "c|two|"]);
        let error = read(Path::new("x.csv"), "text,kind\na,\n").unwrap_err().to_string();
        assert!(error.contains("line 2, column `kind`: the intent is missing"), "{error}");
    }

    #[test]
    fn lists_belong_to_the_part_that_their_name_ends_in() {
        let text = r#"{"oos_train": [["x", "oos"]], "train": [["a", "one"]], "val": [["b", "two"]], "oos_test": [["y", "oos"]]}"#;
        let [train, validation, test] = read(Path::new("x.json"), text).unwrap();
        assert_eq!(
            (told(&train), told(&validation), told(&test)),
            (vec!["a|one|".into(), "x|oos|".into()], vec!["b|two|".into()], vec!["y|oos|".into()])
        );
        let error = read(Path::new("x.json"), r#"{"more": []}"#).unwrap_err().to_string();
        assert!(error.contains("`more` belongs to no part"), "{error}");
        assert!(read(Path::new("x.json"), "[1]").unwrap_err().to_string().contains("lists of `[sentence, intent]`"));
    }
}
