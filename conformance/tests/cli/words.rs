//! Wrong words: exit status 2, before anything runs, with what would be right.

use super::{ran, run};
use rstest::rstest;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

/// Every word of `expected` that stands between bars is in the message, and nothing was run.
fn assert_refused(arguments: &[&str], expected: &str) {
    let ran = run(arguments);
    assert_eq!(ran.status, Some(2), "{arguments:?}: {ran:?}");
    assert_eq!(ran.stdout, "", "{arguments:?}");
    for words in expected.split('|') {
        assert!(ran.stderr.contains(words), "{arguments:?}: no {words:?} in {}", ran.stderr);
    }
}

#[test]
fn a_program_with_all_its_words_in_one_is_taken_apart_by_nobody() {
    assert_refused(
        &["check", "command", "--", "./my-kill {leader_pid} {signal_name}"],
        "give its words one by one|command -- ./my-kill {leader_pid} {signal_name}",
    );
}

#[rstest]
#[case("check", "required|SUBJECT")]
#[case("check locl", "unknown subject `locl`|did you mean `local`")]
#[case("check comand", "did you mean `command`")]
#[case("fuzz-names docker:web", "`docker:web`|another place")]
#[case("check docker:", "`docker` needs a place after it: docker:[UID@]CONTAINER")]
#[case("check ssh", "`ssh` needs a place after it: ssh:DESTINATION")]
#[case(
    "check sh script",
    "`sh` is a program|stdio -- sh script|command -- sh script {leader_pid} {signal_name}"
)]
#[case("check podman:--all", "cannot be the name of a container")]
#[case("check kubectl:-f/web", "cannot be the name of a namespace")]
#[case("check ssh:-oProxyCommand=x", "cannot be the name of a destination")]
#[case("check docker:web -- ./program", "takes no program|--authority docker:web stdio -- ")]
#[case("check --authority lxc:web stdio -- cat", "unknown authority `lxc:web`|docker:[UID@]CONTAINER")]
#[case("check --kernel darwin docker:web", "--kernel|beside the groups")]
#[case("check --kernel windows local", "linux, darwin")]
#[case(
    "check --authority docker:web local",
    "`local`|cannot reach a testbed: leave --authority out|check docker:web"
)]
#[case("check local -- ./program", "`local` takes no program|stdio -- PROGRAM")]
#[case("check local program", "unexpected argument `program`|after `--`")]
#[case("check stdio", "`stdio` needs a program after `--`|for example: stdio -- ")]
#[case("check command --", "`command` needs a program after `--`|{leader_pid} {signal_name}")]
#[case("check stdio ./program", "`./program`|after `--`")]
#[case("check stdio -- ./no-such-program", "no program `./no-such-program`|check its path")]
#[case("check command -- no-such-program", "no program `no-such-program`|PATH")]
#[case("check stdio -- Cargo.toml", "no program `Cargo.toml`|write ./Cargo.toml")]
#[case("check stdio -- ./Cargo.toml", "`./Cargo.toml` is not executable|chmod +x")]
#[case("check stdio -- ./src", "`./src` is a folder")]
#[case("check stdio --profile registry -- cat", "no registry|--profile signaller")]
#[case("check command --no-placeholders --profile all -- cat", "no registry|--profile signaller")]
#[case("check local --profile signallers", "signaller, registry, all|similar value exists: 'signaller'")]
#[case("check local --filter (", "--filter|regex|unclosed group")]
#[case("check local --filter ^deliver-onec/", "matches no case id|delivers-once")]
#[case("check local --filter ^%$", "matches no case id. `signaller-conformance list` has them all")]
#[case("check local --filter ^register- --profile signaller", "`signaller` does not hold|register-")]
#[case("check local --jobs 0", "--jobs|whole number from 1")]
#[case("check local --jobs -1", "--jobs|whole number from 1")]
#[case("check local --jobs two", "--jobs|whole number from 1")]
#[case("check local --seed 9007199254740992", "--seed|from 0 to 9007199254740991")]
#[case("check local --seed -1", "--seed|from 0 to 9007199254740991")]
#[case("check local --histories 0", "--histories|whole number from 1")]
#[case("check local --timeout 0", "--timeout|above 0")]
#[case("check local --timeout -2", "--timeout|above 0")]
#[case("check local --timeout soon", "--timeout|above 0")]
#[case("check local --timeout inf", "--timeout|above 0")]
#[case("check local --declare speed=fast", "--declare|`speed`|unreaped=exited")]
#[case("check local --declare names=SIGTERM", "--declare|one of the four")]
#[case("check stdio --sever true -- cat", "--restore <'CMD …'>")]
#[case("check stdio --restore true -- cat", "--sever <'CMD …'>")]
#[case("check local --sever true --restore true", "nothing can come between|--sever")]
#[case("check stdio --sever true --restore no-such-program -- cat", "--restore|no program `no-such-program`")]
#[case(
    "check stdio --sever true --restore true --declare unreachable=never -- cat",
    "--sever|unreachable=never"
)]
#[case("check local --format xml", "--format|human, json")]
#[case("check local --color red", "--color|auto, always, never")]
#[case("check local --output /no/such/folder/report", "--output /no/such/folder/report|cannot be written")]
#[case("check local --output src", "--output src|cannot be written")]
#[case("check local --fitler x", "'--fitler'|'--filter'")]
#[case("check local --output a --output b", "--output a|no --format for it")]
#[case("check local --seed 1 --seed 2", "--seed|multiple times")]
#[case("explain", "required|NAME")]
#[case("explain delivers-onec", "unknown requirement or case `delivers-onec`|did you mean `delivers-once`")]
#[case("explain Reports-Exited", "did you mean `reports-exited`")]
#[case("list everything", "'everything'")]
#[case("chek local", "'chek'|'check'")]
#[case("", "Usage: |check|list|explain")]
fn a_wrong_command_line_is_refused_and_told_what_would_be_right(#[case] words: &str, #[case] expected: &str) {
    assert_refused(&words.split_whitespace().collect::<Vec<_>>(), expected);
}

#[test]
fn a_case_id_with_a_slip_is_led_to_the_nearest() {
    let id = super::cases_of("reports-exited").remove(0);
    assert_refused(&["explain", &format!("{id}x")], &format!("did you mean `{id}`"));
    let name = id.split_once('/').unwrap().1;
    assert_refused(&["check", "local", "--filter", &format!("^report-exited/{name}$")], &id);
}

#[test]
fn words_that_are_not_utf_8_are_refused() {
    let mut command = super::command(["check", "stdio", "--"]);
    command.arg(OsStr::from_bytes(b"./\xff"));
    let ran = ran(command);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("UTF-8"), "{ran:?}");
}

#[rstest]
#[case("", "no first line such as `#!/bin/sh`")]
#[case("echo hello\n", "no first line such as `#!/bin/sh`")]
#[case("#!/no/such/interpreter -x\n", "interpreter \"/no/such/interpreter\"")]
#[case("#!/bin/sh\r\n", r#"interpreter "/bin/sh\r""#)]
fn a_script_that_the_kernel_cannot_start_is_found_out_before(#[case] script: &str, #[case] expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    assert_refused(&["check", "stdio", "--", program.to_str().unwrap()], expected);
}
