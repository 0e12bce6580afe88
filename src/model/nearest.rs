//! The nearest right name for a wrong one.

/// The candidate that the given text most likely meant: the same but for case, blanks and
/// punctuation, else the most similar one, if it is similar enough to be worth offering.
///
/// ```
/// use acctsh::model::nearest;
/// assert_eq!(nearest("usrname", ["user_name", "country"]), Some("user_name"));
/// assert_eq!(nearest("shoe size", ["user_name", "country"]), None);
/// ```
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bare = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let given = bare(given);
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&given, &bare(candidate)), candidate))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
