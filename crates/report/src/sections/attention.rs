//! Where a translator looked: for some sentences, the share that each token of the source had in each token written. Of
//! several layers the last is shown large, with its heads; of the others the mean.

use crate::page::{Block, Section};
use crate::plot::map::{Map, Maps};
use crate::plot::{Draw, Figure, HALF};
use crate::runs::Run;
use crate::say;
use crate::table::every_so_often;
use rushlight_trace::AttentionMap;

/// More sentences say nothing new.
const MOST_SENTENCES: usize = 3;
/// So many small maps can be compared.
const MOST_LAYERS: usize = 6;
const MOST_HEADS: usize = 12;
/// The tokens of a side; a longer sentence is cut.
const MOST_TOKENS: usize = 60;

/// The maps of one sentence, a layer each, from first to last.
type Layers<'a> = Vec<&'a AttentionMap>;

/// One record as a picture of its own: the mean of its heads, and each of them where there are several.
pub fn attention_svg(map: &AttentionMap) -> String {
    let heads = if map.heads.len() > 1 { heads(map) } else { Vec::new() };
    let maps = Maps { large: Some(mean(map)), small: heads, ..unnamed(map, usize::MAX) };
    let title = format!("Where it looked, {}", map.site);
    Figure::half("attention", title, maps).standalone()
}

pub(crate) fn section(run: &Run) -> Option<Section> {
    let sentences = sentences(run);
    let first = sentences.first()?;
    let last_layer = first.last()?;
    let mut figures = vec![sentence(1, last_layer)];
    let has_layers = first.len() > 1;
    if has_layers {
        figures.push(layers(first));
    }
    if last_layer.heads.len() > 1 {
        figures.push(all_heads(last_layer, has_layers));
    }
    let others = sentences.iter().enumerate().skip(1);
    figures.extend(others.filter_map(|(index, layers)| Some(sentence(index + 1, layers.last()?))));
    let section = Section::new("Where it looked")
        .say(
            "Each row is a token that the model wrote, each column a token of the source; the stronger the colour, the \
             larger the share of its attention while that token was chosen. A diagonal is a translation word for word. \
             Look for where it bends: there the two languages put their words in another order.",
        )
        .fact(focus(&sentences))
        .fact(surest(&sentences))
        .with(Block::Figures(figures));
    Some(section)
}

/// The last maps of each sentence: where a run was measured twice, the later ones hold.
fn sentences<'a>(run: &Run<'a>) -> Vec<Layers<'a>> {
    let mut all: Vec<Layers> = Vec::new();
    for map in run.trace.attention_maps().filter(|map| is_whole(map)) {
        match all.iter_mut().find(|layers| layers[0].source == map.source) {
            None => all.push(vec![map]),
            Some(layers) if layers[0].target != map.target => *layers = vec![map],
            Some(layers) => match layers.iter_mut().find(|other| other.site == map.site) {
                Some(same) => *same = map,
                None => layers.push(map),
            },
        }
    }
    all.truncate(MOST_SENTENCES);
    all
}

fn is_whole(map: &AttentionMap) -> bool {
    !map.source.is_empty() && !map.target.is_empty() && !map.heads.is_empty()
}

/// The large map of a sentence, beside another where it is short enough.
fn sentence(number: usize, map: &AttentionMap) -> Figure {
    let maps = Maps { large: Some(mean(map)), ..unnamed(map, MOST_TOKENS) };
    let is_short = maps.draw(HALF).width <= HALF;
    let title = format!("{} sentence.", say::capital(["", "first", "second", "third"][number]));
    let note: Vec<String> = [heads_said(map, number == 1), cut(map)].into_iter().flatten().collect();
    let slug = format!("attention-{number}");
    let figure = if is_short { Figure::half(&slug, title, maps) } else { Figure::wide(&slug, title, maps) };
    figure.with_note(note.join(" "))
}

/// The same sentence in each layer.
fn layers(layers: &[&AttentionMap]) -> Figure {
    let chosen = every_so_often(layers, MOST_LAYERS);
    let small =
        chosen.iter().map(|map| Map { title: layer_name(&map.site).unwrap_or_else(|| map.site.clone()), ..mean(map) });
    let maps = Maps { small: small.collect(), ..unnamed(layers[0], MOST_TOKENS) };
    let left_out = layers.len() - chosen.len();
    let some = if left_out > 0 {
        format!(" {} layers between them are left out.", say::capital(&say::in_words(left_out)))
    } else {
        String::new()
    };
    Figure::half("attention-layers", "Layer by layer.", maps)
        .with_note(format!("The first sentence; in each layer the mean of its heads.{some}"))
}

