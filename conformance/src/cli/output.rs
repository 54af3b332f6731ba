//! Where reports and lists go: standard output, or a file that is written whole or not at all.

use super::exit::Refusal;
use signaller_conformance::report::text;
use std::fs::{self, Permissions};
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

/// Writes a text of a line or more to standard error, if anybody listens. Whatever it quotes is made printable.
pub fn tell(words: &str) {
    let _ = writeln!(io::stderr(), "{}", text::labelled("", words));
}

/// Where a report goes that does not go to standard output.
#[derive(Debug)]
pub enum File {
    /// To a device or a pipe, which is opened once and no file may take the place of.
    Special(fs::File),
    /// To a file, which is written whole or not at all.
    Regular(PathBuf),
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
        let opened = match fs::OpenOptions::new().write(true).open(path) {
            Ok(opened) => opened,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                draft(path).map_err(refused)?;
                return Ok(Self::Regular(path.to_owned()));
            }
            Err(cause) => return Err(refused(cause)),
        };
        if !opened.metadata().map_err(refused)?.is_file() {
            return Ok(Self::Special(opened));
        }
        // A link stays, and the file behind it is the one that is replaced.
        let path = path.canonicalize().map_err(refused)?;
        draft(&path).map_err(refused)?;
        Ok(Self::Regular(path))
    }

    /// Makes `text` the file's whole content.
    ///
    /// # Errors
    /// [`Refusal::Broken`] when it cannot be written any more; a regular file is as it was then.
    pub fn write(self, text: &[u8]) -> Result<(), Refusal> {
        let written = match self {
            Self::Special(mut opened) => opened.write_all(text),
            Self::Regular(path) => draft(&path).and_then(|mut draft| {
                draft.write_all(text)?;
                draft.persist(&path)?;
                Ok(())
            }),
        };
        written.map_err(|cause| Refusal::Broken(format!("cannot write the report: {cause}")))
    }
}

/// A new file beside `path`, to take its place; removed when it is dropped before. None is kept during a run: one
/// that is interrupted leaves nothing.
fn draft(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // As any new file: what the umask leaves.
    let made = tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder);
    // The cause alone, without the draft's own name, which says nothing to anybody.
    made.map_err(|cause| cause.kind().into())
}
