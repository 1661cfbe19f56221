//! Tables with a header: comma, tab or semicolon between the cells, some of which may be empty.

use super::names::{self, Role};
use super::table::{Row, Table};

/// Reads every row below the header. What is no table gives few rows, or none.
pub(super) fn table(text: &str) -> Table {
    let separator = separator(text);
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .trim(::csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = reader.records().filter_map(Result::ok);
    let mut table = Table::default();
    let header = rows.next().unwrap_or_default();
    let columns: Vec<Option<usize>> = header.iter().map(|name| table.column(name)).collect();
    for cells in rows {
        let told = columns.iter().zip(&cells).filter_map(|(column, cell)| Some(((*column)?, number(cell, separator)?)));
        table.push(told.collect::<Row>());
    }
    table
}

/// Whether the first line is a header in which something is called a loss.
pub(super) fn is_table(text: &str) -> bool {
    let mut cells = text.lines().next().unwrap_or_default().split(char::from(separator(text)));
    let is_loss = |cell: &str| matches!(names::role(cell), Some(Role::Loss | Role::Judged(_)));
    cells.clone().count() > 1 && cells.any(is_loss)
}

/// What stands most often in the header.
fn separator(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let times = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    // Of equals the last is taken: a comma.
    [b';', b'\t', b','].into_iter().max_by_key(|separator| times(*separator)).unwrap_or(b',')
}

/// A cell's number; where commas do not part the cells, one may stand in a number.
fn number(cell: &str, separator: u8) -> Option<f64> {
    let number = cell.parse().ok();
    if separator == b',' { number } else { number.or_else(|| cell.replacen(',', ".", 1).parse().ok()) }
}

#[cfg(test)]
mod tests {
    use super::{is_table, table};
    use crate::foreign::testing::{evaluations, steps, told};

    #[test]
    fn names_are_met_in_any_case_and_by_any_name() {
        let records = table("Global_Step,Train/Loss,LR,Gradient_Norm\n10,2.5,1e-3,0.5\n20,2.25,5e-4,0.25\n").records();
        assert_eq!(told(&records), "10: 2.5 at 0.001 norm 0.5; 20: 2.25 at 0.0005 norm 0.25");
    }

    #[test]
    fn tabs_and_semicolons_part_cells_too() {
        assert_eq!(steps(&table("step\tloss\n1\t0.5\n").records()), [(1, 0.5)]);
        assert_eq!(steps(&table("step;loss\n1;0,5\n").records()), [(1, 0.5)]);
    }

    #[test]
    fn an_empty_cell_is_no_number() {
        let records = table("epoch,loss,val_loss\n1,2.0,\n2,1.5,1.75\n").records();
        assert_eq!(told(&records), "1: 2; 2: 1.5; 2 validation: 1.75");
    }

    #[test]
    fn rows_without_a_step_are_counted_from_one() {
        assert_eq!(steps(&table("loss,accuracy\n2.5,0.1\n2.0,0.2\n").records()), [(1, 2.5), (2, 2.0)]);
    }

    #[test]
    fn a_count_that_starts_again_is_no_step() {
        let twice = table("epoch,batch,loss\n1,1,4\n1,2,3\n2,1,2\n2,2,1\n").records();
        assert_eq!(steps(&twice), [(1, 4.0), (2, 3.0), (3, 2.0), (4, 1.0)]);
    }

    #[test]
    fn a_run_that_fails_keeps_its_words() {
        let records = table("step,loss\n1,inf\n2,nan\n3,-Infinity\n").records();
        let losses: Vec<f64> = steps(&records).iter().map(|(_, loss)| *loss).collect();
        assert!(losses[0] == f64::INFINITY && losses[1].is_nan() && losses[2] == f64::NEG_INFINITY, "{losses:?}");
    }

    /// As Lightning's CSVLogger writes: the learning rate and the validation in rows of their own.
    #[test]
    fn rows_of_one_step_belong_together() {
        let text = "epoch,lr-AdamW,step,train_loss_epoch,train_loss_step,val_loss\n,0.001,9,,,\n0,,9,,2.5,\n0,,9,,,2.75\n\
                    0,,9,2.6,,\n,0.0005,19,,,\n1,,19,,2.25,\n";
        assert_eq!(told(&table(text).records()), "9: 2.5 at 0.001; 9 validation: 2.75; 19: 2.25 at 0.0005");
    }

    #[test]
    fn a_test_part_that_is_looked_at_in_every_epoch_is_a_validation_part() {
        let again = table("loss,test_loss\n3,3.5\n2,2.5\n").records();
        assert_eq!(evaluations(&again), [(1, "validation", 3.5), (2, "validation", 2.5)]);
        let once = table("loss,test_loss\n3,\n2,2.5\n").records();
        assert_eq!(evaluations(&once), [(2, "test", 2.5)]);
    }

    #[test]
    fn only_a_header_with_a_loss_makes_a_table() {
        assert!(is_table("step,loss\n") && is_table("epoch;val_loss\n"));
        assert!(!is_table("Epoch 1, Loss: 0.5\n") && !is_table("loss\n") && !is_table(""));
    }
}
