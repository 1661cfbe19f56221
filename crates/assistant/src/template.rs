//! Templates of replies: `{slot}`, `{name}`, `{profile.home}` filled in. Knows not where values come from.

/// What stands before the key of a fact.
pub(crate) const PROFILE: &str = "profile.";

/// The names between braces, in their order.
pub(crate) fn placeholders(template: &str) -> Vec<String> {
    pieces(template)
        .filter_map(|piece| if let Piece::Name(name) = piece { Some(name.to_owned()) } else { None })
        .collect()
}

/// The template with all its values; none where one is unknown.
pub(crate) fn filled(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    pieces(template)
        .map(|piece| match piece {
            Piece::Text(text) => Some(text.to_owned()),
            Piece::Name(name) => value(name),
        })
        .collect()
}

enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// Text and names in turns; braces around anything that cannot be a name are text.
fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let is_name = |name: &str| {
            !name.is_empty()
                && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ' '))
                && name.trim() == name
        };
        if let Some(inner) = rest.strip_prefix('{')
            && let Some((name, after)) = inner.split_once('}')
            && is_name(name)
        {
            rest = after;
            return Some(Piece::Name(name));
        }
        let end = rest.char_indices().skip(1).find(|(_, c)| *c == '{').map_or(rest.len(), |(at, _)| at);
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Text(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, expected: Option<&str>) {
        let value = |name: &str| (name == "name").then(|| "Ada {x}".to_owned());
        assert_eq!(filled(template, value).as_deref(), expected);
    }

    #[test]
    fn names_are_filled_once_and_unknown_ones_leave_no_reply() {
        check("Hi {name}!", Some("Hi Ada {x}!"));
        check("Hi {nme}!", None);
        check("", Some(""));
    }

    #[test]
    fn braces_around_no_name_are_text() {
        check("{ {} {name} { a } {é", Some("{ {} Ada {x} { a } {é"));
    }
}
