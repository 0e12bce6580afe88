//! A table for the eye: aligned columns without lines, as nushell and gh show them.

use comfy_table::{Attribute, Cell, CellAlignment, presets};

use super::screen_text::{one_line, shortened, width};
use super::{ColumnHead, Screen, Table};

/// Blanks between two columns.
const GAP: usize = 2;

/// A column that was shortened keeps so many characters, its head if that is shorter than twice
/// that.
const LEAST: usize = 8;

pub(super) fn render(table: &Table, screen: Screen) -> String {
    if table.columns.is_empty() || table.rows.is_empty() {
        return String::new();
    }
    let texts: Vec<Vec<String>> =
        table.pairs().map(|row| row.map(|(_, value)| one_line(value)).collect()).collect();
    let natural = natural_widths(table, &texts);
    let widths = match screen.width {
        Some(room) => fitting_widths(&table.columns, &natural, usize::from(room)),
        None => natural.iter().copied().map(Some).collect(),
    };
    let shown = |row: Vec<Cell>| -> Vec<Cell> {
        let cells = row.into_iter().zip(&widths);
        cells.filter(|(_, width)| width.is_some()).map(|(cell, _)| cell).collect()
    };
    let room = |at: usize| widths.get(at).copied().flatten().unwrap_or_default();
    let numbers: Vec<bool> = (0..table.columns.len()).map(|at| is_numeric(table, at)).collect();
    let aligned = |at: usize, text: &str| {
        let cell = Cell::new(shortened(text, room(at)));
        if numbers[at] { cell.set_alignment(CellAlignment::Right) } else { cell }
    };
    let head = table.columns.iter().enumerate().map(|(at, head)| {
        let cell = aligned(at, &head.name);
        if screen.color { cell.add_attribute(Attribute::Bold) } else { cell }
    });
    let mut drawn = comfy_table::Table::new();
    drawn.load_preset(presets::NOTHING);
    if screen.color {
        drawn.enforce_styling();
    } else {
        drawn.force_no_tty();
    }
    drawn.set_header(shown(head.collect()));
    for row in &texts {
        let cells = row.iter().enumerate().map(|(at, text)| aligned(at, text));
        drawn.add_row(shown(cells.collect()));
    }
    let last = widths.iter().flatten().count().saturating_sub(1);
    for (at, column) in drawn.column_iter_mut().enumerate() {
        let gap = if at == last { 0 } else { u16::try_from(GAP).unwrap_or_default() };
        column.set_padding((0, gap));
    }
    let mut text = drawn.trim_fmt();
    text.push('\n');
    text.push_str(&left_out(table, &widths));
    text
}

/// Says which columns the screen had no room for.
fn left_out(table: &Table, widths: &[Option<usize>]) -> String {
    let missing = table.columns.iter().zip(widths).filter(|(_, width)| width.is_none());
    let names: Vec<&str> = missing.map(|(head, _)| head.name.as_str()).collect();
    if names.is_empty() {
        return String::new();
    }
    format!("… no room for {} (--output list shows all)\n", names.join(", "))
}

fn is_numeric(table: &Table, at: usize) -> bool {
    let values = || table.rows.iter().filter_map(|row| row.get(at));
    values().any(super::Value::is_number)
        && values().all(|value| value.is_number() || *value == super::Value::Nothing)
}

fn natural_widths(table: &Table, texts: &[Vec<String>]) -> Vec<usize> {
    let heads = table.columns.iter().enumerate();
    heads
        .map(|(at, head)| {
            let cells = texts.iter().filter_map(|row| row.get(at));
            cells.map(|text| width(text)).fold(width(&head.name), usize::max)
        })
        .collect()
}

/// How wide each column may be so that all fit; `None` for those that are left out.
fn fitting_widths(columns: &[ColumnHead], natural: &[usize], room: usize) -> Vec<Option<usize>> {
    let least = |at: usize| {
        let head = columns.get(at).map_or(0, |head| width(&head.name)).min(2 * LEAST);
        natural[at].min(LEAST.max(head))
    };
    let mut by_importance: Vec<usize> = (0..columns.len()).collect();
    by_importance.sort_by_key(|at| !columns[*at].essential);
    let mut widths = vec![None; columns.len()];
    let mut left = room;
    // First everyone gets the least that makes sense …
    for (nth, &at) in by_importance.iter().enumerate() {
        let needed = least(at) + if nth == 0 { 0 } else { GAP };
        if needed > left {
            // A screen narrower than one column still shows something.
            if nth == 0 {
                widths[at] = Some(left.max(1));
                left = 0;
            }
            break;
        }
        widths[at] = Some(least(at));
        left -= needed;
    }
    // … then the rest goes to the columns in the order of their importance, in even shares.
    for essential in [true, false] {
        left = share(&mut widths, natural, left, |at| columns[at].essential == essential);
    }
    widths
}

