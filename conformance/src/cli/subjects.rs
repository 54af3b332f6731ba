//! From the words of the command line to a subject.

use super::suggest;
use signaller_conformance::subject::{Subject, command};
use std::path::Path;

/// The subjects that `check` takes.
const KNOWN: [&str; 3] = ["local", "stdio", "command"];

/// Kinds of the form `KIND:PLACE` that are to come.
const TO_COME: [&str; 4] = ["docker", "podman", "kubectl", "ssh"];

/// The subject of that name, with the program that stands behind `--`. `stray` is what stands before it.
///
/// # Errors
/// Says what is wrong with the words and what would be right.
pub fn subject(name: &str, stray: &[String], program: &[String]) -> Result<Subject, String> {
    match (name, stray) {
        ("local" | "stdio" | "command", [word, ..]) => Err(format!(
            "`{word}` stands where no word belongs; a program comes behind `--`: stdio -- PROGRAM ARG…, or command \
             -- PROGRAM ARG…"
        )),
        ("local", _) if !program.is_empty() => {
            Err("the subject `local` takes no program; to check one: stdio -- \
                                                    PROGRAM ARG…, or command -- PROGRAM ARG…"
                .to_owned())
        }
        ("local", _) => Ok(Subject::local()),
        ("stdio", _) => {
            runnable(program, "stdio -- ./my-signaller --some-option")?;
            Ok(Subject::stdio(program))
        }
        ("command", _) => {
            runnable(program, "command -- ./my-kill {leader_pid} {signal_name}")?;
            Ok(Subject::command(program))
        }
        _ => Err(unknown(name)),
    }
}

fn unknown(name: &str) -> String {
    let kind = name.split(':').next().unwrap_or_default();
    if TO_COME.contains(&kind) {
        return format!(
            "subjects of the kind `{kind}:` are not supported yet; a program that reaches the place can be checked \
             with stdio -- PROGRAM ARG… if its groups live on this machine"
        );
    }
    let mut message = format!("there is no subject `{name}`");
    if let Some(nearest) = suggest::nearest(name, KNOWN) {
        message += &format!("; the nearest is `{nearest}`");
    }
    message + ". Subjects are: local, stdio -- PROGRAM ARG…, command -- PROGRAM ARG…"
}

/// Finds out whether `words` can be run, before any case tries.
fn runnable(words: &[String], example: &str) -> Result<(), String> {
    let Some(program) = words.first() else {
        return Err(format!("there is no program behind `--`; for example: {example}"));
    };
    let filled = &command::fill(&words[..1], 2, "SIGTERM")[0];
    if filled != program || which::which(program).is_ok() {
        return Ok(());
    }
    let path = Path::new(program);
    Err(if program.is_empty() {
        format!("the program behind `--` has an empty name; for example: {example}")
    } else if !program.contains('/') {
        let here = match path.exists() {
            true => format!(" (there is a file of that name here: write ./{program})"),
            false => String::new(),
        };
        format!("there is no program `{program}` in the folders of PATH{here}; give its path")
    } else if path.is_dir() {
        format!("`{program}` is a folder, not a program")
    } else if path.exists() {
        format!("`{program}` is not executable: chmod +x it, or name its interpreter before it")
    } else {
        format!("there is no program `{program}`: check its path, which starts from the current folder")
    })
}
