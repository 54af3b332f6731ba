//! The suite in a container that may have few processes or little memory.

use super::container::image_of_suite;
use super::support::{shortage, source};
use rstest::rstest;
use signaller_places::NEVER_REAPS;
use std::process::Command;

/// Some small cases, and the one that takes most.
const SMALL: &str = "^(reports-[a-z]+/sig|safe-to-share/(sixty-four|one-group))";
const LARGEST: &str = "^delivers-to-every-member/many-members$";

#[rstest]
#[case::too_few_processes(&["--pids-limit", "50"], SMALL, Some("processes are wanted"))]
#[case::too_few_for_the_largest(&["--pids-limit", "250"], LARGEST, Some("processes are wanted"))]
#[case::a_few_cases_at_once(&["--pids-limit", "250"], SMALL, None)]
#[case::the_largest(&["--pids-limit", "400"], LARGEST, None)]
#[case::too_little_memory(&["--memory", "48m"], SMALL, Some("MB of memory are wanted"))]
#[case::little_memory(&["--memory", "128m"], SMALL, None)]
fn a_container_with_limits_is_no_fault_of_the_subject(
    #[case] limits: &[&str],
    #[case] filter: &str,
    #[case] short: Option<&str>,
) {
    let options = [&["--cap-add", "SYS_ADMIN"], limits].concat();
    let Some(container) = image_of_suite("limits").start_with(&options, NEVER_REAPS) else { return };
    let example = std::fs::read_to_string(source("examples/signaller.sh")).unwrap();
    let command = ["command", "--", "sh", "-c", &example, "sh", "{leader_pid}", "{signal_name}"];
    for subject in [&["local"][..], &command] {
        let mut exec = Command::new("docker");
        exec.args(["exec", &container.name, "/bin/program", "check", "--format", "json", "--filter", filter]);
        exec.args(subject);
        let told = shortage(exec);
        match short {
            Some(words) => {
                assert!(told.as_ref().is_some_and(|told| told.contains(words)), "{subject:?}: {told:?}")
            }
            None => assert_eq!(told, None, "{subject:?}"),
        }
    }
}
