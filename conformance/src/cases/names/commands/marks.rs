//! What a name leaves behind once it is run: files that nobody but the suite would name so.

use crate::harness::{Abort, Context, Result};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

/// What is in the folder from the beginning.
const OWN: [&str; 2] = ["script", "fifo"];

/// The places where a name that is run leaves a file. Whatever is there is removed when this is dropped.
#[derive(Debug)]
pub struct Marks {
    /// With a program that leaves the mark, and a FIFO that nobody opens.
    folder: TempDir,
    /// The absolute path.
    mark: String,
    /// The name of a file in the subject's working directory, which is the suite's own unless it changed it.
    relative: String,
}

impl Marks {
    /// Fresh ones, none of which is there.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the program or the FIFO cannot be made.
    pub fn new(context: &mut Context) -> Result<Self> {
        let number = context.rng().u64(..);
        Self::make(number, context.is_remote())
            .map_err(|cause| Abort::Broken(format!("no place for marks: {cause}")))
    }

    fn make(number: u64, remote: bool) -> io::Result<Self> {
        let folder = TempDir::with_prefix("marks-")?;
        let path = folder.path().display();
        // Behind a testbed there is no such folder, but there is the one in which it stands.
        let mark = if remote { format!("{path}-mark") } else { format!("{path}/mark") };
        let script = folder.path().join(OWN[0]);
        fs::write(&script, format!("#!/bin/sh\n: >'{mark}'\n"))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        mkfifo(&folder.path().join(OWN[1]), Mode::S_IRWXU)?;
        let relative = format!("mark-{}-{number:016x}", std::process::id());
        Ok(Self { folder, mark, relative })
    }

    /// The name with paths and the leader pid for its placeholders.
    pub fn fill(&self, name: &str, leader_pid: u32) -> String {
        let folder = self.folder.path().display().to_string();
        let places = [
            ("MARK", self.mark.as_str()),
            ("UP", &format!("{}{}", "../".repeat(20), self.mark.trim_start_matches('/'))),
            ("RELATIVE", &self.relative),
            ("FOLDER", &folder),
            ("GROUP", &leader_pid.to_string()),
        ];
        places.iter().fold(name.to_owned(), |name, (place, text)| name.replace(&format!("«{place}»"), text))
    }

    /// A sentence for each mark that is there. It is removed.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the agent cannot look.
    pub fn found(&self, context: &mut Context) -> Result<Vec<String>> {
        let mut found = self.take_here();
        let elsewhere = context.subject_pid().map(|pid| format!("/proc/{pid}/cwd/{}", self.relative));
        for place in [Some(self.mark.clone()), elsewhere].into_iter().flatten() {
            if context.take_file(&place)? {
                found.push(place);
            }
        }
        let told = |place| format!("the file {place} appeared: the name, or a part of it, was run or opened");
        Ok(found.into_iter().map(told).collect())
    }

    /// Removes what the suite itself sees. Returns the paths. A shell that reads a name in an unforeseen way
    /// may put more of it behind the mark's own name.
    fn take_here(&self) -> Vec<String> {
        let files = |folder: &Path| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).collect::<Vec<_>>()
        };
        let named = |path: &Path, is_so: &dyn Fn(&str) -> bool| {
            path.file_name().is_some_and(|name| is_so(&name.to_string_lossy()))
        };
        let mut found = files(self.folder.path());
        found.retain(|path| !named(path, &|name| OWN.contains(&name)));
        let beside = std::env::current_dir().map(|folder| files(&folder)).unwrap_or_default();
        found.extend(beside.into_iter().filter(|path| named(path, &|name| name.starts_with(&self.relative))));
        found.retain(|path| fs::remove_file(path).is_ok());
        found.into_iter().map(|path| path.display().to_string()).collect()
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        self.take_here();
    }
}

#[cfg(test)]
mod tests {
    use super::super::lists::LISTS;
    use super::Marks;
    use std::path::Path;
    use std::process::{Command, Stdio};

    fn marks() -> Marks {
        Marks::make(1, false).expect("there is a place for temporary files")
    }

    /// How many names of a list leave the mark when a shell reads `line`, in which each stands for `NAME`.
    fn leave_a_mark(list: &str, line: &str) -> usize {
        let (.., names) =
            LISTS.iter().find(|(own_name, ..)| *own_name == list).expect("there is such a list");
        let leaves = |name: &&&str| {
            let marks = marks();
            let mut shell = Command::new("sh");
            // Some leave it in the background.
            let line = format!("{}\nwait", line.replace("NAME", &marks.fill(name, 1)));
            shell.args(["-c", &line]).current_dir(marks.folder.path());
            let status = shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
            let relative = marks.folder.path().join(&marks.relative);
            status.is_ok() && (Path::new(&marks.mark).exists() || relative.exists())
        };
        names.iter().filter(leaves).count()
    }

    #[test]
    fn every_placeholder_is_filled() {
        let marks = marks();
        for name in LISTS.iter().flat_map(|(.., names)| *names) {
            let filled = marks.fill(name, 4242);
            assert!(!filled.contains(['«', '»']), "{filled}");
        }
    }

    #[test]
    fn marks_are_found_once_with_whatever_is_behind_their_name() {
        let marks = marks();
        for mark in [marks.mark.clone(), format!("{}); ", marks.mark)] {
            std::fs::write(&mark, "").expect("a mark can be made");
            assert_eq!(marks.take_here(), [mark]);
        }
        assert_eq!(marks.take_here(), Vec::<String>::new());
    }

    #[test]
    fn a_mark_in_the_working_directory_is_gone_with_the_marks() {
        let marks = marks();
        let mark = format!("{}'", marks.relative);
        std::fs::write(&mark, "").expect("a mark can be made");
        drop(marks);
        assert!(!Path::new(&mark).exists());
    }

    #[test]
    fn a_shell_that_reads_a_name_leaves_the_mark() {
        assert!(leave_a_mark("shell-separators", "true NAME") >= 12);
        assert!(leave_a_mark("shell-substitutions", "true NAME") >= 8);
        assert!(leave_a_mark("shell-substitutions", "true \"NAME\"") >= 8);
        assert!(leave_a_mark("redirections", "true NAME") >= 8);
    }

    #[test]
    fn quotes_around_a_name_keep_it_from_no_shell() {
        assert!(leave_a_mark("shell-quotes", "true 'NAME'") >= 4);
        assert!(leave_a_mark("shell-quotes", "true \"NAME\"") >= 4);
    }
}
