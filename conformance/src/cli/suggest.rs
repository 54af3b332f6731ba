//! The right words that are nearest to a wrong one.

/// Below this two words have little more in common than any two.
const ALIKE: f64 = 0.5;

/// The candidate nearest to `word`; `None` when there are none.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.into_iter().map(|candidate| (likeness(word, candidate), candidate));
    scored.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, candidate)| candidate)
}

/// At most `count` candidates that are like `word`, the nearest first; the nearest alone if none is.
pub fn several<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
    let mut scored: Vec<_> =
        candidates.into_iter().map(|candidate| (likeness(word, candidate), candidate)).collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    let alike = scored.iter().filter(|(likeness, _)| *likeness >= ALIKE).count();
    scored.truncate(alike.clamp(1, count));
    scored.into_iter().map(|(_, candidate)| candidate).collect()
}

/// How alike two words are, 0 to 1: as wholes, or `word` and one of the parts that `candidate` has between
/// slashes, which counts a little less.
fn likeness(word: &str, candidate: &str) -> f64 {
    let whole = strsim::normalized_damerau_levenshtein(word, candidate);
    let parts = candidate.split('/').map(|part| strsim::normalized_damerau_levenshtein(word, part));
    parts.fold(whole, |best, part| best.max(part * 0.95))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 4] = ["delivers-once", "does-not-wait", "reports-exited", "reports-exited/family"];

    #[test]
    fn the_nearest_word_is_the_one_meant() {
        assert_eq!(nearest("deliver-onec", WORDS), Some("delivers-once"));
        assert_eq!(nearest("report-exited", WORDS), Some("reports-exited"));
        assert_eq!(nearest("word", []), None);
    }

    #[test]
    fn a_part_behind_the_slash_is_found() {
        assert_eq!(several("familly", WORDS, 3), ["reports-exited/family"]);
    }

    #[test]
    fn what_is_like_nothing_still_gets_one_word() {
        assert_eq!(several("%%%", WORDS, 3).len(), 1);
    }
}
