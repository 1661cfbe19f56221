//! The steps of a journey, in order, as text and as an object. Knows no model: it asks the sites.

use super::picture::{bar, blocks, number, numbers, one_hot};
use super::{Answer, Tokens};
use crate::progress::rounded;
use crate::terminal::strong;
use rushlight_engine::{Grads, Tensor, no_grad};
use rushlight_models::Input;
use rushlight_nn::{Context, Param, Role, SiteKind};
use rushlight_train::{Prepared, Session, Targets, Watch};
use serde_json::{Value, json};

/// Rows of a matrix that are drawn: the last ones, which the answer comes from.
const ROWS: usize = 4;
const LIKELIEST: usize = 5;
const BAR: usize = 30;

/// One step: its name, the shape of what is there, what it means, and how it looks.
struct Step {
    name: String,
    shape: Vec<usize>,
    says: String,
    lines: Vec<String>,
    values: Value,
}

impl Step {
    fn new(name: impl Into<String>, shape: &[usize], says: impl Into<String>) -> Self {
        Self { name: name.into(), shape: shape.to_vec(), says: says.into(), lines: Vec::new(), values: Value::Null }
    }

    fn text(&self, number: usize) -> String {
        let shape = if self.shape.is_empty() { String::new() } else { format!("  {:?}", self.shape) };
        let lines = self.lines.iter().map(|line| format!("      {}\n", line.trim_end())).collect::<String>();
        format!("{number:>3}  {}{shape}  {}\n{lines}\n", strong(&self.name), self.says)
    }

    fn object(&self) -> Value {
        json!({"name": self.name, "shape": self.shape, "says": self.says, "values": self.values})
    }
}

/// Whether there is a loss to go back from.
pub(super) fn is_finite(session: &Session, batch: &Prepared) -> bool {
    let output = no_grad(|| answers(session, &mut Context::evaluate(), batch));
    batch.targets.loss_sum(&output, 0.0).item().is_finite()
}

/// Goes forward and back, and tells it.
pub(super) fn tell(session: &Session, batch: &Prepared, tokens: Option<&Tokens>, title: &str) -> Answer {
    let mut watch = Watch::default();
    let mut cx = Context::evaluate().watched(&mut watch);
    let output = answers(session, &mut cx, batch);
    drop(cx);
    let loss = batch.targets.loss_sum(&output, 0.0);
    let grads = loss.backward();
    let loss = f64::from(loss.item());

    let mut steps = match tokens {
        Some(tokens) => reading(session, tokens),
        None => numbers_read(batch),
    };
    // A site that holds just the rows of the table tells nothing new.
    let rows = tokens.and_then(|tokens| Some(picked(table_of(session)?, tokens)));
    let is_new = |tensor: &Tensor| {
        rows.as_ref().is_none_or(|rows| rows.width() != tensor.width() || rows.data() != tensor.data())
    };
    steps.extend(
        watch
            .sites()
            .filter(|(_, kind, tensor)| *kind != SiteKind::Inner || is_new(tensor))
            .map(|(site, kind, tensor)| at_site(site, kind, tensor, tokens)),
    );
    steps.push(answered(session, batch, &output));
    steps.push(lost(session, &batch.targets, &output, loss));
    // What only counts has nothing to go back to.
    if session.model.params().trainable().next().is_some() {
        steps.push(back_through_sites(&watch, &grads));
        steps.push(back_to_weights(session, &grads));
        steps.push(updated(session, batch, &grads, loss));
    }

    let legend = "A block is a number: ▁ far below 0, ▅ about 0, █ far above, against the largest of its step.";
    let head =
        format!("{}\n{} parameters. {legend}\n\n", strong(title), rounded(session.model.params().count() as f64));
    let text = steps.iter().enumerate().map(|(index, step)| step.text(index + 1)).collect::<String>();
    let json = json!({
        "title": title, "model": session.entry.name, "parameters": session.model.params().count(), "loss": loss,
        "steps": steps.iter().map(Step::object).collect::<Vec<_>>(),
    });
    Answer::new(head + text.trim_end() + "\n", json)
}

