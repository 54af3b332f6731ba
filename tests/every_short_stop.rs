//! Every stop of up to two groups, beside its model: nothing is left to chance, and no time passes.
//!
//! Each answers SIGTERM in each of three ways and exits meanwhile or not, two things are done with the
//! registry meanwhile, of every kind and in every order, the grace period is over at once or the stop is
//! cancelled, and SIGKILL is answered in each of three ways. The signaller can tell who has exited, or
//! cannot.

use process_groups::model::{self, Ending};
use process_groups::{ProcessGroupEntry, ProcessGroups, Signaller, StopOutcome};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

const LEADER_PIDS: [u32; 2] = [30, 10];
const LABELS: [&str; 2] = ["build", "test"];
type Answer = Result<bool, String>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Meanwhile {
    Nothing,
    Register(u32, &'static str),
    Forget(u32),
    ForgetRegistration(u32, &'static str),
}

/// Everything that can be done meanwhile. 20 is a newcomer.
fn all_meanwhile() -> Vec<Meanwhile> {
    let mut all = vec![Meanwhile::Nothing];
    for leader_pid in [30, 10, 20] {
        all.push(Meanwhile::Forget(leader_pid));
        for label in LABELS {
            all.extend([
                Meanwhile::Register(leader_pid, label),
                Meanwhile::ForgetRegistration(leader_pid, label),
            ]);
        }
    }
    all
}

/// What the signaller says now.
#[derive(Debug, Default)]
struct Says {
    answers: [usize; 2],
    exited: Vec<u32>,
    tells: bool,
    asked: Vec<(u32, String)>,
}

#[derive(Debug, Default)]
struct Scripted(Mutex<Says>);

impl Scripted {
    fn says(&self) -> MutexGuard<'_, Says> {
        self.0.lock().expect("nobody panics while holding it")
    }
}

fn answer(answers: [usize; 2], leader_pid: u32, signal_name: &str) -> Answer {
    match LEADER_PIDS.iter().position(|known| *known == leader_pid).map_or(0, |place| answers[place]) {
        0 => Ok(true),
        1 => Ok(false),
        _ => Err(format!("{signal_name} to {leader_pid} is refused")),
    }
}

impl Signaller for Scripted {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Answer {
        let mut says = self.says();
        says.asked.push((leader_pid, signal_name.to_owned()));
        answer(says.answers, leader_pid, signal_name)
    }

    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        let says = self.says();
        leader_pids.iter().map(|leader_pid| says.tells.then(|| says.exited.contains(leader_pid))).collect()
    }
}

/// One stop.
#[derive(Clone, Copy, Debug)]
struct Play {
    held: usize,
    to_term: [usize; 2],
    to_kill: [usize; 2],
    /// Which of the two exit meanwhile, and whether the signaller can tell.
    exit: [bool; 2],
    tells: bool,
    meanwhile: [Meanwhile; 2],
    is_cancelled: bool,
}

fn entries(groups: &ProcessGroups) -> Vec<(u32, String)> {
    groups.entries().iter().map(|entry| (entry.leader_pid, entry.label.clone())).collect()
}

fn ending(outcome: StopOutcome) -> Ending {
    match outcome {
        StopOutcome::Exited => Ending::Exited,
        StopOutcome::Killed => Ending::Killed,
        StopOutcome::Failed(message) => Ending::Failed(message),
        StopOutcome::Left => Ending::Left,
        StopOutcome::NotAsked => Ending::NotAsked,
        unknown => panic!("{unknown:?} is not in the model"),
    }
}

