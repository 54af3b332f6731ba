//! What the model says of answers agrees with what it says of effects, whatever happened to the world before.

use process_groups::model::{Answer, Disposition, EffectKind, Life, Member, NAMES, World};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Spawn(u32, Vec<Member>),
    Exit(u32),
    Kill(u32),
    ExitAll(u32),
    Reap(u32),
    ReapAll(u32),
    Stop(u32),
    StopAll(u32),
    Resume(u32),
    ResumeAll(u32),
    Deliver(u32, &'static str),
}

/// Few ids, so that they come back; and those that no group can have.
fn id() -> impl Strategy<Value = u32> {
    prop_oneof![20 => 2_u32..10, 1 => Just(0), 1 => Just(1), 1 => Just(u32::MAX)]
}

fn member() -> impl Strategy<Value = Member> {
    let disposition = prop_oneof![Just(Disposition::Watches), Just(Disposition::Dies)];
    (id(), disposition, prop::bool::weighted(0.3)).prop_map(|(pid, disposition, refused)| {
        let member = Member::new(pid, disposition);
        if refused { member.refused() } else { member }
    })
}

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => prop::sample::select(&NAMES[..]), 1 => Just("TERM"), 1 => Just("SIGUSR1")]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => vec(member(), 1..4).prop_map(|members| Step::Spawn(members[0].pid(), members)),
        2 => id().prop_map(Step::Exit),
        1 => id().prop_map(Step::Kill),
        1 => id().prop_map(Step::ExitAll),
        2 => id().prop_map(Step::Reap),
        2 => id().prop_map(Step::ReapAll),
        1 => id().prop_map(Step::Stop),
        1 => id().prop_map(Step::StopAll),
        1 => id().prop_map(Step::Resume),
        1 => id().prop_map(Step::ResumeAll),
        3 => (id(), name()).prop_map(|(id, name)| Step::Deliver(id, name)),
    ]
}

fn take(world: &mut World, step: Step) -> bool {
    match step {
        Step::Spawn(leader_pid, members) => world.spawn(leader_pid, members),
        Step::Exit(pid) => world.exit(pid),
        Step::Kill(pid) => world.kill(pid),
        Step::ExitAll(leader_pid) => world.exit_all(leader_pid),
        Step::Reap(pid) => world.reap(pid),
        Step::ReapAll(leader_pid) => world.reap_all(leader_pid),
        Step::Stop(pid) => world.stop(pid),
        Step::StopAll(leader_pid) => world.stop_all(leader_pid),
        Step::Resume(pid) => world.resume(pid),
        Step::ResumeAll(leader_pid) => world.resume_all(leader_pid),
        Step::Deliver(leader_pid, name) => !world.deliver(leader_pid, name).is_empty(),
    }
}

fn world() -> impl Strategy<Value = World> {
    vec(step(), 0..60).prop_map(|steps| {
        let mut world = World::new();
        for step in steps {
            take(&mut world, step);
        }
        world
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn who_has_an_effect_must_say_delivered_and_only_who_has_one(
        world in world(), leader_pid in id(), name in name(),
    ) {
        let allowed = world.allowed(leader_pid, name);
        let effects = world.clone().deliver(leader_pid, name);
        prop_assert_eq!(allowed.answers == [Answer::Delivered], !effects.is_empty(), "{:?}", allowed);
    }

    #[test]
    fn exactly_the_processes_with_an_effect_change(world in world(), leader_pid in id(), name in name()) {
        let mut after = world.clone();
        let effects = after.deliver(leader_pid, name);
        for (before, after) in world.processes().zip(after.processes()) {
            prop_assert_eq!(before.pid(), after.pid(), "nobody is reaped by a signal");
            let expected = match effects.iter().find(|effect| effect.pid == before.pid()).map(|effect| effect.kind) {
                None => (before.life(), before.received().to_vec(), before.pending().contains(&name)),
                Some(EffectKind::Ends) => {
                    let name = NAMES.into_iter().find(|known| *known == name);
                    (Life::Exited { by: name }, before.received().to_vec(), false)
                }
                Some(EffectKind::Receives) => (Life::Running, [before.received(), &[name]].concat(), false),
                Some(EffectKind::StaysPending) => (Life::Stopped, before.received().to_vec(), true),
            };
            let found = (after.life(), after.received().to_vec(), after.pending().contains(&name));
            prop_assert_eq!(found, expected, "{:?}", after);
        }
        prop_assert_eq!(world.processes().count(), after.processes().count());
    }

    #[test]
    fn no_pid_is_taken_twice_and_no_group_is_without_a_process(world in world()) {
        let mut pids: Vec<u32> = world.processes().map(Member::pid).collect();
        pids.sort_unstable();
        prop_assert!(pids.windows(2).all(|two| two[0] != two[1]), "{:?}", pids);
        for group in world.groups() {
            let unreaped = |member: &Member| member.is_live() || member.is_unreaped();
            prop_assert!(group.members().iter().any(unreaped));
            let id = group.leader_pid();
            prop_assert!(!world.is_free(id) && group.members().iter().any(|member| member.pid() == id));
        }
    }

    #[test]
    fn an_impossible_step_changes_nothing(world in world(), step in step()) {
        let mut after = world.clone();
        let asked = matches!(step, Step::Deliver(..)); // which the model remembers
        if !asked && !take(&mut after, step) {
            prop_assert_eq!(world, after);
        }
    }

    #[test]
    fn only_the_stopped_have_signals_pending_and_only_watchers_have_received_any(world in world()) {
        for member in world.processes() {
            prop_assert!(member.pending().is_empty() || member.life() == Life::Stopped, "{:?}", member);
            prop_assert!(member.received().is_empty() || member.disposition() == Disposition::Watches, "{:?}", member);
            prop_assert!(!member.received().contains(&"SIGKILL"), "{:?}", member);
        }
    }
}
