//! Tables for the trainings that learn from numbers: made from the seed, written once into the gym's folder.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Rows of a table.
const ROWS: u32 = 600;

/// Writes both tables into `folder`: `numbers.csv`, a smooth function of three numbers with a little noise, and
/// `classes.csv`, three classes of points around a centre each.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn write_tables(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(path_of(folder, "numbers"), numbers())?;
    std::fs::write(path_of(folder, "classes"), classes())
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