fn play(play: Play) {
    let signaller = Arc::new(Scripted::default());
    let mut groups = ProcessGroups::new(signaller.clone());
    let mut registry = model::Registry::new();
    for leader_pid in &LEADER_PIDS[..play.held] {
        groups.register(*leader_pid, LABELS[0]);
        registry.register(*leader_pid, LABELS[0]);
    }
    signaller.says().answers = play.to_term;
    signaller.says().tells = play.tells;
    let grace = if play.is_cancelled { Duration::MAX } else { Duration::ZERO };
    let mut owed_questions: Vec<(u32, String)> =
        registry.questions().into_iter().map(|leader_pid| (leader_pid, "SIGTERM".to_owned())).collect();
    let mut stop = groups.begin_stop(grace);
    let mut modelled = registry.stop();
    let answers: Vec<Answer> = registry
        .questions()
        .into_iter()
        .map(|leader_pid| answer(play.to_term, leader_pid, "SIGTERM"))
        .collect();
    modelled.answered(&mut registry, &answers);

    for meanwhile in play.meanwhile {
        match meanwhile {
            Meanwhile::Nothing => {}
            Meanwhile::Register(leader_pid, label) => {
                groups.register(leader_pid, label);
                registry.register(leader_pid, label);
            }
            Meanwhile::Forget(leader_pid) => {
                groups.forget(leader_pid);
                registry.forget(leader_pid);
            }
            Meanwhile::ForgetRegistration(leader_pid, label) => {
                groups.forget_registration(leader_pid, label);
                registry.forget_registration(leader_pid, label);
            }
        }
    }
    let exiting = LEADER_PIDS.iter().zip(play.exit).filter(|(_, exits)| *exits);
    let exiting: Vec<u32> = exiting.map(|(leader_pid, _)| *leader_pid).collect();
    signaller.says().exited = exiting.clone();
    signaller.says().answers = play.to_kill;
    if play.tells {
        exiting.into_iter().for_each(|leader_pid| modelled.exited(&mut registry, leader_pid));
    }
    if play.is_cancelled {
        stop.canceller().cancel();
    }

    let results = stop.advance(&mut groups).expect("it is over");
    let owed = if play.is_cancelled {
        modelled.cancelled(&registry)
    } else {
        let left = modelled.left(&registry);
        owed_questions.extend(left.iter().map(|leader_pid| (*leader_pid, "SIGKILL".to_owned())));
        let answers: Vec<Answer> =
            left.into_iter().map(|leader_pid| answer(play.to_kill, leader_pid, "SIGKILL")).collect();
        modelled.killed(&mut registry, &answers)
    };
    let of_result =
        |(entry, outcome): (ProcessGroupEntry, StopOutcome)| (entry.leader_pid, entry.label, ending(outcome));
    let results: Vec<_> = results.into_iter().map(of_result).collect();
    let owed: Vec<_> = owed.into_iter().map(|(of, ending)| (of.leader_pid, of.label, ending)).collect();
    assert_eq!(results, owed, "{play:?}");
    assert_eq!(signaller.says().asked, owed_questions, "{play:?}");
    assert_eq!(entries(&groups), registry.entries(), "{play:?}");
}

/// Calls `each` with every pair of `kinds`, the first alone if there is but one entry.
fn pairs<T: Copy>(held: usize, kinds: &[T], mut each: impl FnMut([T; 2])) {
    for first in kinds {
        for second in if held == 2 { kinds } else { &kinds[..1] } {
            each([*first, *second]);
        }
    }
}

#[test]
fn every_stop_of_up_to_two_groups_is_as_the_model_has_it() {
    let all_meanwhile = all_meanwhile();
    // In a debug build one thing is done meanwhile; a release build takes some seconds for two.
    let seconds = if cfg!(debug_assertions) { &all_meanwhile[..1] } else { &all_meanwhile[..] };
    let mut count = 0;
    for held in 0..=2 {
        pairs(held, &[0, 1, 2], |to_term| {
            pairs(held, &[0, 1, 2], |to_kill| {
                pairs(held, &[false, true], |exit| {
                    for (first, second) in all_meanwhile
                        .iter()
                        .flat_map(|first| seconds.iter().map(move |second| (*first, *second)))
                    {
                        for (tells, is_cancelled) in
                            [(false, false), (false, true), (true, false), (true, true)]
                        {
                            let meanwhile = [first, second];
                            play(Play { held, to_term, to_kill, exit, tells, meanwhile, is_cancelled });
                            count += 1;
                        }
                    }
                });
            });
        });
    }
    let meanwhile = all_meanwhile.len() * seconds.len();
    // Nothing held and one held alike: what the second would say is not varied.
    assert_eq!(count, (2 * 3 * 3 * 2 + 9 * 9 * 4) * meanwhile * 4);
}
