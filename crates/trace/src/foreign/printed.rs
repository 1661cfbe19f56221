//! Printed lines: numbers behind the words that name them, as people print them in a training loop. The shapes it is made
//! for stand in its tests. A line with a loss is a step, whether or not it says which.

use super::names::{self, Counter, Role};
use super::table::{Row, Table};
use std::collections::HashMap;

mod scan;

use scan::{Token, tokens};

/// So many words before a number are looked at.
const WORDS: usize = 6;
/// More than that, together, is a sentence and no name.
const LONGEST: usize = 120;

/// Reads every line; a line that a progress bar has written over is one too.
pub(super) fn table(text: &str) -> Table {
    let mut table = Table::default();
    let mut known = HashMap::new();
    for line in text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()) {
        let (table, known) = (&mut table, &mut known);
        Line { table, known, row: Row::new(), words: Vec::new(), pending: None, part: None }.read(line);
    }
    table
}

/// What a number behind some words is.
#[derive(Clone, Default)]
struct Meaning {
    /// Its name.
    name: Option<String>,
    /// A name before it whose number is still to come: of `loss after epoch 3: 0.5`, the loss.
    pending: Option<String>,
}

/// A line being read.
struct Line<'t, 'l> {
    table: &'t mut Table,
    /// Words that were met before: most lines of a log are alike.
    known: &'t mut HashMap<String, Meaning>,
    row: Row,
    /// The words since the last number.
    words: Vec<&'l str>,
    pending: Option<String>,
    /// The part of the data that the line speaks of: of `Test set: average loss 0.5`, the test part.
    part: Option<&'static str>,
}

impl<'l> Line<'_, 'l> {
    fn read(mut self, line: &'l str) {
        let tokens: Vec<Token> = tokens(line).collect();
        self.read_shape(&tokens);
        // Whether a colon or an equals sign says that a number is to come.
        let mut is_awaited = false;
        for token in tokens {
            match token {
                Token::Word(word) => {
                    self.part = names::part(word).or(self.part);
                    self.words.push(word);
                }
                Token::Number(number) => {
                    let words = std::mem::take(&mut self.words);
                    if !words.is_empty() {
                        self.behind(&words, number);
                    } else if let Some(name) = self.pending.take_if(|_| is_awaited) {
                        self.put(&name, number);
                    }
                    is_awaited = false;
                }
                Token::Sign(',' | ';' | '|') => self.words.clear(),
                Token::Sign(':' | '=') => is_awaited = true,
                Token::Sign(_) => {}
            }
        }
        self.table.push(self.row);
    }

    /// What a line says by its shape alone: `[120] ...` a step; `120/ 1000: 2.5` a step and a loss.
    fn read_shape(&mut self, tokens: &[Token]) {
        let counts_steps = |token: &Token| matches!(token, Token::Word(word) if matches!(names::role(word), Some(Role::Counter(kind)) if kind < Counter::Batch));
        match tokens {
            [Token::Number(step), Token::Sign('/'), Token::Number(_), Token::Sign(':'), Token::Number(loss)] => {
                self.put("step", *step);
                self.put("loss", *loss);
            }
            [Token::Sign('['), Token::Number(step), Token::Sign(']' | '/'), rest @ ..]
                if !rest.iter().any(counts_steps) =>
            {
                self.put("step", *step);
            }
            _ => {}
        }
    }

    fn behind(&mut self, words: &[&str], number: f64) {
        let words = &words[words.len().saturating_sub(WORDS)..];
        let said = words.join(" ");
        if said.len() > LONGEST {
            return;
        }
        let Meaning { name, pending } = self.known.entry(said.clone()).or_insert_with(|| meaning(words)).clone();
        self.pending = pending;
        match name {
            Some(name) => self.put(&name, number),
            // Only to say afterwards which words there were.
            None => drop(self.table.column(&said)),
        }
    }

    /// Puts a number under its name. A loss that the row has already begins another row.
    fn put(&mut self, name: &str, number: f64) {
        let name = match (names::role(name), self.part) {
            (Some(Role::Loss), Some(part)) if names::part_within(name).is_none() => {
                names::bare(&format!("{part} {name}"))
            }
            (Some(Role::Loss | Role::Judged(_)), _) => names::bare(name),
            _ => name.to_lowercase(),
        };
        let Some(column) = self.table.column(&name) else { return };
        let is_known = self.row.iter().any(|(known, _)| *known == column);
        if is_known && self.table.is_loss(column) {
            self.table.push(std::mem::take(&mut self.row));
        }
        if !is_known || self.table.is_loss(column) {
            self.row.push((column, number));
        }
    }
}

