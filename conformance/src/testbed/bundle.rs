//! What must be on the remote host for this program to run there: the program itself, and its loader and
//! libraries unless it is linked statically. Nothing of it need be installed there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One file to bring along.
#[derive(Debug)]
pub struct Piece {
    /// What it is called on the remote host, after the bundle's own prefix.
    pub name: String,
    /// Where it is here.
    pub source: PathBuf,
}

/// The files of a running program.
#[derive(Debug)]
pub struct Bundle {
    /// The program, first, then its loader if it has one, then its libraries.
    pub pieces: Vec<Piece>,
    has_loader: bool,
}

impl Bundle {
    /// This very program with everything that the kernel and the loader mapped for it (proc_pid_maps(5)).
    ///
    /// # Errors
    /// When /proc cannot be read.
    pub fn of_this_program() -> io::Result<Self> {
        let program = fs::read_link("/proc/self/exe")?;
        let maps = fs::read_to_string("/proc/self/maps")?;
        let mut files: Vec<PathBuf> = maps
            .lines()
            .filter(|line| line.split_whitespace().nth(1).is_some_and(|rights| rights.contains('x')))
            .filter_map(|line| line.find('/').map(|at| PathBuf::from(&line[at..])))
            .filter(|file| *file != program && !file.to_string_lossy().ends_with("(deleted)"))
            .collect();
        files.sort_by_key(|file| !is_loader(file));
        files.dedup();
        let has_loader = files.first().is_some_and(|file| is_loader(file));
        // By way of /proc, so that a program that was replaced meanwhile is still the one that runs.
        let mut pieces = vec![Piece { name: "agent".to_owned(), source: "/proc/self/exe".into() }];
        for source in files {
            let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
            pieces.push(Piece { name, source });
        }
        Ok(Self { pieces, has_loader })
    }

    /// How many bytes all the pieces are.
    pub fn size(&self) -> u64 {
        let sizes = self.pieces.iter().map(|piece| fs::metadata(&piece.source).map_or(0, |file| file.len()));
        sizes.sum()
    }

    /// The files on the remote host, in the pieces' order, whose names begin with `prefix`.
    pub fn files(&self, prefix: &str) -> Vec<String> {
        self.pieces.iter().map(|piece| format!("{prefix}.{}", piece.name)).collect()
    }

    /// The shell words that run the program from files that begin with `prefix`. They hold nothing that a
    /// shell reads in another way.
    pub fn start(&self, prefix: &str) -> String {
        match self.files(prefix).as_slice() {
            // A preloaded library stands for the one of the same name that the program asks for (ld.so(8)).
            [program, loader, libraries @ ..] if self.has_loader => {
                format!("{loader} --preload {} {program}", libraries.join(":"))
            }
            files => files.first().cloned().unwrap_or_default(),
        }
    }
}

fn is_loader(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-"))
}