fn all_heads(map: &AttentionMap, has_layers: bool) -> Figure {
    let mut small = heads(map);
    let left_out = small.len().saturating_sub(MOST_HEADS);
    small.truncate(MOST_HEADS);
    let some = if left_out > 0 {
        format!(" {} more are left out.", say::capital(&say::in_words(left_out)))
    } else {
        String::new()
    };
    let place = if has_layers { "The first sentence; the heads of the last layer." } else { "The first sentence." };
    let maps = Maps { small, ..unnamed(map, MOST_TOKENS) };
    Figure::wide("attention-heads", "Head by head.", maps).with_note(format!("{place}{some}"))
}

/// The names of a record's columns and rows, as yet without a map.
fn unnamed(map: &AttentionMap, most: usize) -> Maps {
    let some = |tokens: &[String]| named(tokens).into_iter().take(most).collect();
    Maps { source: some(&map.source), target: some(&map.target), large: None, small: Vec::new() }
}

/// The tokens as they are read; the mark of the end, such as `</s>`, in words.
fn named(tokens: &[String]) -> Vec<String> {
    let mut names = tokens.to_vec();
    if let Some(last) = names.last_mut().filter(|last| last.starts_with('<') && last.ends_with('>')) {
        "(end)".clone_into(last);
    }
    names
}

fn heads(map: &AttentionMap) -> Vec<Map> {
    let head =
        |(index, shares): (usize, &Vec<Vec<f32>>)| Map { title: format!("head {}", index + 1), shares: shares.clone() };
    map.heads.iter().enumerate().map(head).collect()
}

/// The mean over heads; what a head lacks it has none of.
fn mean(map: &AttentionMap) -> Map {
    let at = |head: &Vec<Vec<f32>>, row: usize, column: usize| head.get(row).and_then(|row| row.get(column)).copied();
    let count = map.heads.len().max(1) as f32;
    let share =
        |row: usize, column: usize| map.heads.iter().filter_map(|head| at(head, row, column)).sum::<f32>() / count;
    let shares = (0..map.target.len()).map(|row| (0..map.source.len()).map(|column| share(row, column)).collect());
    let title = if map.heads.len() > 1 { "mean of all heads".to_owned() } else { String::new() };
    Map { title, shares: shares.collect() }
}

/// `layer 3` of `decoder.2.cross.weights`.
fn layer_name(site: &str) -> Option<String> {
    let index: usize = site.split('.').find_map(|piece| piece.parse().ok())?;
    Some(format!("layer {}", index + 1))
}

/// What a large map is made of; in full where it is the first.
fn heads_said(map: &AttentionMap, in_full: bool) -> Option<String> {
    let place = layer_name(&map.site).filter(|_| in_full).map(|_| format!("the last layer, {}", map.site));
    match (map.heads.len(), place) {
        (1, place) => place.map(|place| format!("{}.", say::capital(&place))),
        (count, Some(place)) => Some(format!("The mean of the {} heads of {place}.", say::in_words(count))),
        (count, None) => Some(format!("The mean of {} heads.", say::in_words(count))),
    }
}

fn cut(map: &AttentionMap) -> Option<String> {
    let most = map.source.len().max(map.target.len());
    (most > MOST_TOKENS).then(|| format!("The first {MOST_TOKENS} tokens of {most}."))
}

/// How much of a token's attention is on the place that has most of it, on average.
fn focus(sentences: &[Layers]) -> String {
    let mut sites: Vec<&str> = Vec::new();
    for map in sentences.iter().flatten() {
        if !sites.contains(&map.site.as_str()) {
            sites.push(&map.site);
        }
    }
    let of_site = |site: &&str| {
        let maps = sentences.iter().flatten().filter(|map| map.site == **site);
        let rows = maps.flat_map(|map| map.heads.iter().flatten());
        let most = rows.map(|row| row.iter().copied().filter(|share| share.is_finite()).fold(0.0, f32::max));
        let most: Vec<f64> = most.map(f64::from).collect();
        most.iter().sum::<f64>() / most.len().max(1) as f64
    };
    let shares: Vec<String> = sites.iter().map(of_site).map(say::percent).collect();
    match shares.as_slice() {
        [] => String::new(),
        [only] => {
            format!("The place that it looks at most has {only} of its attention, on average over all tokens written.")
        }
        several => format!(
            "The place that a head looks at most has, on average and from the first layer to the last, {} of its attention.",
            say::list(several)
        ),
    }
}

/// The pair of tokens with the largest share; the ends of sentences are no words.
fn surest(sentences: &[Layers]) -> String {
    let mut best: Option<(f32, &str, &str)> = None;
    for map in sentences.iter().filter_map(|layers| layers.last()) {
        let shares = mean(map).shares;
        let rows = map.target.iter().zip(&shares).take(map.target.len() - 1);
        for (written, row) in rows {
            for (read, share) in map.source.iter().zip(row).take(map.source.len() - 1) {
                if share.is_finite() && best.is_none_or(|(most, ..)| *share > most) {
                    best = Some((*share, written, read));
                }
            }
        }
    }
    best.map_or_else(String::new, |(share, written, read)| {
        format!("Its surest look: {} on “{read}” while it wrote “{written}”.", say::percent(f64::from(share)))
    })
}
