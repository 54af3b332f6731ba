//! The right words that are nearest to a wrong one.

/// Below this two words have little more in common than any two.
const ALIKE: f64 = 0.5;

/// The candidate nearest to `word`, as the end of a sentence that says that nobody knows it; empty if none is like it.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let nearest = several(word, candidates, 1);
    nearest.first().map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

/// At most `count` candidates that are like `word`, the nearest first.
pub fn several<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
    let mut scored: Vec<_> =
        candidates.into_iter().map(|candidate| (likeness(word, candidate), candidate)).collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    let alike = scored.into_iter().take_while(|(likeness, _)| *likeness >= ALIKE);
    alike.take(count).map(|(_, candidate)| candidate).collect()
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
        assert_eq!(did_you_mean("deliver-onec", WORDS), "; did you mean `delivers-once`?");
        assert_eq!(did_you_mean("report-exited", WORDS), "; did you mean `reports-exited`?");
        assert_eq!(did_you_mean("word", []), "");
    }

    #[test]
    fn a_part_behind_the_slash_is_found() {
        assert_eq!(several("familly", WORDS, 3), ["reports-exited/family"]);
    }

    #[test]
    fn what_is_like_nothing_gets_no_word() {
        assert!(several("%%%", WORDS, 3).is_empty());
        assert_eq!(did_you_mean("nope", WORDS), "");
    }
}
