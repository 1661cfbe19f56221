//! How two sets of named tensors differ, in a sentence that stays short. Knows no file.

use std::fmt;

/// How the tensors that were given differ from those that were wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mismatch {
    /// Wanted, but not there.
    pub missing: Vec<String>,
    /// There, but not wanted.
    pub unknown: Vec<String>,
    /// Of another shape than wanted.
    pub shapes: Vec<WrongShape>,
}

/// A tensor of another shape than wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongShape {
    /// Its name.
    pub name: String,
    /// The shape that it has.
    pub given: Vec<usize>,
    /// The shape that it should have.
    pub wanted: Vec<usize>,
}

impl Mismatch {
    pub(crate) fn add_shape(&mut self, name: impl Into<String>, given: &[usize], wanted: &[usize]) {
        self.shapes.push(WrongShape { name: name.into(), given: given.into(), wanted: wanted.into() });
    }

    /// An error if there is any difference.
    pub(crate) fn into_result(self) -> Result<(), Self> {
        if self == Self::default() { Ok(()) } else { Err(self) }
    }
}

impl std::error::Error for Mismatch {}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |names: &[String]| shortened(names, |name| format!("`{name}`"));
        let shape =
            |wrong: &WrongShape| format!("`{}` is {:?} and must be {:?}", wrong.name, wrong.given, wrong.wanted);
        let parts = [
            ("missing", named(&self.missing)),
            ("unknown", named(&self.unknown)),
            ("of another shape", shortened(&self.shapes, shape)),
        ];
        let told = parts.iter().filter(|(_, what)| !what.is_empty());
        let told: Vec<_> = told.map(|(how, what)| format!("{how}: {what}")).collect();
        f.write_str(&told.join("; "))
    }
}

/// The first few of `all`, and how many more there are.
fn shortened<T>(all: &[T], show: impl Fn(&T) -> String) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<_> = all.iter().take(SHOWN).map(show).collect();
    match all.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_difference_is_told_and_long_lists_are_cut() {
        let mut mismatch = Mismatch {
            missing: ["a", "b", "c", "d", "e", "f"].map(String::from).into(),
            unknown: vec!["x".into()],
            shapes: Vec::new(),
        };
        mismatch.add_shape("w", &[2, 3], &[2, 5]);
        assert_eq!(
            mismatch.to_string(),
            "missing: `a`, `b`, `c`, `d` and 2 more; unknown: `x`; of another shape: `w` is [2, 3] and must be [2, 5]"
        );
    }
}
