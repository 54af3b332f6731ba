//! Where reports and lists go: standard output, or a file that is written whole or not at all.

use super::exit::Refusal;
use signaller_conformance::report::text;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tempfile::NamedTempFile;

/// How long a pipe with a name may be without a reader.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether standard output was closed when this program was started.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Looks before Rust's runtime does, which opens /dev/null in the place of a closed standard stream: all that
/// is written there is lost without a word.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = {
    extern "C" fn look() {
        // SAFETY: fcntl(2) reads a flag of a descriptor, open or not.
        CLOSED.store(unsafe { libc::fcntl(1, libc::F_GETFD) } == -1, Ordering::Relaxed);
    }
    look
};

/// Whether anything written to standard output could be read.
///
/// # Errors
/// [`Refusal::CommandLine`] when it is closed.
pub fn expect_open() -> Result<(), Refusal> {
    match CLOSED.load(Ordering::Relaxed) {
        true => Err(Refusal::CommandLine(
            "standard output is closed, and nobody would read what this program writes: leave it open, or \
             write the report of `check` to a file with --output FILE"
                .to_owned(),
        )),
        false => Ok(()),
    }
}

/// Writes `text` to standard output. A reader who has gone away (`| head`) has seen all that was wanted.
///
/// # Errors
/// When it can be written in no other way either.
pub fn print(text: &[u8]) -> Result<(), Refusal> {
    let mut output = io::stdout().lock();
    printed(output.write_all(text).and_then(|()| output.flush()))
}

/// What came of writing to standard output.
///
/// # Errors
/// As [`print`] has them.
pub fn printed(result: io::Result<()>) -> Result<(), Refusal> {
    expect_open()?;
    match result {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Refusal::Broken(format!("cannot write to standard output: {cause}")))
        }
        _ => Ok(()),
    }
}

/// Writes a text of a line or more to standard error, if anybody listens. Whatever it quotes is made
/// printable.
pub fn remark(words: &str) {
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
    /// The file at `path`, which can be written, as a trial has shown. `option` is the one that names it.
    ///
    /// # Errors
    /// [`Refusal::CommandLine`] when it cannot.
    pub fn at(path: &Path, option: &str) -> Result<Self, Refusal> {
        if let Some(stream) = standard_stream(path) {
            // Opened by its name, it would be the file behind it, which somebody else writes to.
            let cannot = |cause| Refusal::CommandLine(format!("{option} {}: {cause}", path.display()));
            return stream.map(|stream| Self::Special(stream.into())).map_err(cannot);
        }
        let refused = |path: &Path, cause: io::Error| {
            Refusal::CommandLine(format!("{option} {}: cannot be written: {cause}", path.display()))
        };
        let opened = match open(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let path = behind_links(path);
                draft(&path).map_err(|cause| refused(&path, cause))?;
                return Ok(Self::Regular(path));
            }
            opened => opened.map_err(|cause| refused(path, cause))?,
        };
        if !opened.metadata().map_err(|cause| refused(path, cause))?.is_file() {
            return Ok(Self::Special(opened));
        }
        // A link stays, and the file behind it is the one that is replaced.
        let path = path.canonicalize().map_err(|cause| refused(path, cause))?;
        draft(&path).map_err(|cause| refused(&path, cause))?;
        Ok(Self::Regular(path))
    }

    /// Whether what is written there takes the place of what is written to the other.
    pub fn is_at(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Regular(one), Self::Regular(other)) if one == other)
    }

    /// Whether that path leads there.
    pub fn is_of(&self, path: &Path) -> bool {
        matches!(self, Self::Regular(own) if fs::canonicalize(path).is_ok_and(|path| path == *own))
    }

    /// Makes `text` the file's whole content.
    ///
    /// # Errors
    /// When it cannot be written any more; a regular file is as it was then.
    pub fn write(self, text: &[u8]) -> io::Result<()> {
        match self {
            Self::Special(mut opened) => opened.write_all(text),
            Self::Regular(path) => replace(&path, text),
        }
    }

    /// Makes `text` the whole content of a regular file until there is more to say. What can be written only
    /// once waits.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_so_far(&self, text: &[u8]) -> io::Result<()> {
        match self {
            Self::Special(_) => Ok(()),
            Self::Regular(path) => replace(path, text),
        }
    }
}

/// Puts a file with this content in the place of what is at `path`.
///
/// # Errors
/// When it cannot be written; what is there is as it was then.
pub fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut draft = draft(path)?;
    draft.write_all(text)?;
    draft.persist(path)?;
    Ok(())
}

/// The standard stream that a path is a name of.
fn standard_stream(path: &Path) -> Option<io::Result<OwnedFd>> {
    let is = |number: u8| {
        let name = if number == 1 { "/dev/stdout" } else { "/dev/stderr" };
        let names = [name.to_owned(), format!("/dev/fd/{number}"), format!("/proc/self/fd/{number}")];
        names.iter().any(|name| path == Path::new(name))
    };
    match () {
        () if is(1) => Some(io::stdout().as_fd().try_clone_to_owned()),
        () if is(2) => Some(io::stderr().as_fd().try_clone_to_owned()),
        () => None,
    }
}

/// Opens what is at `path` for writing. A pipe with a name is waited for until it has a reader.
fn open(path: &Path) -> io::Result<fs::File> {
    let open = |path: &Path| fs::OpenOptions::new().write(true).open(path);
    if !fs::metadata(path)?.file_type().is_fifo() {
        return open(path);
    }
    let (tells, hears) = mpsc::channel();
    let pipe = path.to_owned();
    // Nothing ends open(2) before there is a reader (fifo(7)): the thread may last as long as this process.
    thread::Builder::new().spawn(move || tells.send(open(&pipe)))?;
    let silent = |_| {
        let seconds = PATIENCE.as_secs();
        let words =
            format!("nobody has opened this pipe for reading within {seconds} s: start its reader first");
        Err(io::Error::new(io::ErrorKind::TimedOut, words))
    };
    hears.recv_timeout(PATIENCE).unwrap_or_else(silent)
}

/// Where a file is made that is not there: behind the links that lead to it.
fn behind_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // It ends: links in a circle are no file that is not there.
    while let Ok(target) = fs::read_link(&path) {
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

/// A new file beside `path`, to take its place; removed when it is dropped before. None is kept during a run:
/// one that is interrupted leaves nothing.
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
