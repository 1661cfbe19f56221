//! Findings for people: each like a compiler's message, drawn into the recipe where it hangs on a key of it.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use rushlight_doctor::{Report, Rule};
use rushlight_trace::{Finding, Severity};
use rushlight_train::recipe::{Place, Recipe};

/// All findings of a report, the worst first.
pub(crate) fn drawn(report: &Report, recipe: Option<&Recipe>, in_colour: bool) -> String {
    let each = report.findings.iter().map(|finding| draw(finding, recipe, in_colour));
    each.map(|text| text + "\n\n").collect()
}

fn draw(finding: &Finding, recipe: Option<&Recipe>, in_colour: bool) -> String {
    let level = match finding.severity {
        Severity::Fault => Level::ERROR.with_name("fault"),
        Severity::Risk => Level::WARNING.with_name("risk"),
        Severity::Note => Level::NOTE.with_name("note"),
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.name.as_str());
    let (place, cures, read) = (place_of(finding), cures_of(finding), read_of(finding));
    let help = |text: &str| Level::HELP.message(text.to_owned());
    let placed = recipe.filter(|_| !finding.key.is_empty()).and_then(|recipe| recipe.place_of(&finding.key));
    let text = match &placed {
        Some(Place::Line { path, .. }) => recipe.map(|recipe| (path, recipe.text())),
        _ => None,
    };
    let mut group = match (&text, &placed) {
        (Some((path, text)), Some(Place::Line { span, .. })) => title.element(
            Snippet::source(text.to_string())
                .path(path.as_str())
                .annotation(AnnotationKind::Primary.span(span.clone())),
        ),
        _ => title.elements(Vec::<annotate_snippets::Message>::new()),
    };
    for (level, words) in [(Level::NOTE, place), (Level::HELP, cures), (Level::NOTE, read)] {
        if !words.is_empty() {
            group = group.element(if level == Level::HELP { help(&words) } else { level.message(words) });
        }
    }
    let renderer = if in_colour { Renderer::styled() } else { Renderer::plain() };
    let drawn = renderer.render(&[group]);
    match placed {
        Some(_) => drawn,
        // Without a place there is nothing to frame.
        None => drawn.lines().filter(|line| bare(line) != "|").collect::<Vec<_>>().join("\n"),
    }
}

/// A line without its colours and the blanks at its ends.
fn bare(line: &str) -> String {
    let pieces = line.split('\u{1b}').enumerate();
    let words =
        pieces.map(|(at, piece)| if at == 0 { piece } else { piece.split_once('m').map_or("", |(_, text)| text) });
    words.collect::<String>().trim().to_owned()
}

/// Where and since when.
fn place_of(finding: &Finding) -> String {
    let component = (finding.component != rushlight_trace::Component::Unknown).then(|| finding.component.to_string());
    let place = (!finding.place.is_empty()).then(|| format!("at `{}`", finding.place));
    let since = finding.since_step.map(|step| format!("since step {step}"));
    [component, place, since].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What to try: changes of the recipe, or the words of the card.
fn cures_of(finding: &Finding) -> String {
    if finding.cures.is_empty() {
        return Rule::named(&finding.name).map(|rule| format!("try: {}", rule.line("Try"))).unwrap_or_default();
    }
    let flags = |cure: &String| {
        let sets = cure.split(' ').map(|set| format!("--set {set}")).collect::<Vec<_>>();
        if cure.contains('{') { format!("--set '{cure}'") } else { sets.join(" ") }
    };
    format!("try: {}", finding.cures.iter().map(flags).collect::<Vec<_>>().join(", or: "))
}

fn read_of(finding: &Finding) -> String {
    Rule::named(&finding.name)
        .map(|rule| format!("`rushlight explain {}` tells more; read: {}", rule.name, rule.line("Read")))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_trace::Component;

    const RECIPE: &str =
        "[data]\nkind = \"noise\"\n[model]\nkind = \"feed_forward\"\nhidden = [8]\n[train]\nsteps = 1\nlr = 0.5\n";

    #[test]
    fn a_finding_points_into_the_recipe() {
        let recipe = Recipe::parse(RECIPE, "a.toml", &[]).unwrap();
        let finding = Finding::new("diverging", Severity::Fault, Component::Rate, "the loss rises to 9")
            .since(7)
            .because_of("train.lr")
            .cure("train.lr=0.05");
        let drawn = draw(&finding, Some(&recipe), false);
        assert!(drawn.starts_with("fault[diverging]: the loss rises to 9\n --> a.toml:8:1\n"), "{drawn}");
        assert!(drawn.contains("8 | lr = 0.5\n") && drawn.contains("help: try: --set train.lr=0.05"), "{drawn}");
        assert!(drawn.contains("note: learning rate, since step 7"), "{drawn}");
    }

    #[test]
    fn a_finding_without_a_key_stands_alone() {
        let finding = Finding::new("future-seen", Severity::Fault, Component::Mask, "seen 1").at("blocks.0");
        let coloured = draw(&finding, None, true);
        assert_eq!(coloured.lines().count(), draw(&finding, None, false).lines().count(), "{coloured}");
        let drawn = draw(&finding, None, false);
        assert!(drawn.starts_with("fault[future-seen]: seen 1\n = note: mask, at `blocks.0`"), "{drawn}");
    }
}
