//! Values as text for a screen: short, on one line, without control characters.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Value;

/// What stands for no value.
pub(super) const NOTHING: &str = "–";

/// The value on one line. Times are shown in UTC to the second, since a table is also compared and
/// sent around.
pub(super) fn one_line(value: &Value) -> String {
    match value {
        Value::Nothing => NOTHING.to_owned(),
        Value::Time(time) => time.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        Value::List(texts) if texts.is_empty() => NOTHING.to_owned(),
        Value::List(texts) => clean(&texts.join(", ")),
        other => clean(&other.plain()),
    }
}

/// Line ends and tabs become blanks, other control characters `�`: a value from the tenant or a
/// file must not steer the terminal. So do the marks that turn the direction of writing, with which
/// one name can be made to look like another.
pub(super) fn clean(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace("\r\n", " ")
        .chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || turns(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// Columns of the screen that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text, or its beginning and `…`, in at most `room` columns.
pub(super) fn shortened(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut left = room.saturating_sub(1);
    for c in text.chars() {
        let wide = c.width().unwrap_or_default();
        if wide > left {
            break;
        }
        left -= wide;
        short.push(c);
    }
    short.truncate(short.trim_end().len());
    if room > 0 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_can_steer_the_terminal() {
        let value = Value::from("Eva\u{1b}[2J\r\nLi\t\u{202e}x");
        assert_eq!(one_line(&value), "Eva\u{fffd}[2J Li \u{fffd}x");
    }

    #[test]
    fn shortening_counts_columns_of_the_screen_not_characters() {
        assert_eq!(shortened("Nadège", 6), "Nadège");
        assert_eq!(shortened("Nadège Maïmouna", 8), "Nadège…");
        assert_eq!(shortened("王小明王小明", 6), "王小…");
        assert_eq!(shortened("abc", 0), "");
    }
}
