//! Tables for the trainings that learn from numbers: made from the seed, written once into the gym's folder.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Rows of a table.
const ROWS: u32 = 600;

/// Writes the tables into `folder`: `numbers.csv` and `waves.csv`, smooth functions of three and two numbers with a little
/// noise; `classes.csv`, points around a centre each, and `rings.csv`, points in a disk and two rings around it.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn write_tables(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let tables = [("numbers", numbers()), ("waves", waves()), ("rings", rings()), ("classes", classes())];
    tables.into_iter().try_for_each(|(name, table)| std::fs::write(path_of(folder, name), table))
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
}
