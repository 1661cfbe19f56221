//! Tables and texts for the trainings of the gym: the same each time, written once into its folder.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{fs, io};

/// Rows of a small table.
const ROWS: u32 = 600;
/// Rows of a larger one.
const MORE_ROWS: u32 = 4000;
/// Lines of a text.
const LINES: usize = 4000;

/// What makes a table or a text.
type MadeUp = fn() -> String;

/// Writes the tables and texts that `folder` lacks.
///
/// Numbers to be said: `numbers.csv` and `waves.csv`, smooth functions of three and two numbers with a little noise;
/// `hills.csv`, the height of a land with a hill, a hollow and a slope; `springs.csv`, place and speed of a damped spring. Classes: `classes.csv`, points around a centre
/// each; `rings.csv`, points in a disk and two rings around it; `wedges.csv`, points in the four arms of a whirl; `moons.csv`,
/// points on two half circles that lie in each other.
///
/// Lines: `brackets.txt`, three kinds of brackets, well nested; `sentences.txt`, small sentences whose verbs agree with
/// their nouns; `sums.txt`, sums of two numbers. Pairs: `dates.tsv`, dates in words and in numbers; `roman.tsv`, Roman
/// numerals and their numbers; `spelled.tsv`, numbers in words and in digits; `sorted.tsv`, letters and the same letters
/// sorted. No line comes twice, and no source.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn write_tables(folder: &Path) -> io::Result<()> {
    const TEXTS: [(&str, MadeUp); 7] = [
        ("brackets.txt", brackets),
        ("sentences.txt", sentences),
        ("sums.txt", sums),
        ("dates.tsv", dates),
        ("roman.tsv", roman),
        ("spelled.tsv", spelled),
        ("sorted.tsv", sorted),
    ];
    const TABLES: [(&str, MadeUp); 8] = [
        ("numbers", numbers),
        ("waves", waves),
        ("hills", hills),
        ("springs", springs),
        ("moons", moons),
        ("wedges", wedges),
        ("rings", rings),
        ("classes", classes),
    ];
    let texts = TEXTS.map(|(name, text)| (folder.join(name), text));
    let tables = TABLES.map(|(name, table)| (path_of(folder, name), table));
    // Several trainings may begin at once.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    fs::create_dir_all(folder)?;
    let mut missing = texts.into_iter().chain(tables).filter(|(path, _)| !path.exists());
    missing.try_for_each(|(path, text)| fs::write(path, text()))
}

/// Where a table lies.
pub(crate) fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.csv"))
}

/// A number from -1 to 1, the same for the same row and column: the fractional part of multiples of irrational numbers.
fn spread(row: u32, column: u32) -> f64 {
    let turns = [0.754_877_666_246_69, 0.569_840_290_998_05, 0.819_172_513_396_16, 0.671_043_606_703_79];
    2.0 * (f64::from(row + 1) * turns[column as usize]).fract() - 1.0
}

/// A number that looks drawn, the same for the same row and place: the mixing of splitmix64.
fn drawn(row: u32, place: u32) -> u32 {
    let mut mixed = ((u64::from(row) << 32) | u64::from(place)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 32) as u32
}

/// One of several, drawn.
fn one_of<T: Copy>(several: &[T], row: u32, place: u32) -> T {
    several[drawn(row, place) as usize % several.len()]
}

/// Lines as `line` makes them of a row, each once, in the order of rows.
fn distinct(line: impl Fn(u32) -> String) -> String {
    let mut seen = BTreeSet::new();
    let lines = (0..).map(line).filter(|line| seen.insert(line.clone()));
    lines.take(LINES).map(|line| line + "\n").collect()
}

fn numbers() -> String {
    let mut table = "a,b,c,y\n".to_owned();
    for row in 0..ROWS {
        let [a, b, c, noise] = [0, 1, 2, 3].map(|column| spread(row, column));
        let y = (2.0 * a).sin() + b * c + 0.05 * noise;
        let _ = writeln!(table, "{a:.6},{b:.6},{c:.6},{y:.6}");
    }
    table
}

fn waves() -> String {
    let mut table = "s,t,up,down\n".to_owned();
    for row in 0..ROWS {
        let [s, t, noise, other] = [0, 1, 2, 3].map(|column| spread(row, column));
        let (up, down) = ((3.0 * s).cos() + t + 0.1 * noise, s * s - t.abs() + 0.1 * other);
        let _ = writeln!(table, "{s:.6},{t:.6},{up:.6},{down:.6}");
    }
    table
}

fn hills() -> String {
    let mut table = "east,north,slope,wind,height\n".to_owned();
    let bump = |x: f64, y: f64| (-3.0 * (x * x + y * y)).exp();
    for row in 0..MORE_ROWS {
        let [x, y, slope, wind] = [0, 1, 2, 3].map(|column| spread(row, column));
        let noise = f64::from(drawn(row, 0)) / f64::from(u32::MAX) - 0.5;
        let hill = 2.0 * bump(x - 0.4, y + 0.3) - 1.5 * bump(x + 0.5, y - 0.4);
        let height = hill + 0.5 * slope * wind + 0.1 * noise;
        let _ = writeln!(table, "{x:.6},{y:.6},{slope:.6},{wind:.6},{height:.6}");
    }
    table
}

