//! Option values that are numbers or commands, with messages that say what would be right.

use signaller_conformance::harness::Settings;
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

/// How many of something, at least one.
pub fn count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "a whole number from 1 is needed".to_owned())
}

/// How many histories are tried.
pub fn histories(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| format!("a whole number from 1 to {} is needed", u32::MAX))
}

/// A number that random choices come from.
pub fn seed(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(seed) if seed < Settings::SEEDS => Ok(seed),
        _ => Err(format!("a whole number from 0 to {} is needed", Settings::SEEDS - 1)),
    }
}

/// A time limit in seconds.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match seconds {
        Some(time) if !time.is_zero() && time <= Settings::LONGEST_TIMEOUT => Ok(time),
        _ => Err(format!(
            "seconds above 0 and up to {} are needed, such as 0.5",
            Settings::LONGEST_TIMEOUT.as_secs()
        )),
    }
}

/// The words of a command, of which there is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(pub Vec<String>);

/// Quoted where a shell would take them apart otherwise.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match shlex::try_join(self.0.iter().map(String::as_str)) {
            Ok(joined) => f.write_str(&joined),
            // Only a NUL cannot be quoted, and no word of a command line holds one.
            Err(_) => f.write_str(&self.0.join(" ")),
        }
    }
}

/// A command in one word, split as a shell splits it.
pub fn words(text: &str) -> Result<Words, String> {
    match shlex::split(text) {
        Some(words) if !words.is_empty() => Ok(Words(words)),
        Some(_) => Err("a command is needed, such as 'docker exec -i C'".to_owned()),
        None => Err("a quotation mark is not closed, or nothing follows a backslash".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("0.25", 250)]
    #[case("5", 5_000)]
    #[case("3600", 3_600_000)]
    fn a_time_limit_may_have_fractions(#[case] text: &str, #[case] milliseconds: u64) {
        assert_eq!(seconds(text), Ok(Duration::from_millis(milliseconds)));
    }

    #[rstest]
    fn a_time_limit_that_is_none_is_refused(
        #[values("0", "-1", "1e-12", "3601", "1e300", "inf", "nan", "", "5s", "0,5")] text: &str,
    ) {
        assert!(seconds(text).is_err());
    }

    #[test]
    fn seeds_stay_exact_in_json() {
        assert_eq!(seed("9007199254740991"), Ok(Settings::SEEDS - 1));
        assert!(seed("9007199254740992").is_err());
        assert!(seed("-1").is_err());
    }

    #[test]
    fn a_command_is_split_as_a_shell_does_and_written_so_again() {
        let split = words("ssh -p 22 'a host' \"it's\"").unwrap();
        assert_eq!(split.0, ["ssh", "-p", "22", "a host", "it's"]);
        assert_eq!(words(&split.to_string()), Ok(split));
    }

    #[test]
    fn a_command_without_words_or_end_is_refused() {
        assert!(words("").unwrap_err().contains("a command is needed"));
        assert!(words(" # nothing").unwrap_err().contains("a command is needed"));
        assert!(words("ssh 'h").unwrap_err().contains("not closed"));
    }

    #[test]
    fn no_jobs_at_all_are_refused() {
        assert!(count("0").is_err());
        assert_eq!(count("3"), Ok(NonZeroUsize::new(3).unwrap()));
    }
}
