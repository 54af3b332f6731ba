//! Connections that are cut at random moments in the midst of a batch.

use super::cats::{Cat, UNTOUCHED, ended_by};
use super::support::{Mark, NOBODYS};
use nix::sys::signal::Signal;
use process_groups::{ShellSignaller, Signaller};
use std::time::{Duration, Instant};

const CUTS: u32 = 200;
/// Two requests.
const GROUPS: u32 = 80;
/// Each so many-th group lives.
const LIVE: u32 = 16;

/// What goes in and out of a connection that is not cut, in bytes.
fn whole(signaller: &ShellSignaller, script: &str, folder: &std::path::Path) -> (u64, u64) {
    let size = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
    let groups: Vec<u32> = (0..GROUPS).map(|number| NOBODYS - number).collect();
    assert!(signaller.signal_each(&groups, "SIGTERM").iter().all(|answer| *answer == Ok(false)), "{script}");
    (size("in"), size("out"))
}

#[test]
fn two_hundred_cuts_in_the_midst_of_a_batch_make_no_wrong_answer_and_leave_nothing() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let mark = Mark::new();
    let noise = "echo Welcome; printf 'host$ ';";
    let script = format!("{noise} tee {} | \"$@\" | tee {}", input.display(), output.display());
    let (sent, received) = {
        let signaller = mark.behind(&script);
        whole(&signaller, &script, folder.path())
    };
    let requests: u64 = 2 * 12 + u64::from(GROUPS) * 11 + 4;
    let before_requests = sent.saturating_sub(requests);
    // Small and known: the same cuts each time.
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |limit: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % limit
    };
    let (mut answered, mut lost) = (0, 0);
    for number in 0..CUTS {
        // Cut on the way there, on the way back, or on both. Whoever has cut the way back ends the command.
        let there = format!("dd bs=1 count={} status=none |", before_requests + below(requests));
        let back = format!("| {{ dd bs=1 count={} status=none; kill $$; }}", 100 + below(received));
        let script = match number % 3 {
            0 => format!("{noise} {there} \"$@\""),
            1 => format!("{noise} \"$@\" {back}"),
            _ => format!("{noise} {there} \"$@\" {back}"),
        };
        let cats: Vec<Cat> = (0..GROUPS / LIVE).map(|_| Cat::leader()).collect();
        let groups: Vec<u32> = (0..GROUPS)
            .map(
                |number| {
                    if number % LIVE == 0 { cats[(number / LIVE) as usize].pid() } else { NOBODYS - number }
                },
            )
            .collect();
        let signaller = mark.behind(&script).timeout(Duration::from_secs(30));
        let began = Instant::now();
        let answers = signaller.signal_each(&groups, "SIGTERM");
        assert!(began.elapsed() < Duration::from_secs(32), "{script}: {:?}", began.elapsed());
        drop(signaller);
        assert_eq!(answers.len(), groups.len());
        let mut cats = cats.into_iter();
        for (place, answer) in (0..).zip(&answers) {
            let end = (place % LIVE == 0).then(|| cats.next().expect("there is one for each").release());
            match (answer, end) {
                (Ok(true), Some(end)) => {
                    assert_eq!(end, ended_by(Signal::SIGTERM), "{script}: said to be delivered")
                }
                (Ok(false), None) => {}
                // Whether it was signalled is not known.
                (Err(_), end) => {
                    assert!(end.is_none_or(|end| end == UNTOUCHED || end == ended_by(Signal::SIGTERM)))
                }
                (answer, end) => panic!("{script}: {answer:?} for a group that ended so: {end:?}"),
            }
            if answer.is_ok() { answered += 1 } else { lost += 1 }
        }
    }
    println!("{CUTS} connections cut: {answered} groups answered, {lost} lost");
    assert!(
        answered > CUTS && lost > CUTS,
        "the cuts are not in the midst: {answered} answered, {lost} lost"
    );
    mark.assert_gone();
}
