//! Crates outside this workspace, as an implementer has them.

use super::source;
use signaller_places::{is_left_out, program};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::NamedTempFile;

/// What runs tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    CargoTest,
    Nextest,
}

/// The files of a crate with a signaller that has one mistake.
const THEIRS: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("../own_crate/Cargo.toml")),
    ("src/lib.rs", include_str!("../own_crate/lib.rs")),
    ("tests/conformance.rs", include_str!("../own_crate/conformance.rs")),
    ("tests/no_signaller.rs", include_str!("../own_crate/no_signaller.rs")),
    ("tests/ordinary.rs", include_str!("../own_crate/ordinary.rs")),
    ("examples/report.rs", include_str!("../own_crate/report.rs")),
];

/// A crate that is a workspace of its own. Its folder stays from run to run, as what is built of it does.
#[derive(Debug)]
pub struct OwnCrate {
    folder: PathBuf,
}

impl OwnCrate {
    /// The crate of that name with these files, by their paths; `{root}` in them is where this workspace is.
    ///
    /// # Panics
    /// When they cannot be written.
    pub fn of<Name: AsRef<str>, Text: AsRef<str>>(name: &str, files: &[(Name, Text)]) -> Self {
        let root = source("..").canonicalize().expect("the workspace is there");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        for (path, text) in files {
            let text = text.as_ref().replace("{root}", root.to_str().expect("its path is text"));
            put(&folder.join(path.as_ref()), &text);
        }
        let lock = folder.join("Cargo.lock");
        if !lock.exists() {
            // The same versions as here, which are at hand without a network.
            put(&lock, &fs::read_to_string(root.join("Cargo.lock")).expect("the workspace has a lock file"));
        }
        Self { folder }
    }

    /// The crate with a signaller that takes a group that has exited for one that was told.
    ///
    /// # Panics
    /// As [`of`](Self::of) does.
    pub fn theirs() -> Self {
        Self::of("own_crate", &THEIRS)
    }

    /// Where the programs are that [`cargo`](Self::cargo) builds: all such crates share what they are built of.
    pub fn programs() -> PathBuf {
        Self::target().join("debug")
    }

    /// The target folder that all such crates share.
    pub fn target() -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("own_crate_target")
    }

    /// Runs cargo in the crate, with what is in this one's environment, but for the runner that this is run by.
    ///
    /// # Panics
    /// When cargo does not start.
    pub fn cargo(&self, words: &[&str]) -> Output {
        self.cargo_with(words, &[])
    }

    /// Runs tests of the crate by that runner. Returns whether they succeeded, and all that was told of it; `None` where
    /// the runner is missing, or what takes long is left out.
    ///
    /// # Panics
    /// When cargo does not start.
    pub fn test(&self, runner: Runner, words: &[&str], variables: &[(&str, &str)]) -> Option<(bool, String)> {
        if is_left_out("tests of a crate that is built outside this workspace") {
            return None;
        }
        let before: &[&str] = match runner {
            Runner::CargoTest => &["test"],
            Runner::Nextest => {
                program("cargo-nextest")?;
                &["nextest", "run", "--no-fail-fast"]
            }
        };
        let ran = self.cargo_with(&[before, words].concat(), variables);
        let told = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Some((ran.status.success(), told.concat()))
    }

    /// The same, with these variables in the environment.
    ///
    /// # Panics
    /// When cargo does not start.
    pub fn cargo_with(&self, words: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("NEXTEST"))
        {
            cargo.env_remove(name);
        }
        cargo.args(words).current_dir(&self.folder);
        cargo.env("CARGO_NET_OFFLINE", "true").env("CARGO_TERM_COLOR", "never");
        cargo.env("CARGO_TARGET_DIR", Self::target());
        cargo.envs(variables.iter().copied());
        cargo.output().expect("cargo starts")
    }
}

/// Gives a file this content at once, for who else may read it, and leaves alone what has it already.
fn put(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return;
    }
    let folder = path.parent().expect("it is in a folder");
    fs::create_dir_all(folder).expect("the folder can be made");
    let mut draft = NamedTempFile::new_in(folder).expect("a file can be made");
    draft.write_all(text.as_bytes()).expect("it can be written");
    draft.persist(path).expect("it can be put in its place");
}