/// Characters, ids, one-hot rows, rows of the table.
fn reading(session: &Session, tokens: &Tokens) -> Vec<Step> {
    let (count, vocabulary) = (tokens.inputs.len(), vocabulary_read(session));
    let target =
        session.tokenizer().map_or_else(|_| tokens.target.to_string(), |tokenizer| tokenizer.token(tokens.target));
    let left_out = match tokens.left_out {
        0 => String::new(),
        more => format!("; {more} before them are out of the model's sight"),
    };
    let mut read =
        Step::new("tokens", &[count], format!("what is read, and after the arrow what should be answered{left_out}"));
    read.lines.push(format!("{}  →  {target}", tokens.names.join("  ")));
    read.values = json!({"read": tokens.names, "answer": target});

    let mut ids = Step::new("ids", &[count], format!("the place of each among the {vocabulary} tokens"));
    ids.lines.push(format!(
        "{}  →  {}",
        tokens.inputs.iter().map(u32::to_string).collect::<Vec<_>>().join("  "),
        tokens.target
    ));
    ids.values = json!({"read": tokens.inputs, "answer": tokens.target});

    let mut rows = Step::new("one-hot rows", &[count, vocabulary], "zeros, and a 1 in the place of the id");
    let width = label_width(&tokens.names);
    rows.lines = lines_of(count, |row| {
        format!("{:<width$}  {}", tokens.names[row], one_hot(tokens.inputs[row] as usize, vocabulary))
    });
    let mut steps = vec![read, ids, rows];
    steps.extend(table_of(session).map(|table| looked_up(table, tokens)));
    steps
}

/// How many tokens there are to read: those of what is translated, where something is.
fn vocabulary_read(session: &Session) -> usize {
    if session.sizes.source > 0 { session.sizes.source } else { session.sizes.vocabulary }
}

/// The first weight with a row for each token.
fn table_of(session: &Session) -> Option<&Param> {
    let is_table = |param: &&Param| {
        param.role() == Role::Weight && param.shape().len() == 2 && param.shape()[0] == vocabulary_read(session)
    };
    session.model.params().iter().find(is_table)
}

fn picked(table: &Param, tokens: &Tokens) -> Tensor {
    let rows: Vec<usize> = tokens.inputs.iter().map(|&id| id as usize).collect();
    table.value().detach().select(&rows)
}

fn looked_up(table: &Param, tokens: &Tokens) -> Step {
    let picked = picked(table, tokens);
    let says = format!("a one-hot row times the table {:?} is one row of it", table.shape());
    drawn(Step::new(format!("rows of {}", table.name()), picked.shape(), says), &picked, &tokens.names)
}

fn numbers_read(batch: &Prepared) -> Vec<Step> {
    let Input::Rows(rows) = &batch.input else { return Vec::new() };
    vec![drawn(Step::new("features", rows.shape(), "the row of numbers that is read"), rows, &[])]
}

/// What stands at a site.
fn at_site(site: &str, kind: SiteKind, tensor: &Tensor, tokens: Option<&Tokens>) -> Step {
    let names = tokens.map_or(&[][..], |tokens| &tokens.names);
    let rows = tensor.count() / tensor.width().max(1);
    let says = match kind {
        SiteKind::PreActivation => "weighted sums, before the nonlinearity",
        SiteKind::Activation => "after the nonlinearity",
        SiteKind::Squashed => "after tanh: between −1 and 1",
        SiteKind::Gate => "gates of the last row, a letter each: how much is let through",
        SiteKind::State => "the state after each token",
        SiteKind::Logits if tokens.is_some() => "a score for each token, of any size",
        SiteKind::Logits => "the outputs",
        SiteKind::Inner if rows == 1 && names.len() > 1 && tensor.width().is_multiple_of(names.len()) => {
            "the rows side by side: one long vector"
        }
        SiteKind::Attention => "how much each place looks at each",
        SiteKind::Inner => "what is passed on",
    };
    let step = Step::new(site, tensor.shape(), says);
    match site.rsplit_once('.').filter(|_| kind == SiteKind::Gate) {
        Some((_, letters)) if tensor.width().is_multiple_of(letters.len()) => gates(step, tensor, letters),
        _ => drawn(step, tensor, if rows == names.len() { names } else { &[] }),
    }
}

