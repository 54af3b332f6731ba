//! What the environment says of a run: which seed and which cases, and how a test is run again.

use super::start::Start;
use crate::harness::Settings;
use regex::Regex;
use std::env;
use std::path::Path;

/// Where random choices come from, whatever the program says.
pub const SEED: &str = "SIGNALLER_CONFORMANCE_SEED";
/// A regular expression that leaves out the cases whose id it does not match.
pub const FILTER: &str = "SIGNALLER_CONFORMANCE_FILTER";
/// Set by nextest for everything that it starts.
const NEXTEST: &str = "NEXTEST";

/// Whether nextest runs this program, each test in a process of its own.
pub fn is_nextest() -> bool {
    env::var_os(NEXTEST).is_some()
}

/// The seed that the environment gives, if it does.
///
/// # Errors
/// When it is no seed.
pub fn seed() -> Result<Option<u64>, String> {
    let is_seed = |seed: &u64| *seed < Settings::SEEDS;
    let parsed = |text: String| match text.parse().ok().filter(is_seed) {
        Some(seed) => Ok(seed),
        None => Err(format!("{SEED}={text}: a seed is a whole number below {}", Settings::SEEDS)),
    };
    env::var(SEED).ok().map(parsed).transpose()
}

/// The filter that the environment gives, if it does.
///
/// # Errors
/// When it is no regular expression.
pub fn filter() -> Result<Option<Regex>, String> {
    let parsed = |text: String| Regex::new(&text).map_err(|cause| format!("{FILTER}: {cause}"));
    env::var(FILTER).ok().map(parsed).transpose()
}

/// The command that runs the case with the id `case` again, in a suite that was started so. It begins with
/// env(1), since not every shell takes assignments before a command.
pub fn rerun(start: &Start, case: &str, seed: u64) -> String {
    let command = match start {
        Start::Cases => return format!("env {SEED}={seed} {}", command(case)),
        Start::Main => env::args().next().unwrap_or_default(),
        Start::Test(test) => command(test),
    };
    // A shell wants `^` to be the first in its quotes: bash finds it elsewhere, too.
    format!("env {SEED}={seed} {FILTER}='^{case}$' {command}")
}

/// The command that runs one test of this target again, by the runner that runs now.
fn command(test: &str) -> String {
    let target = target().map(|target| format!(" --test {target}")).unwrap_or_default();
    match is_nextest() {
        true => format!("cargo nextest run{target} -E 'test(={test})'"),
        false => format!("cargo test{target} -- --exact {test}"),
    }
}

/// The name of this test target, as Cargo knows it; none where the program is another target.
fn target() -> Option<String> {
    let program = env::current_exe().ok()?;
    // Cargo puts a hash behind it, and `_` in the place of `-`.
    let (name, _) = program.file_stem()?.to_str()?.rsplit_once('-')?;
    let tests = Path::new(&env::var_os("CARGO_MANIFEST_DIR")?).join("tests");
    let is_there = |name: &String| {
        tests.join(format!("{name}.rs")).exists() || tests.join(name).join("main.rs").exists()
    };
    [name.to_owned(), name.replace('_', "-")].into_iter().find(is_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_of_an_ordinary_test_is_run_again_by_the_filter() {
        let again = rerun(&Start::Test("tests::conforms".to_owned()), "reports-exited/sigterm", 7);
        assert!(
            again.starts_with(&format!("env {SEED}=7 {FILTER}='^reports-exited/sigterm$' cargo ")),
            "{again}"
        );
        assert!(again.contains("tests::conforms") && !again.contains("--test "), "{again}");
    }
}
