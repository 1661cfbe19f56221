//! # email: addresses
//!
//! Letters, digits and `.`, `_`, `%`, `+`, `-` before an `@`, and a name with a dot behind it; in lower case. A quoted local part, which
//! the standards allow and nobody has, is not found.

use super::{Entry, Place, Reading};

/// This member's line.
pub const ENTRY: Entry = Entry { name: "email", about: "e-mail addresses", source: include_str!("email.rs"), at };

/// The longest address there is (RFC 5321).
const LONGEST: usize = 254;

fn at(place: Place<'_>) -> Option<Reading> {
    let is_name = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !word.is_empty();
    let is_first = is_name(place.word(0)) && !(place.is_glued(0) && is_inner(place.before()));
    if !is_first {
        return None;
    }
    let mut value = place.word(0).to_owned();
    let mut count = 1;
    // Where the address could end: behind the last name of a domain with a dot.
    let mut end = None;
    let (mut has_at, mut has_dot) = (false, false);
    while place.is_glued(count) && value.len() <= LONGEST {
        let word = place.word(count);
        match word {
            "@" if !has_at && is_name(place.word(count - 1)) => has_at = true,
            "." if has_at && is_name(place.word(count - 1)) => has_dot = true,
            "-" => {}
            "." | "+" | "%" if !has_at => {}
            _ if is_name(word) => {}
            _ => break,
        }
        value += word;
        count += 1;
        let is_top =
            word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic()) && place.word(count - 2) == ".";
        if has_dot && is_top {
            end = Some((count, value.len()));
        }
    }
    let (words, length) = end.filter(|(_, length)| *length <= LONGEST)?;
    value.truncate(length);
    Some(Reading { words, value, sure: 1.0 })
}

/// What joins the names of an address.
fn is_inner(word: &str) -> bool {
    matches!(word, "." | "@" | "+" | "%" | "-")
}

#[cfg(test)]
mod tests {
    use crate::recognise::tests::finds;

    #[test]
    fn an_address_ends_before_the_full_stop() {
        finds(
            "email",
            "Write to Ada.L+bot@Mail.example.org.",
            &["Ada.L+bot@Mail.example.org=ada.l+bot@mail.example.org"],
        );
        finds("email", "(a-b@c-d.ch), x_y@z.io", &["a-b@c-d.ch=a-b@c-d.ch", "x_y@z.io=x_y@z.io"]);
    }

    #[test]
    fn what_lacks_a_part_is_no_address() {
        for text in ["ada@", "@ada.org", "ada@home", "ada @ home.org", "a@b@c", "a@.org", "3.5", "a.b"] {
            finds("email", text, &[]);
        }
    }
}
