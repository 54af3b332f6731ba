//! How this program is started again so that it reaches the same suite.

use crate::report::text;
use crate::subcommands::{self, Subcommand, THIS_PROGRAM};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

/// What a process says that makes the signaller once: first that it has come to the suite.
pub const REACHED: &str = "reached";
/// What it says then.
pub const MADE: &str = "made";

/// How this program is started again so that it reaches the same suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// By its `main`, in which every case is a test.
    Cases,
    /// By its `main`, in which all cases are one run.
    Main,
    /// By the test of this name: libtest runs each on a thread that is called like it.
    Test(String),
}

impl Start {
    /// The one for a suite that is run on this thread.
    pub fn here() -> Self {
        match thread::current().name() {
            None | Some("main") => Self::Main,
            Some(test) => Self::Test(test.to_owned()),
        }
    }

    /// The program, and the words by which it runs `subcommand`. For libtest the word is hidden in an option that
    /// leaves out no test more.
    pub fn program(&self, subcommand: Subcommand) -> Vec<String> {
        let one_test = ["--nocapture", "--include-ignored", "--test-threads=1", "--skip"];
        let words = match self {
            Self::Cases | Self::Main => vec![THIS_PROGRAM, subcommand.word()],
            Self::Test(name) => {
                [&[THIS_PROGRAM, "--exact", name], &one_test[..], &[subcommand.word()]].concat()
            }
        };
        words.into_iter().map(str::to_owned).collect()
    }

    /// Makes the signaller called `name` once, as every case will: in a process of its own.
    ///
    /// # Errors
    /// Why it cannot be made there, or that the program does not come to it.
    pub fn attempt(&self, name: &str) -> Result<(), String> {
        let (status, output, errors) = self.attempted().map_err(|cause| {
            format!("cannot start this program again: {}", subcommands::why_not_started(&cause))
        })?;
        let errors = match errors.trim() {
            "" => String::new(),
            errors => format!(": {}", text::labelled("", errors)),
        };
        let lines: Vec<_> = output.lines().collect();
        match (lines.as_slice(), self) {
            ([REACHED, MADE], _) => Ok(()),
            ([_, ..], _) => Err(format!("the signaller {name} cannot be made ({status}){errors}")),
            ([], Self::Cases | Self::Main) => Err(format!(
                "this program, started again to be the subject, did not come to `Suite` ({status}): it must \
                 be the first thing in `main`, or in a #[test] function{errors}"
            )),
            ([], Self::Test(test)) => Err(format!(
                "this test program, started again for the test `{test}` alone, did not come to `Suite` \
                 ({status}): run it on the thread of the #[test] function itself, before whatever may return \
                 or fail{errors}"
            )),
        }
    }

    /// How the process ended that made the signaller, with its answer and what it wrote to its standard error
    /// by then. Files take that, since a signaller may leave something in the background that keeps a pipe
    /// open.
    fn attempted(&self) -> io::Result<(ExitStatus, String, String)> {
        let (output, errors) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let mut program = self.program(Subcommand::Attempt).into_iter();
        let mut command = Command::new(program.next().unwrap_or_default());
        command.args(program).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(errors.try_clone()?);
        let status = command.status()?;
        let text = |mut file: File| {
            let mut bytes = Vec::new();
            file.rewind()?;
            file.read_to_end(&mut bytes)?;
            io::Result::Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        Ok((status, text(output)?, text(errors)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_started_by_its_name() {
        let program = Start::here().program(Subcommand::Signaller);
        assert_eq!(program[1..3], ["--exact", "suite::start::tests::a_test_is_started_by_its_name"]);
        assert_eq!(program[program.len() - 2..], ["--skip", Subcommand::Signaller.word()]);
    }
}