/// The gates of the last row, one below the other.
fn gates(mut step: Step, tensor: &Tensor, letters: &str) -> Step {
    let width = tensor.width() / letters.len();
    let last = &tensor.data()[tensor.count() - tensor.width()..];
    let most = largest(last);
    step.lines = letters
        .chars()
        .zip(last.chunks_exact(width))
        .map(|(letter, values)| line(&letter.to_string(), 1, values, most))
        .collect();
    step.values = json!(first_of(last));
    step
}

/// The last rows of a matrix with their labels.
fn drawn(mut step: Step, tensor: &Tensor, names: &[String]) -> Step {
    let (data, width) = (tensor.data(), tensor.width().max(1));
    let rows: Vec<&[f32]> = data.chunks_exact(width).collect();
    let label = |row: usize| names.get(row).cloned().unwrap_or_default();
    let (labels, most) = (label_width(names), largest(data));
    step.lines = lines_of(rows.len(), |row| line(&label(row), labels, rows[row], most));
    step.values = json!(rows.last().map(|row| first_of(row)));
    step
}

fn line(label: &str, width: usize, values: &[f32], most: f32) -> String {
    let gap = if width == 0 { "" } else { "  " };
    format!("{label:<width$}{gap}{}  {}", blocks(values, most), numbers(values))
}

/// The last few of `count` lines, with a sign where some were left out.
fn lines_of(count: usize, line: impl Fn(usize) -> String) -> Vec<String> {
    let first = count.saturating_sub(ROWS);
    let left_out = (first > 0).then(|| format!("... {first} more above"));
    left_out.into_iter().chain((first..count).map(line)).collect()
}

fn label_width(names: &[String]) -> usize {
    names.iter().map(|name| name.chars().count()).max().unwrap_or(0)
}

fn largest(values: &[f32]) -> f32 {
    values.iter().copied().filter(|value| value.is_finite()).fold(0.0, |most, value| most.max(value.abs()))
}

/// Enough numbers for an object; the shape says how many there are.
fn first_of(values: &[f32]) -> &[f32] {
    const MOST: usize = 64;
    &values[..values.len().min(MOST)]
}

/// What the model answers; of a sentence what it wants, for its journey ends there.
fn answers(session: &Session, cx: &mut Context, batch: &Prepared) -> Tensor {
    let output = session.model.forward(cx, &batch.input);
    if session.labels().is_some() { output.narrow(1, 0, session.sizes.vocabulary) } else { output }
}

/// The last row of the output: what is answered after all that was read.
fn last_row(output: &Tensor) -> &[f32] {
    &output.data()[output.count() - output.width()..]
}

fn target_of(targets: &Targets) -> Option<usize> {
    match targets {
        Targets::Classes(ids) => ids.data().last().map(|&id| id as usize),
        Targets::Labels(_) | Targets::Values(_) => None,
    }
}

/// Softmax of the last logits, in f64.
fn probabilities(output: &Tensor) -> Vec<f64> {
    let logits: Vec<f64> = last_row(output).iter().map(|&logit| f64::from(logit)).collect();
    let high = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|logit| (logit - high).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn name_of(session: &Session, class: usize) -> String {
    if let Some(labels) = session.labels() {
        return labels.intents[class].clone();
    }
    session.tokenizer().map_or_else(|_| format!("class {class}"), |tokenizer| tokenizer.token(class as u32))
}

/// The probabilities, or the numbers beside those that should be.
fn answered(session: &Session, batch: &Prepared, output: &Tensor) -> Step {
    let Some(target) = target_of(&batch.targets) else {
        return beside(batch, output);
    };
    let shares = probabilities(output);
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|&a, &b| shares[b].total_cmp(&shares[a]).then(a.cmp(&b)));
    let place = order.iter().position(|&class| class == target).unwrap_or(0);
    let mut shown: Vec<usize> = order.iter().copied().take(LIKELIEST).collect();
    if place >= LIKELIEST {
        shown.push(target);
    }
    let mut step = Step::new("probabilities", &[shares.len()], "softmax: all above 0, together 1; the likeliest");
    let names: Vec<String> = shown.iter().map(|&class| name_of(session, class)).collect();
    let (width, high) = (label_width(&names), shares[order[0]]);
    let mark = |class: usize| {
        if class == target { format!("  ← the true one, in place {}", place + 1) } else { String::new() }
    };
    step.lines = shown
        .iter()
        .zip(&names)
        .map(|(&class, name)| {
            format!("{name:<width$}  {:.4}  {}{}", shares[class], bar(shares[class] / high, BAR), mark(class))
        })
        .collect();
    let likeliest: Vec<Value> = shown
        .iter()
        .zip(&names)
        .map(|(&class, name)| json!({"token": name, "id": class, "probability": shares[class]}))
        .collect();
    step.values = json!({"likeliest": likeliest, "place_of_true": place + 1, "probability_of_true": shares[target]});
    step
}

