//! What the cases of one run know of each other, also where nextest runs each in a process of its own: a
//! folder.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::{NamedTempFile, TempDir};

/// What the folders of all runs are in.
const NAME: &str = "signaller-conformance-runs";
/// After so long a folder is of no run that goes on.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// What the cases of one run know of each other.
#[derive(Debug)]
pub struct Shared {
    folder: PathBuf,
    /// Removed at the end, if only this process uses it.
    _own: Option<TempDir>,
}

impl Shared {
    /// That of this run: in the target folder where nextest runs this program, under the id that nextest
    /// gives each run and each attempt, and else of this process alone.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn of_this_run() -> io::Result<Self> {
        let Some(run) = std::env::var_os("NEXTEST_RUN_ID") else {
            let own = TempDir::new()?;
            return Ok(Self { folder: own.path().to_owned(), _own: Some(own) });
        };
        let program = std::env::current_exe()?;
        let all = match crate::sys::folder::target(&program) {
            Some(target) => target.join("tmp").join(NAME),
            None => std::env::temp_dir().join(NAME),
        };
        fs::create_dir_all(&all)?;
        let mut name = run;
        for part in [std::env::var_os("NEXTEST_ATTEMPT"), program.file_name().map(OsString::from)] {
            name.push("-");
            name.push(part.unwrap_or_default());
        }
        let folder = all.join(name);
        match fs::create_dir(&folder) {
            Err(cause) if cause.kind() != ErrorKind::AlreadyExists => return Err(cause),
            Err(_) => {}
            Ok(()) => remove_old(&all),
        }
        Ok(Self { folder, _own: None })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the first case of the run had to say under `name`: `text`, if this one is the first.
    ///
    /// # Errors
    /// When the folder takes no files.
    pub fn first(&self, name: &str, text: &str) -> io::Result<String> {
        let path = self.folder.join(name);
        if !path.exists() {
            let mut draft = NamedTempFile::new_in(&self.folder)?;
            draft.write_all(text.as_bytes())?;
            // Whole at once, and never in the place of another.
            match draft.persist_noclobber(&path) {
                Err(refused) if refused.error.kind() != ErrorKind::AlreadyExists => return Err(refused.error),
                _ => {}
            }
        }
        fs::read_to_string(&path)
    }

    /// Whether a case has said something under `name`.
    pub fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }
}

/// Removes the folders of runs that ended long ago. What cannot be removed is in nobody's way.
fn remove_old(all: &Path) {
    let is_old = |entry: &fs::DirEntry| {
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        changed.is_ok_and(|changed| SystemTime::now().duration_since(changed).is_ok_and(|age| age > OLD))
    };
    for entry in fs::read_dir(all).into_iter().flatten().flatten().filter(is_old) {
        let _ = fs::remove_dir_all(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_holds() {
        let own = TempDir::new().unwrap();
        let shared = Shared { folder: own.path().to_owned(), _own: None };
        assert!(!shared.has("seed"));
        assert_eq!(shared.first("seed", "7").unwrap(), "7");
        assert_eq!(shared.first("seed", "8").unwrap(), "7");
        assert!(shared.has("seed"));
    }
}
