//! JSON: an object a line, one array of objects, one object of lists (Keras's `history`), or Hugging Face's
//! `trainer_state.json`. Python writes NaN and Infinity as bare words, which JSON does not know: they are understood.

use super::table::{Row, Table};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A line, counted from 1, and what is wrong with it.
pub(super) type Bad = (usize, String);

/// Reads all objects. A last line that breaks off is none.
pub(super) fn table(text: &str) -> Result<Table, Bad> {
    let text = &with_words_in_quotes(text);
    let mut table = Table::default();
    let first = text.lines().find(|line| !line.trim().is_empty());
    let is_of_lines = first.is_some_and(|line| serde_json::from_str::<Map<String, Value>>(line).is_ok());
    if !is_of_lines {
        let whole: Value = serde_json::from_str(text).map_err(|error| (error.line(), error.to_string()))?;
        add(&mut table, &whole);
        return Ok(table);
    }
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(object) => add(&mut table, &object),
            Err(_) if !text.ends_with('\n') && text.lines().nth(index + 1).is_none() => {}
            Err(error) => return Err((index + 1, error.to_string())),
        }
    }
    Ok(table)
}

/// Whether a text begins as JSON does, and as no sentence would.
pub(super) fn is_json(text: &str) -> bool {
    let mut signs = text.chars().filter(|sign| !sign.is_whitespace());
    matches!((signs.next(), signs.next()), (Some('{'), Some('"')) | (Some('['), Some('{')))
}

fn add(table: &mut Table, value: &Value) {
    match value {
        Value::Array(objects) => {
            objects.iter().filter(|object| object.is_object()).for_each(|object| add(table, object))
        }
        Value::Object(object) => match object.get("log_history") {
            Some(history) => add(table, history),
            None if object.values().any(Value::is_array) => add_lists(table, object),
            None => add_object(table, object),
        },
        _ => {}
    }
}

fn add_object(table: &mut Table, object: &Map<String, Value>) {
    let mut row = Row::new();
    flatten(table, "", object, &mut row);
    table.push(row);
}

/// An object of lists: the first numbers of all of them are one row, the second ones the next.
fn add_lists(table: &mut Table, object: &Map<String, Value>) {
    let named = object.iter().filter_map(|(name, list)| Some((table.column(name)?, list.as_array()?)));
    let lists: Vec<(usize, &Vec<Value>)> = named.collect();
    if !lists.iter().any(|(column, _)| table.is_loss(*column)) {
        return add_object(table, object);
    }
    for index in 0..lists.iter().map(|(_, list)| list.len()).max().unwrap_or(0) {
        let told = lists.iter().filter_map(|(column, list)| Some((*column, number(list.get(index)?)?)));
        table.push(told.collect());
    }
}

/// Numbers of nested objects stand under the names of all around them: `train/loss`.
fn flatten(table: &mut Table, above: &str, object: &Map<String, Value>, row: &mut Row) {
    // A longer name means nothing to us, and many of them inside each other would fill the memory.
    const LONGEST: usize = 120;
    for (key, value) in object {
        if above.len() + key.len() >= LONGEST {
            continue;
        }
        let name = if above.is_empty() { key.clone() } else { format!("{above}/{key}") };
        match value {
            Value::Object(inner) => flatten(table, &name, inner, row),
            other => row.extend(number(other).and_then(|number| Some((table.column(&name)?, number)))),
        }
    }
}

/// A number, or a text that is one. A `null` is what some programs write where there is nothing.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// `NaN`, `Infinity` and `-Infinity` outside of strings, as strings.
fn with_words_in_quotes(text: &str) -> Cow<'_, str> {
    const WORDS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    if !WORDS.iter().any(|word| text.contains(word)) {
        return Cow::Borrowed(text);
    }
    let mut quoted = String::with_capacity(text.len());
    let (mut rest, mut inside) = (text, false);
    while let Some(sign) = rest.chars().next() {
        let word = WORDS.into_iter().find(|word| !inside && rest.starts_with(word));
        let taken = match (word, sign) {
            (Some(word), _) => {
                quoted.extend(["\"", word, "\""]);
                rest = &rest[word.len()..];
                continue;
            }
            // Whatever is escaped does not end the string; a broken line does.
            (None, '\\') if inside => sign.len_utf8() + rest[1..].chars().next().map_or(0, char::len_utf8),
            (None, '"') => {
                inside = !inside;
                1
            }
            (None, '\n') => {
                inside = false;
                1
            }
            (None, other) => other.len_utf8(),
        };
        quoted.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    Cow::Owned(quoted)
}

