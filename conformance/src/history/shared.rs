//! What the histories came to, in a folder, for several processes of one run: the first that asks tries them.

use crate::harness::Ended;
use crate::report::{Outcome, Replay};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What the histories say of each requirement.
type Stored = BTreeMap<String, StoredVerdict>;

/// What they say of one.
#[derive(Debug, Serialize, Deserialize)]
struct StoredVerdict {
    outcome: Outcome,
    replay: Option<Replay>,
}

/// A folder for the verdicts.
#[derive(Clone, Debug)]
pub struct Shared(PathBuf);

impl Shared {
    /// The verdicts in that folder, which is there.
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join("histories"))
    }

    /// What the histories say of `requirement`, when tried `alone` or not; `all` tries them for all
    /// requirements, in one process of the run. If the folder is of no use, each process has its own.
    pub fn verdict(
        &self,
        alone: bool,
        requirement: &str,
        all: impl Fn() -> Vec<(&'static str, Ended)>,
    ) -> Option<Ended> {
        let path = self.0.with_extension(if alone { "alone.json" } else { "json" });
        let mut verdicts = read(&path).or_else(|_| first(&path, &all)).ok()?;
        let StoredVerdict { outcome, replay } = verdicts.remove(requirement)?;
        Some(Ended { replay, ..outcome.into() })
    }
}

/// The verdicts that `all` comes to, or those of another process that was quicker.
fn first(path: &Path, all: &dyn Fn() -> Vec<(&'static str, Ended)>) -> io::Result<Stored> {
    let file = OpenOptions::new().create(true).append(true).open(path.with_extension("lock"))?;
    let _lock = lock(file)?;
    if let Ok(verdicts) = read(path) {
        return Ok(verdicts);
    }
    let verdict = |(name, ended): (&str, Ended)| {
        (name.to_owned(), StoredVerdict { outcome: ended.outcome, replay: ended.replay })
    };
    let verdicts = all().into_iter().map(verdict).collect();
    let draft = NamedTempFile::new_in(path.parent().unwrap_or(path))?;
    serde_json::to_writer(&draft, &verdicts)?;
    draft.persist(path)?;
    Ok(verdicts)
}

fn read(path: &Path) -> io::Result<Stored> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// Waits until no other process has the lock.
fn lock(mut file: File) -> io::Result<Flock<File>> {
    loop {
        match Flock::lock(file, FlockArg::LockExclusive) {
            Ok(lock) => return Ok(lock),
            Err((again, Errno::EINTR)) => file = again,
            Err((_, cause)) => return Err(cause.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;
    use crate::report::Finding;
    use crate::report::symptom::{AnswerKind, Symptom};

    #[test]
    fn the_histories_are_tried_once_for_all_who_ask() {
        let folder = tempfile::tempdir().unwrap();
        let shared = Shared::in_folder(folder.path());
        let finding = Finding {
            asked: "signal(58, \"SIGTERM\")".to_owned(),
            requirement: contract::find("reports-exited"),
            symptom: Symptom::Answer { owed: None, given: AnswerKind::Failed },
            ..Finding::default()
        };
        let replay = Some(Replay { file: None, history: serde_json::json!({"steps": []}) });
        let all = || {
            let breached = Outcome::Breached(Box::new(finding.clone()));
            let broken = Ended { replay: replay.clone(), ..breached.into() };
            vec![("delivers-once", Outcome::Passed.into()), ("reports-exited", broken)]
        };
        let passed = shared.verdict(false, "delivers-once", all).unwrap();
        assert!(matches!(passed.outcome, Outcome::Passed));
        let again = || panic!("they were tried already");
        let broken = shared.verdict(false, "reports-exited", again).unwrap();
        assert_eq!(broken.replay, replay);
        assert!(matches!(broken.outcome, Outcome::Breached(found) if *found == finding));
        assert!(shared.verdict(false, "spares-other-groups", again).is_none());
        assert!(shared.verdict(true, "delivers-once", all).is_some(), "tried alone is another matter");
    }
}
