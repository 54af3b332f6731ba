//! The command that runs cases of a run again.

use super::Options;
use signaller_conformance::report;

impl Options {
    /// The words that run cases of this run again, to be pasted into a shell; a case's filter stands in for
    /// [`report::FILTER`].
    pub(super) fn rerun(&self, seed: u64) -> String {
        let mut words = vec!["--seed".to_owned(), seed.to_string()];
        if let Some(timeout) = self.timeout {
            words.extend(["--timeout".to_owned(), timeout.as_secs_f64().to_string()]);
        }
        if let Some(histories) = self.histories {
            words.extend(["--histories".to_owned(), histories.to_string()]);
        }
        if let Some(profile) = self.profile {
            words.extend(["--profile".to_owned(), profile.word()]);
        }
        if let Some(kernel) = self.kernel.other() {
            words.extend(["--kernel".to_owned(), kernel.to_owned()]);
        }
        for capability in &self.declare {
            words.extend(["--declare".to_owned(), capability.to_string()]);
        }
        let commands = [("--testbed", &self.testbed), ("--sever", &self.sever), ("--restore", &self.restore)];
        for (option, command) in commands {
            words.extend(command.iter().flat_map(|command| [option.to_owned(), command.to_string()]));
        }
        if let Some(authority) = &self.authority {
            words.extend(["--authority".to_owned(), authority.to_string()]);
        }
        if self.disposable {
            words.push("--disposable".to_owned());
        }
        words.extend(self.subject.words());
        let quoted: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        format!("{} check {} {}", program(), report::FILTER, quoted.join(" "))
    }
}

/// This program as it was called, as one word of a shell.
pub(super) fn program() -> String {
    std::env::args().next().map_or_else(|| report::PROGRAM.to_owned(), |word| quoted(&word))
}

/// As one word of a shell. No word of a command line holds a NUL, the only thing that cannot be quoted.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), Into::into)
}