/// Deals out `left` one by one to the narrowest of the columns that want more; gives back what
/// nobody wants.
fn share(
    widths: &mut [Option<usize>],
    natural: &[usize],
    mut left: usize,
    among: impl Fn(usize) -> bool,
) -> usize {
    while left > 0 {
        let wants = widths.iter_mut().enumerate().filter_map(|(at, width)| match width {
            Some(width) if among(at) && *width < natural[at] => Some(width),
            _ => None,
        });
        let Some(narrowest) = wants.min_by_key(|width| **width) else { break };
        *narrowest += 1;
        left -= 1;
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Value;
    use insta::assert_snapshot;

    fn people() -> Table {
        let row = |name: &str, display: &str, department: &str, seats, reason: Option<&str>| {
            let seats = Value::Number(seats);
            vec![name.into(), display.into(), department.into(), seats, reason.into()]
        };
        Table {
            columns: vec![
                ColumnHead::essential("user_name"),
                ColumnHead::new("display_name"),
                ColumnHead::new("department"),
                ColumnHead::new("seats"),
                ColumnHead::essential("reason"),
            ],
            rows: vec![
                row("bjorn.astrom", "Björn Åström", "Purchasing and Supply", 9, None),
                row("lin", "林小明", "Sales", 120, Some("contoso.net is not a verified domain")),
            ],
        }
    }

    fn at_width(width: Option<u16>) -> String {
        render(&people(), Screen { width, color: false })
    }

    #[test]
    fn where_there_is_room_nothing_is_shortened_and_numbers_stand_to_the_right() {
        let whole = at_width(None);
        assert_snapshot!(whole, @r"
        user_name     display_name  department             seats  reason
        bjorn.astrom  Björn Åström  Purchasing and Supply      9  –
        lin           林小明        Sales                    120  contoso.net is not a verified domain
        ");
        assert_eq!(at_width(Some(200)), whole);
    }

    #[test]
    fn a_narrow_screen_shortens_what_is_not_essential_first() {
        assert_snapshot!(at_width(Some(86)), @r"
        user_name     display_name  department     seats  reason
        bjorn.astrom  Björn Åström  Purchasing a…      9  –
        lin           林小明        Sales            120  contoso.net is not a verified domain
        ");
    }

    #[test]
    fn a_very_narrow_screen_leaves_columns_out_and_says_so() {
        assert_snapshot!(at_width(Some(40)), @r"
        user_name     display_name  reason
        bjorn.astrom  Björn Åström  –
        lin           林小明        contoso.net…
        … no room for department, seats (--output list shows all)
        ");
    }

    #[test]
    fn no_line_is_wider_than_the_screen_whatever_its_width() {
        for width in 1..120 {
            let text = at_width(Some(width));
            let table = text.lines().filter(|line| !line.starts_with("… no room"));
            let widest = table.map(super::width).max().unwrap_or_default();
            assert!(
                widest <= usize::from(width),
                "{widest} columns on a screen of {width}\n{text}"
            );
        }
    }

    #[test]
    fn colour_makes_the_head_bold_and_changes_nothing_else() {
        let plain = at_width(None);
        let bold = render(&people(), Screen { width: None, color: true });
        let (head, body) = bold.split_once('\n').unwrap();
        assert!(head.contains("\u{1b}[1m"), "{head:?}");
        assert_eq!(Some(body), plain.split_once('\n').map(|(_, body)| body));
    }

    #[test]
    fn a_table_without_rows_is_no_text() {
        assert_eq!(render(&Table::default(), Screen::default()), "");
        let empty = Table { rows: Vec::new(), ..people() };
        assert_eq!(render(&empty, Screen::default()), "");
    }
}
