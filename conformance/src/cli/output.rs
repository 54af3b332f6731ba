//! Where reports and lists go: standard output, or a file that is written whole or not at all.

use super::exit::Refusal;
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Writes `text` to standard output. A reader who has gone away (`| head`) has seen all that was wanted.
///
/// # Errors
/// When it can be written in no other way either.
pub fn print(text: &[u8]) -> Result<(), Refusal> {
    let mut output = io::stdout().lock();
    match output.write_all(text).and_then(|()| output.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Refusal::Broken(format!("cannot write to standard output: {cause}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error, if anybody listens.
pub fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A file for a report.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
}

impl File {
    /// The file at `path`, which can be written, as a trial has shown.
    ///
    /// # Errors
    /// [`Refusal::CommandLine`] when it cannot.
    pub fn at(path: &Path) -> Result<Self, Refusal> {
        let refused = |cause: io::Error| {
            Refusal::CommandLine(format!("--output {}: cannot be written: {cause}", path.display()))
        };
        // A link stays, and the file behind it is the one that is replaced.
        let path = match path.canonicalize() {
            Ok(behind_links) => behind_links,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(cause) => return Err(refused(cause)),
        };
        let file = Self { path };
        if file.path.exists() {
            OpenOptions::new().write(true).open(&file.path).map_err(refused)?;
        }
        if !file.is_special() {
            // Removed at once: a run that is interrupted leaves nothing beside the report's place.
            file.draft().map_err(refused)?;
        }
        Ok(file)
    }

    /// Makes `text` the file's whole content.
    ///
    /// # Errors
    /// [`Refusal::Broken`] when it cannot be written any more; the file is as it was then.
    pub fn write(&self, text: &[u8]) -> Result<(), Refusal> {
        let written = if self.is_special() {
            OpenOptions::new().write(true).open(&self.path).and_then(|mut file| file.write_all(text))
        } else {
            self.draft().and_then(|mut draft| {
                draft.write_all(text)?;
                draft.persist(&self.path)?;
                Ok(())
            })
        };
        written.map_err(|cause| Refusal::Broken(format!("cannot write {}: {cause}", self.path.display())))
    }

    /// A new file beside this one, to take its place; removed when it is dropped before.
    fn draft(&self) -> io::Result<NamedTempFile> {
        let folder = match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // As any new file: what the umask leaves.
        let made = tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder);
        // The cause alone, without the draft's own name, which says nothing to anybody.
        made.map_err(|cause| cause.kind().into())
    }

    /// Whether it is a device or a pipe (`/dev/stdout`, `/dev/null`), which must not be replaced by a file.
    fn is_special(&self) -> bool {
        self.path.metadata().is_ok_and(|found| !found.is_file())
    }
}
