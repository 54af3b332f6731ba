//! What a name leaves behind once it is run: files that nobody but the suite would name so.

use crate::bed::{Bed, Step, Stop};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use tempfile::TempDir;

/// The places where a name that is run leaves a file. Whatever is there is removed when this is dropped.
#[derive(Debug)]
pub struct Marks {
    /// With a program that leaves the mark, and a FIFO that nobody opens.
    folder: TempDir,
    /// The absolute path.
    mark: String,
    /// The name of a file in the subject's working directory.
    relative: String,
}

impl Marks {
    /// Fresh ones, none of which is there.
    ///
    /// # Errors
    /// [`Stop::Broken`] when the program or the FIFO cannot be made.
    pub fn new(bed: &mut Bed) -> Step<Self> {
        Self::make(bed.rng().u64(..)).map_err(|cause| Stop::Broken(format!("no place for marks: {cause}")))
    }

    fn make(number: u64) -> io::Result<Self> {
        let folder = TempDir::with_prefix("marks-")?;
        // Beside the folder: behind a testbed there is no such folder, but the place where temporary files go.
        let mark = format!("{}-mark", folder.path().display());
        let script = folder.path().join("script");
        fs::write(&script, format!("#!/bin/sh\n: >'{mark}'\n"))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        mkfifo(&folder.path().join("fifo"), Mode::S_IRWXU)?;
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
    /// [`Stop::Broken`] when the agent cannot look.
    pub fn found(&self, bed: &mut Bed) -> Step<Vec<String>> {
        let mut places = vec![self.mark.clone()];
        places.extend(bed.subject_pid().map(|pid| format!("/proc/{pid}/cwd/{}", self.relative)));
        let mut found = Vec::new();
        for place in places {
            if bed.take_file(&place)? {
                found
                    .push(format!("the file {place} appeared: the name, or a part of it, was run or opened"));
            }
        }
        Ok(found)
    }

    /// The marks as the suite itself sees them, where it and the subject share their files.
    fn here(&self) -> [PathBuf; 2] {
        [PathBuf::from(&self.mark), std::env::current_dir().unwrap_or_default().join(&self.relative)]
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        for place in self.here() {
            let _ = fs::remove_file(place);
        }
    }
}