fn beside(batch: &Prepared, output: &Tensor) -> Step {
    let mut step = Step::new("answer", &[output.width()], "each output beside what it should be");
    if let Targets::Values(values) = &batch.targets {
        step.lines = last_row(output)
            .iter()
            .zip(values.data())
            .map(|(is, should)| format!("{} for {}", number(*is), number(*should)))
            .collect();
        step.values = json!({"is": last_row(output), "should_be": values.data()});
    }
    step
}

fn lost(session: &Session, targets: &Targets, output: &Tensor, loss: f64) -> Step {
    let (says, line) = match target_of(targets) {
        Some(target) => {
            let chance = (output.width() as f64).ln();
            let line = format!(
                "−ln {:.4} = {loss:.4} nats; to guess among {} costs {chance:.4}",
                probabilities(output)[target],
                output.width()
            );
            (format!("minus the logarithm of the probability of `{}`", name_of(session, target)), line)
        }
        None => ("the sum of the squared differences".to_owned(), format!("{loss:.4}")),
    };
    Step { lines: vec![line], values: json!(loss), ..Step::new("loss", &[], says) }
}

fn norm(tensor: &Tensor) -> f64 {
    tensor.data().iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}

/// Names, shapes and norms, the norms as bars too.
fn norms(mut step: Step, found: &[(String, Vec<usize>, f64)]) -> Step {
    let names: Vec<String> = found.iter().map(|(name, shape, _)| format!("{name} {shape:?}")).collect();
    let (width, most) = (label_width(&names), found.iter().map(|(.., norm)| *norm).fold(0.0, f64::max));
    let bar = |norm: f64| if most > 0.0 { bar(norm / most, BAR) } else { String::new() };
    step.lines = names
        .iter()
        .zip(found)
        .map(|(name, (.., norm))| format!("{name:<width$}  {:>8}  {}", number(*norm as f32), bar(*norm)))
        .collect();
    step.values = found.iter().map(|(name, shape, norm)| json!({"name": name, "shape": shape, "norm": norm})).collect();
    step
}

fn back_through_sites(watch: &Watch, grads: &Grads) -> Step {
    let mut found: Vec<(String, Vec<usize>, f64)> = watch
        .sites()
        .filter_map(|(site, _, tensor)| Some((site.to_owned(), tensor.shape().to_vec(), norm(grads.of(tensor)?))))
        .collect();
    found.reverse();
    norms(
        Step::new(
            "back, as gradients",
            &[],
            "how strongly the loss would change with the values at each site: norms, the output first",
        ),
        &found,
    )
}

fn back_to_weights(session: &Session, grads: &Grads) -> Step {
    let gradient =
        |param: &Param| Some((param.name().to_owned(), param.shape().to_vec(), norm(param.gradient(grads)?)));
    let found: Vec<(String, Vec<usize>, f64)> = session.model.params().trainable().filter_map(gradient).collect();
    norms(Step::new("gradients of the weights", &[], "what training would use: norms"), &found)
}

/// One plain step down the gradient, in memory only.
fn updated(session: &Session, batch: &Prepared, grads: &Grads, loss: f64) -> Step {
    let rate = session.recipe.train.lr;
    for param in session.model.params().trainable() {
        if let Some(gradient) = param.gradient(grads) {
            param.update(|values| {
                values.iter_mut().zip(gradient.data()).for_each(|(value, slope)| *value -= rate * slope)
            });
        }
    }
    let after =
        no_grad(|| batch.targets.loss_sum(&session.model.forward(&mut Context::evaluate(), &batch.input), 0.0).item());
    let says = format!("each weight less {} times its gradient, here only and not on the disk", number(rate));
    Step {
        lines: vec![format!("loss of this input: {loss:.4} before, {after:.4} after")],
        values: json!({"before": loss, "after": after}),
        ..Step::new("update", &[], says)
    }
}