fn wedges() -> String {
    const NAMES: [&str; 4] = ["north", "east", "south", "west"];
    let mut table = "x,y,side\n".to_owned();
    for row in 0..MORE_ROWS {
        let wedge = drawn(row, 0) % 4;
        let radius = 0.3 + 0.6 * (1.0 + spread(row, 0));
        let turn = std::f64::consts::FRAC_PI_2 * (f64::from(wedge) + 0.45 * spread(row, 1)) + 1.2 * radius;
        let _ = writeln!(table, "{:.6},{:.6},{}", radius * turn.cos(), radius * turn.sin(), NAMES[wedge as usize]);
    }
    table
}

fn rings() -> String {
    const NAMES: [&str; 3] = ["disk", "inner", "outer"];
    let mut table = "x,y,ring\n".to_owned();
    for row in 0..ROWS {
        let ring = (row % 3) as usize;
        let (turn, width) = (std::f64::consts::PI * spread(row, 0), spread(row, 1));
        let radius = 1.2 * ring as f64 + 0.5 + 0.4 * width;
        let _ = writeln!(table, "{:.6},{:.6},{}", radius * turn.cos(), radius * turn.sin(), NAMES[ring]);
    }
    table
}

fn classes() -> String {
    const CENTRES: [(&str, f64, f64); 3] = [("red", -1.0, 0.0), ("green", 1.0, 0.5), ("blue", 0.0, -1.0)];
    let mut table = "x,y,z,colour\n".to_owned();
    for row in 0..ROWS {
        let (name, x, y) = CENTRES[(row % 3) as usize];
        let [dx, dy, z] = [0, 1, 2].map(|column| spread(row, column));
        let _ = writeln!(table, "{:.6},{:.6},{z:.6},{name}", x + 0.8 * dx, y + 0.8 * dy);
    }
    table
}

fn brackets() -> String {
    const KINDS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('<', '>')];
    distinct(|row| {
        let length = 12 + 2 * (drawn(row, 0) % 6) as usize;
        let (mut line, mut closers) = (String::new(), Vec::new());
        for place in 0..length {
            let draw = drawn(row, 1 + place as u32);
            let must_close = closers.len() == length - place;
            if must_close || (!closers.is_empty() && draw.is_multiple_of(2)) {
                line.extend(closers.pop());
            } else {
                let (open, close) = KINDS[(draw / 2 % 3) as usize];
                line.push(open);
                closers.push(close);
            }
        }
        line
    })
}

fn sentences() -> String {
    const NOUNS: [&str; 12] =
        ["dog", "cat", "bird", "horse", "king", "queen", "farmer", "baker", "girl", "boy", "sailor", "teacher"];
    const ADJECTIVES: [&str; 8] = ["small", "old", "young", "happy", "tired", "clever", "quiet", "proud"];
    const ACTS: [&str; 8] = ["see", "follow", "help", "know", "like", "hear", "call", "visit"];
    const STATES: [&str; 6] = ["sleep", "sing", "wait", "laugh", "run", "listen"];
    const ONE: [&str; 4] = ["the", "a", "every", "this"];
    const MANY: [&str; 4] = ["the", "two", "many", "these"];
    const WHEN: [&str; 5] = ["today", "again", "often", "slowly", "now"];
    distinct(|row| {
        let is_one = |place| drawn(row, place).is_multiple_of(2);
        let group = |place| {
            let (article, end) = if is_one(place) { (ONE, "") } else { (MANY, "s") };
            let mut words = vec![one_of(&article, row, place + 1)];
            if drawn(row, place + 2).is_multiple_of(3) {
                words.push(one_of(&ADJECTIVES, row, place + 3));
            }
            words.push(one_of(&NOUNS, row, place + 4));
            words.join(" ") + end
        };
        let end = if is_one(0) { "s" } else { "" };
        let deed = if drawn(row, 10).is_multiple_of(3) {
            format!("{}{end} {}", one_of(&STATES, row, 11), one_of(&WHEN, row, 12))
        } else {
            format!("{}{end} {}", one_of(&ACTS, row, 11), group(20))
        };
        format!("{} {deed} .", group(0))
    })
}

fn dates() -> String {
    const MONTHS: [(&str, u32); 12] = [
        ("january", 31),
        ("february", 28),
        ("march", 31),
        ("april", 30),
        ("may", 31),
        ("june", 30),
        ("july", 31),
        ("august", 31),
        ("september", 30),
        ("october", 31),
        ("november", 30),
        ("december", 31),
    ];
    distinct(|row| {
        // All days of a hundred years, each once: 7919 and 36,500 have no common factor.
        let number = row * 7919 % 36_500;
        let (year, mut day, mut month) = (1900 + number / 365, number % 365, 0);
        while day >= MONTHS[month].1 {
            day -= MONTHS[month].1;
            month += 1;
        }
        let (name, day) = (MONTHS[month].0, day + 1);
        let words = if drawn(row, 0).is_multiple_of(2) {
            format!("{day} {name} {year}")
        } else {
            format!("{name} {day}, {year}")
        };
        format!("{words}\t{year}-{:02}-{day:02}", month + 1)
    })
}

