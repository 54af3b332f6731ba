//! A folder for files of this program.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{fs, io};

/// What the folder is called, or begins with.
const NAME: &str = "signaller-conformance";
/// How far above a program its target folder is, at most: `target/TRIPLE/PROFILE/deps/PROGRAM`.
const ABOVE: usize = 5;

/// A folder for files of this program.
#[derive(Clone, Debug)]
pub enum Folder {
    /// Nowhere.
    Nowhere,
    /// Where the user says.
    Given(PathBuf),
    /// In nobody's way; made when it is wanted first.
    Own(Arc<OnceLock<Result<PathBuf, String>>>),
}

impl Folder {
    /// One in nobody's way.
    pub fn own() -> Self {
        Self::Own(Arc::default())
    }

    /// Its path, if there is one.
    ///
    /// # Errors
    /// Says why it cannot be made.
    pub fn get(&self) -> Result<Option<&Path>, String> {
        match self {
            Self::Nowhere => Ok(None),
            Self::Given(path) => Ok(Some(path)),
            Self::Own(path) => {
                let made = || {
                    made().map_err(|cause| format!("no folder can be made for the failing history: {cause}"))
                };
                path.get_or_init(made).as_deref().map(Some).map_err(Clone::clone)
            }
        }
    }
}

/// A folder in the target folder of this program, if Cargo built it, or else in the temporary folder, where
/// others must not have made it before.
fn made() -> io::Result<PathBuf> {
    let target =
        std::env::current_exe().ok().and_then(|program| target(&program)).map(|target| target.join(NAME));
    match target {
        Some(folder) if fs::create_dir_all(&folder).is_ok() => Ok(folder),
        _ => Ok(tempfile::Builder::new().prefix(&format!("{NAME}-")).tempdir()?.keep()),
    }
}

/// The target folder that a program is in: Cargo marks it as a cache.
pub fn target(program: &Path) -> Option<PathBuf> {
    program.ancestors().take(ABOVE).find(|folder| folder.join("CACHEDIR.TAG").is_file()).map(Path::to_owned)
}

/// The path as one writes it from the working directory, where it is inside.
pub fn from_here(path: &Path) -> &Path {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_inside_the_working_directory_is_written_from_there() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(from_here(&here.join("a/b.json")), Path::new("a/b.json"));
        assert_eq!(from_here(Path::new("/proc/version")), Path::new("/proc/version"));
    }

    #[test]
    fn this_program_is_in_a_target_folder_and_one_elsewhere_is_not() {
        assert!(target(&std::env::current_exe().unwrap()).is_some());
        assert_eq!(target(Path::new("/usr/bin/signaller-conformance")), None);
    }

    #[test]
    fn a_folder_of_its_own_is_made_once() {
        let folder = Folder::own();
        let path = folder.get().unwrap().unwrap();
        assert!(path.is_dir());
        assert_eq!(folder.clone().get().unwrap(), Some(path));
        assert_eq!(Folder::Nowhere.get(), Ok(None));
    }
}
