//! Option values that are numbers, with messages that say what would be right.

use signaller_conformance::bed::Settings;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

/// The longest time limit for an answer.
const LONGEST: Duration = Duration::from_secs(3600);

/// How many cases keep the processors busy at a time.
pub fn jobs(text: &str) -> Result<NonZeroUsize, String> {
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
        Some(time) if !time.is_zero() && time <= LONGEST => Ok(time),
        _ => Err(format!("seconds above 0 and up to {} are needed, such as 0.5", LONGEST.as_secs())),
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
    fn no_jobs_at_all_are_refused() {
        assert!(jobs("0").is_err());
        assert_eq!(jobs("3"), Ok(NonZeroUsize::new(3).unwrap()));
    }
}