fn roman() -> String {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut pairs = String::new();
    for number in 1000..4000 {
        let (mut numeral, mut rest) = (String::new(), number);
        for (value, sign) in SIGNS {
            while rest >= value {
                numeral += sign;
                rest -= value;
            }
        }
        // Batches are sorted by length: one of the few very short or very long numerals would be unlike all others.
        if (6..12).contains(&numeral.len()) {
            let _ = writeln!(pairs, "{numeral}\t{number}");
        }
    }
    pairs
}

fn spelled() -> String {
    const ONES: [&str; 10] = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    distinct(|row| {
        // Only numbers with all their parts, so that all pairs are equally long. Each comes once: 7919 and 5832 have no
        // common factor.
        let draw = row * 7919 % 5832;
        let [thousands, hundreds, tens, ones] = [1 + draw / 648, 1 + draw / 72 % 9, 2 + draw / 9 % 8, 1 + draw % 9];
        let words = [ONES[thousands as usize], "thousand", ONES[hundreds as usize], "hundred", TENS[tens as usize]];
        let number = 1000 * thousands + 100 * hundreds + 10 * tens + ones;
        let digits: Vec<String> = number.to_string().chars().map(String::from).collect();
        format!("{} {}\t{}", words.join(" "), ONES[ones as usize], digits.join(" "))
    })
}

fn sums() -> String {
    distinct(|row| {
        // Each pair of numbers of two digits once: 6007 and 8100 have no common factor.
        let number = row * 6007 % 8100;
        let (a, b) = (10 + number / 90, 10 + number % 90);
        format!("{a}+{b}={}", a + b)
    })
}

fn sorted() -> String {
    distinct(|row| {
        let length = 6 + drawn(row, 0) % 2;
        let mut letters: Vec<char> =
            (1..=length).map(|place| char::from(b'a' + (drawn(row, place) % 8) as u8)).collect();
        let source: String = letters.iter().collect();
        letters.sort_unstable();
        format!("{source}\t{}", letters.into_iter().collect::<String>())
    })
}

fn springs() -> String {
    let mut table = "time,stiffness,damping,start,place,speed\n".to_owned();
    for row in 0..MORE_ROWS {
        let [a, b, c, d] = [0, 1, 2, 3].map(|column| spread(row, column));
        let (time, stiffness, damping) = (1.5 * (1.0 + a), 2.5 + 1.5 * b, 0.4 + 0.3 * c);
        let start = 0.8 + 0.3 * d;
        let (turn, fade) = (stiffness.sqrt(), (-damping * time).exp());
        let place = start * fade * (turn * time).cos();
        let speed = -damping * place - start * fade * turn * (turn * time).sin();
        let _ = writeln!(table, "{time:.6},{stiffness:.6},{damping:.6},{start:.6},{place:.6},{speed:.6}");
    }
    table
}

fn moons() -> String {
    let mut table = "x,y,moon\n".to_owned();
    for row in 0..MORE_ROWS {
        let [turn, dx, dy] = [0, 1, 2].map(|column| spread(row, column));
        let (x, y) = ((1.57 * turn).sin(), (1.57 * turn).cos());
        let (x, y, name) = if row.is_multiple_of(2) { (x, y, "upper") } else { (1.0 + x, 0.5 - y, "lower") };
        let _ = writeln!(table, "{:.6},{:.6},{name}", x + 0.3 * dx, y + 0.3 * dy);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_spread_and_the_same_each_time() {
        let column: Vec<f64> = (0..ROWS).map(|row| spread(row, 0)).collect();
        let mean = column.iter().sum::<f64>() / column.len() as f64;
        assert!(mean.abs() < 0.01 && column.iter().all(|x| x.abs() <= 1.0), "{mean}");
        assert_eq!(numbers(), numbers());
        assert_eq!(classes().lines().count(), ROWS as usize + 1);
    }

    #[test]
    fn no_line_and_no_source_comes_twice() {
        for text in [brackets(), sentences(), sums(), dates(), roman(), spelled(), sorted()] {
            let sources: BTreeSet<&str> = text.lines().map(|line| line.split('\t').next().unwrap()).collect();
            assert_eq!(sources.len(), text.lines().count());
        }
    }

    #[test]
    fn numerals_and_dates_are_right() {
        assert!(roman().lines().any(|line| line == "MCMXCIV\t1994"));
        assert!(dates().starts_with("january 1, 1900\t1900-01-01\n12 september 1921\t1921-09-12\n"));
    }

    #[test]
    fn every_bracket_closes_the_last_open_one() {
        for line in brackets().lines() {
            let mut open = Vec::new();
            for sign in line.chars() {
                match sign {
                    '(' => open.push(')'),
                    '[' => open.push(']'),
                    '<' => open.push('>'),
                    close => assert_eq!(open.pop(), Some(close), "{line}"),
                }
            }
            assert!(open.is_empty(), "{line}");
        }
    }
}