#[cfg(test)]
mod tests {
    use super::{is_json, table, with_words_in_quotes};
    use crate::foreign::testing::{steps, told};

    fn check(text: &str, expected: &str) {
        assert_eq!(told(&table(text).unwrap().records()), expected);
    }

    #[test]
    fn each_line_is_a_row() {
        let lines = "{\"step\": 1, \"loss\": 2.5, \"lr\": 0.1}\n\n{\"step\": 2, \"loss\": 2, \"val_loss\": 2.25}\n";
        check(lines, "1: 2.5 at 0.1; 2: 2; 2 validation: 2.25");
    }

    #[test]
    fn nested_names_are_joined() {
        check("{\"_step\": 4, \"train\": {\"loss\": \"2.5\", \"grad_norm\": 1}}\n", "4: 2.5 norm 1");
        check("{\"iter\": 4, \"val\": {\"metrics\": {\"loss\": 2.5}}}", "4 validation: 2.5");
    }

    #[test]
    fn what_python_says_of_a_failed_run_is_understood() {
        let records = table("{\"loss\": NaN, \"NaN \\\" NaN\": 1}\n{\"loss\": -Infinity}\n").unwrap().records();
        let losses = steps(&records);
        assert!(losses[0].1.is_nan() && losses[1].1 == f64::NEG_INFINITY, "{losses:?}");
        assert_eq!(with_words_in_quotes("{\"a\\\\\": NaN}"), "{\"a\\\\\": \"NaN\"}");
    }

    /// The last object is the summary of the run, whose `train_loss` is a mean.
    #[test]
    fn the_state_of_hugging_faces_trainer_is_its_history() {
        let state = "{\n \"best_metric\": null, \"epoch\": 2.0,\n \"log_history\": [\n\
            {\"epoch\": 0.5, \"grad_norm\": 1.5, \"learning_rate\": 5e-05, \"loss\": 3.5, \"step\": 10},\n\
            {\"epoch\": 1.0, \"loss\": 3.0, \"step\": 20},\n\
            {\"epoch\": 1.0, \"eval_loss\": 3.25, \"eval_runtime\": 2.0, \"step\": 20},\n\
            {\"epoch\": 2.0, \"step\": 40, \"train_loss\": 3.1, \"train_runtime\": 9.0}\n ]\n}\n";
        check(state, "10: 3.5 at 0.00005 norm 1.5; 20: 3; 20 validation: 3.25");
    }

    #[test]
    fn one_array_and_one_object_of_lists_are_rows_too() {
        check("[{\"epoch\": 1, \"loss\": 2}, {\"epoch\": 2, \"loss\": 1}]", "1: 2; 2: 1");
        check("{\"step\": 3, \"loss\": 2, \"lr\": [0.1], \"betas\": [0.9, 0.999]}", "3: 2");
        check("{\"loss\": [2, 1], \"val_loss\": [2.5, 1.5]}", "1: 2; 1 validation: 2.5; 2: 1; 2 validation: 1.5");
    }

    #[test]
    fn a_torn_last_line_is_no_line_and_a_torn_one_before_it_is_named() {
        check("{\"loss\": 2}\n{\"lo", "1: 2");
        assert_eq!(table("{\"loss\": 2}\n{\"lo\n{\"loss\": 1}\n").err().unwrap().0, 2);
    }

    #[test]
    fn a_sentence_in_brackets_is_no_json() {
        assert!(is_json(" {\n \"loss\": 1}") && is_json("[{}]"));
        assert!(!is_json("[120] loss 2") && !is_json("{'loss': 2.5}") && !is_json(""));
    }
}
