use super::{Life, Member, World};
use crate::model::Disposition;

fn members(pids: &[u32]) -> Vec<Member> {
    pids.iter().map(|pid| Member::new(*pid, Disposition::Dies)).collect()
}

fn world(leader_pid: u32, pids: &[u32]) -> World {
    let mut world = World::new();
    assert!(world.spawn(leader_pid, members(pids)));
    world
}

fn life(world: &World, pid: u32) -> Option<Life> {
    world.process(pid).map(Member::life)
}

#[test]
fn a_group_is_spawned_only_with_its_leader_and_with_free_pids() {
    let mut world = world(10, &[10, 11]);
    let before = world.clone();
    let impossible = [&[21][..], &[], &[20, 11], &[20, 20], &[20, 1], &[20, 0], &[20, 1 << 31]];
    for pids in impossible {
        assert!(!world.spawn(20, members(pids)), "{pids:?}");
    }
    assert_eq!(world, before);
    assert!(world.spawn(20, members(&[19, 20, i32::MAX as u32])));
}

#[test]
fn a_pid_is_taken_while_its_process_is_unreaped_or_a_group_has_it_as_id() {
    let mut world = world(10, &[10, 11]);
    assert!(!world.is_free(10) && !world.is_free(11) && world.is_free(12));
    assert!(world.exit(11) && !world.is_free(11) && world.reap(11) && world.is_free(11));
    assert!(world.spawn(11, members(&[11])));
    assert!(world.kill(11) && world.exit(10) && world.reap(10));
    assert!(world.is_free(10) && !world.is_free(11), "10 was the last of its group");
}

#[test]
fn a_survivor_keeps_the_id_of_its_group_taken() {
    let mut world = world(10, &[10, 11]);
    assert!(world.exit(10) && world.reap(10));
    assert!(world.process(10).is_none() && !world.is_free(10));
    assert!(world.group(10).is_some_and(|group| group.is_live() && group.is_leaderless()));
    assert!(world.exit_all(10) && world.reap_all(10));
    assert!(world.group(10).is_none() && world.is_free(10) && world.has_ended(10));
}

#[test]
fn a_group_that_came_back_is_told_from_one_that_is_new() {
    let mut world = world(10, &[10]);
    assert!(!world.has_ended(10) && !world.groups()[0].is_reused());
    assert!(world.exit(10) && world.reap(10) && world.spawn(10, members(&[10])));
    assert!(world.has_ended(10) && world.groups()[0].is_reused());
    assert_eq!(life(&world, 10), Some(Life::Running));
}

#[test]
fn what_the_state_does_not_allow_changes_nothing() {
    let mut world = world(10, &[10, 11]);
    assert!(!world.reap(10) && !world.resume(10) && !world.exit(12) && !world.stop_all(11));
    assert_eq!(world, self::world(10, &[10, 11]));
    assert!(world.stop(10) && !world.stop(10) && !world.exit(10));
    assert!(world.kill(10) && !world.kill(10) && !world.stop(10) && !world.exit(10) && !world.resume(10));
    assert!(world.reap(10) && !world.reap(10) && !world.kill(10));
}

#[test]
fn all_exit_though_some_are_stopped() {
    let mut world = world(10, &[10, 11, 12]);
    assert!(world.stop(11) && world.exit(12) && world.exit_all(10));
    assert_eq!(life(&world, 10), Some(Life::Exited { by: None }));
    assert_eq!(life(&world, 11), Some(Life::Exited { by: Some("SIGKILL") }));
    assert!(!world.exit_all(10), "nobody is left to exit");
}

#[test]
fn the_processes_are_those_not_yet_reaped() {
    let mut world = world(10, &[11, 10, 12]);
    assert!(world.spawn(20, members(&[20])));
    assert!(world.exit(11) && world.exit(12) && world.reap(12));
    assert_eq!(world.processes().map(Member::pid).collect::<Vec<_>>(), [11, 10, 20]);
    assert_eq!(world.group(10).map(|group| group.members().len()), Some(3));
}

#[test]
fn stop_and_continue_reach_the_running_and_the_stopped_of_one_group() {
    let mut world = world(10, &[10, 11]);
    assert!(world.spawn(20, members(&[20])));
    assert!(world.stop(11) && world.stop_all(10) && !world.stop_all(10));
    assert_eq!((life(&world, 10), life(&world, 20)), (Some(Life::Stopped), Some(Life::Running)));
    assert!(world.resume_all(10) && !world.resume_all(10));
    assert_eq!((life(&world, 10), life(&world, 11)), (Some(Life::Running), Some(Life::Running)));
}