/// What a number behind these words is: the longest run of words just before it that is a name we know.
fn meaning(words: &[&str]) -> Meaning {
    let until = |end: usize, is_it: &dyn Fn(Role) -> bool| {
        let runs = (0..end).map(|begin| (begin, words[begin..end].join(" ")));
        runs.into_iter().find(|(_, name)| names::role(name).is_some_and(is_it))
    };
    if names::is_picked(&words.join(" ")) {
        return Meaning::default();
    }
    let is_counter = |role: Role| matches!(role, Role::Counter(_));
    let counter = until(words.len(), &is_counter).filter(|(begin, _)| *begin == 0 || words[begin - 1] != "per");
    match counter {
        Some((begin, name)) => {
            let pending = until(begin, &|role| !is_counter(role)).map(|(_, name)| name);
            Meaning { name: Some(name), pending }
        }
        None => Meaning { name: until(words.len(), &|role| !is_counter(role)).map(|(_, name)| name), pending: None },
    }
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::foreign::testing::{steps, told};
    use crate::{LossUnit, Record};

    fn check(text: &str, expected: &str) {
        assert_eq!(told(&table(text).records()), expected, "{text}");
    }

    #[test]
    fn numbers_stand_behind_their_words() {
        check("epoch 3 step 120 loss 2.345 lr 1e-3\n", "120: 2.345 at 0.001");
        check("[120] train_loss=2.31 val_loss=2.40\n", "120: 2.31; 120 validation: 2.4");
        check("Epoch 7: Train Loss: 0.5 | Val Loss: 0.75 | Learning Rate 5e-4", "7: 0.5 at 0.0005; 7 validation: 0.75");
        check(
            "2024-01-02 12:30:01 | INFO | update 4 | loss 2.5 | ppl 12.2 | gnorm 0.25 | lr 0.5",
            "4: 2.5 at 0.5 norm 0.25",
        );
    }

    #[test]
    fn epochs_are_steps_where_nothing_finer_is() {
        check("Epoch [1/10], Loss: 0.0794\nEpoch [2/10], Loss: 0.0601\n", "1: 0.0794; 2: 0.0601");
    }

    #[test]
    fn steps_that_begin_again_are_counted_from_one() {
        let lines =
            "Epoch [1/2], Step [1/2], Loss: 4\nEpoch [1/2], Step [2/2], Loss: 3\nEpoch [2/2], Step [1/2], Loss: 2\n";
        check(lines, "1: 4; 2: 3; 3: 2");
    }

    /// The notebook prints one stale loss twice before its own lines fall.
    #[test]
    fn a_loss_before_and_after_a_step_is_two_steps() {
        let lines = "Loss before backpropagation: 0.0794\nLoss after backpropagation: 0.0794\n\
                     Epoch [1/8], Loss: 0.0794\nEpoch [2/8], Loss: 0.0601\nSUCCESS\n";
        check(lines, "1: 0.0794; 2: 0.0794; 3: 0.0794; 4: 0.0601");
    }

    #[test]
    fn a_loss_belongs_to_the_part_that_its_line_speaks_of() {
        let mnist = "Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.300039\nTrain Epoch: 1 [640/60000 (1%)]\tLoss: 1.25\n\n\
                     Test set: Average loss: 0.5, Accuracy: 9834/10000 (98%)\n";
        check(mnist, "1: 2.300039; 2: 1.25; 2 test: 0.5");
    }

    #[test]
    fn evaluations_may_count_the_same_steps_by_another_word() {
        let nano = "step 0: train loss 4.5, val loss 4.75\niter 0: loss 4.25, time 1234.56ms, mfu -100.00%\n\
                    iter 10: loss 3.5, time 12.5ms, mfu 2.00%\nstep 10: train loss 3.25, val loss 3.75\n";
        check(nano, "0: 4.25; 0 validation: 4.75; 10: 3.5; 10 validation: 3.75");
    }

    #[test]
    fn a_step_over_all_steps_and_a_number_are_a_loss() {
        check("      0/ 200000: 3.2984\n  10000/ 200000: 2.5\n", "0: 3.2984; 10000: 2.5");
        check("step 10 | loss 2.5 | step time 12.30ms\n", "10: 2.5");
    }

    #[test]
    fn a_count_may_stand_between_a_name_and_its_number() {
        check("Loss after epoch 3: 0.5\nLoss after epoch 4/10: 0.25\n", "3: 0.5; 4: 0.25");
        check("average loss per epoch: 0.5\n", "1: 0.5");
    }

    #[test]
    fn words_of_python_and_of_the_terminal_are_no_hindrance() {
        check("{'loss': 2.5, 'learning_rate': 5e-05, 'epoch': 0.5}", "1: 2.5 at 0.00005");
        check("\u{1b}[32mloss\u{1b}[0m: tensor(2.5000, grad_fn=<NllLossBackward0>)", "1: 2.5");
        check("10%|# | loss=2.5\r20%|## | loss=2.25", "1: 2.5; 2: 2.25");
    }

    #[test]
    fn a_loss_that_is_no_number_is_kept() {
        let records = table("step 1 loss nan\nstep 2 loss=-inf\nstep 3 loss: Infinity\n").records();
        let losses = steps(&records);
        assert!(
            losses[0].1.is_nan() && losses[1] == (2, f64::NEG_INFINITY) && losses[2] == (3, f64::INFINITY),
            "{losses:?}"
        );
    }

    #[test]
    fn the_best_and_the_last_are_no_steps() {
        check("loss 2.5\nBest val loss: 2.25\nFinal loss: 2.5\nValidation loss decreased (0.5 --> 0.4)\n", "1: 2.5");
    }

    #[test]
    fn a_squared_error_says_so() {
        let records = table("epoch 1 MSE loss 0.5\n").records();
        assert!(matches!(&records[0], Record::Step(step) if step.unit == LossUnit::SquaredError));
    }
}
