use super::super::requirement as r;
use super::super::{Answer, Disposition, Member, World};

use Answer::{Delivered, Exited, Failed};

/// A group 10 with members 10, 11 and 12, and a group 20 with member 20.
fn world() -> World {
    let mut world = World::new();
    let watches = |pid| Member::new(pid, Disposition::Watches);
    assert!(world.spawn(10, vec![watches(10), watches(11), watches(12)]));
    assert!(world.spawn(20, vec![watches(20)]));
    world
}

/// A group 10 in which those are refused and the others, of 10 to 12, are not.
fn world_refusing(refused: &[u32]) -> World {
    let member = |pid| match refused.contains(&pid) {
        true => Member::new(pid, Disposition::Watches).refused(),
        false => Member::new(pid, Disposition::Watches),
    };
    let mut world = World::new();
    assert!(world.spawn(10, [10, 11, 12].map(member).to_vec()));
    world
}

#[track_caller]
fn allows(world: &World, leader_pid: u32, name: &str, answers: &[Answer], requirement: &str) {
    let allowed = world.allowed(leader_pid, name);
    assert_eq!(allowed.answers, answers, "{allowed:?}");
    assert_eq!(allowed.requirement, Some(requirement), "{allowed:?}");
    for answer in [Delivered, Exited, Failed] {
        let broken = Some(requirement).filter(|_| !answers.contains(&answer));
        assert_eq!(allowed.broken_by(answer), broken, "{answer} in {allowed:?}");
        assert_eq!(allowed.permits(answer), broken.is_none());
    }
}

#[track_caller]
fn leaves_open(world: &World, leader_pid: u32) {
    let allowed = world.allowed(leader_pid, "SIGTERM");
    assert_eq!(allowed.requirement, None, "{allowed:?}");
    for answer in [Delivered, Exited, Failed] {
        assert!(allowed.permits(answer) && allowed.broken_by(answer).is_none());
    }
    assert!(allowed.reason.starts_with("left open"), "{allowed:?}");
}

#[test]
fn a_live_group_is_delivered_to_under_each_of_the_four_names() {
    for name in super::super::NAMES {
        allows(&world(), 10, name, &[Delivered], r::REPORTS_DELIVERED);
    }
}

#[test]
fn a_group_outlives_its_leader_reaped_or_not() {
    let mut world = world();
    world.exit(10);
    allows(&world, 10, "SIGTERM", &[Delivered], r::OUTLIVES_THE_LEADER);
    world.reap(10);
    allows(&world, 10, "SIGTERM", &[Delivered], r::OUTLIVES_THE_LEADER);
}

#[test]
fn a_stopped_group_is_live() {
    let mut world = world();
    world.stop_all(10);
    allows(&world, 10, "SIGTERM", &[Delivered], r::REACHES_STOPPED_MEMBERS);
    world.resume(12);
    allows(&world, 10, "SIGTERM", &[Delivered], r::REPORTS_DELIVERED);
}

#[test]
fn a_reused_id_is_that_of_the_group_that_has_it_now() {
    let mut world = world();
    world.exit_all(20);
    world.reap_all(20);
    world.spawn(20, vec![Member::new(20, Disposition::Dies)]);
    allows(&world, 20, "SIGTERM", &[Delivered], r::SEES_A_REUSED_PID);
    allows(&world, 10, "SIGTERM", &[Delivered], r::REPORTS_DELIVERED);
}

#[test]
fn all_exited_and_unreaped_is_delivered_or_exited_and_no_error() {
    let mut world = world();
    world.exit_all(10);
    world.reap(10);
    allows(&world, 10, "SIGTERM", &[Delivered, Exited], r::UNREAPED_IS_NOT_AN_ERROR);
}

#[test]
fn a_reaped_group_has_exited_and_says_so_again() {
    let mut world = world();
    world.exit_all(20);
    world.reap_all(20);
    allows(&world, 20, "SIGTERM", &[Exited], r::REPORTS_EXITED);
    world.deliver(20, "SIGTERM");
    allows(&world, 20, "SIGKILL", &[Exited], r::EXITED_IS_REPEATABLE);
    world.spawn(20, vec![Member::new(20, Disposition::Dies)]);
    world.exit_all(20);
    world.reap_all(20);
    allows(&world, 20, "SIGKILL", &[Exited], r::REPORTS_EXITED);
}

#[test]
fn a_group_that_never_existed_has_exited() {
    for pid in [2, 99, 4_194_304, i32::MAX as u32] {
        allows(&world(), pid, "SIGTERM", &[Exited], r::NEVER_EXISTED_IS_EXITED);
    }
}

#[test]
fn a_member_that_leads_no_group_is_no_group() {
    let mut world = world();
    allows(&world, 11, "SIGTERM", &[Exited, Failed], r::MEMBER_IS_NOT_LEADER);
    world.exit(11);
    allows(&world, 11, "SIGTERM", &[Exited, Failed], r::NEVER_EXISTED_IS_EXITED);
    world.reap(11);
    allows(&world, 11, "SIGTERM", &[Exited], r::NEVER_EXISTED_IS_EXITED);
}

#[test]
fn refused_for_every_member_is_an_error() {
    let world = world_refusing(&[10, 11, 12]);
    allows(&world, 10, "SIGTERM", &[Failed], r::REFUSED_IS_AN_ERROR);
}

#[test]
fn refused_for_every_member_is_an_error_also_when_some_exited_unreaped() {
    let mut world = world_refusing(&[10, 11, 12]);
    world.exit(10);
    world.exit(12);
    allows(&world, 10, "SIGTERM", &[Failed], r::REFUSED_IS_AN_ERROR);
}

#[test]
fn refused_for_some_is_delivered() {
    let mut world = world_refusing(&[10, 12]);
    allows(&world, 10, "SIGTERM", &[Delivered], r::PARTLY_REFUSED_IS_DELIVERED);
    world.stop_all(10);
    allows(&world, 10, "SIGTERM", &[Delivered], r::PARTLY_REFUSED_IS_DELIVERED);
    world.exit_all(10);
    allows(&world, 10, "SIGTERM", &[Delivered, Exited], r::UNREAPED_IS_NOT_AN_ERROR);
}

#[test]
fn refused_by_those_that_exited_only_is_a_plain_live_group() {
    let mut world = world_refusing(&[10, 12]);
    world.exit(12);
    world.exit(10);
    allows(&world, 10, "SIGTERM", &[Delivered], r::OUTLIVES_THE_LEADER);
}

#[test]
fn it_is_left_open_when_only_an_unreaped_member_may_be_signalled() {
    let mut world = world_refusing(&[10, 12]);
    world.exit(11);
    leaves_open(&world, 10);
    world.reap(11);
    allows(&world, 10, "SIGTERM", &[Failed], r::REFUSED_IS_AN_ERROR);
}

#[test]
fn it_is_left_open_when_all_exited_and_the_unreaped_are_refused() {
    let mut world = world_refusing(&[10, 11, 12]);
    world.exit_all(10);
    leaves_open(&world, 10);
    world.reap_all(10);
    allows(&world, 10, "SIGTERM", &[Exited], r::REPORTS_EXITED);
}

#[test]
fn an_unknown_name_is_an_error_for_a_live_group() {
    for name in ["", "SIGUSR1", "SIGSTOP", "$(id)", "-9"] {
        allows(&world(), 10, name, &[Failed], r::REJECTS_UNKNOWN_NAMES);
    }
    for name in ["sigterm", "TERM", "15", "SIGTERM ", "SIGTERM\0"] {
        allows(&world(), 10, name, &[Failed], r::NAMES_ARE_EXACT);
    }
}

#[test]
fn an_unknown_name_is_an_error_also_when_the_group_has_exited() {
    let mut world = world();
    world.exit_all(20);
    let rejects_both = |world: &World| {
        for (leader_pid, name) in [(20, "SIGUSR1"), (20, "TERM"), (77, "SIGUSR1"), (77, "TERM")] {
            allows(world, leader_pid, name, &[Failed], r::NAME_COMES_FIRST);
        }
    };
    rejects_both(&world);
    world.reap_all(20);
    rejects_both(&world);
}

#[test]
fn leader_pids_that_no_group_can_have_are_errors() {
    let world = world();
    allows(&world, 0, "SIGTERM", &[Failed], r::REJECTS_LEADER_ZERO);
    allows(&world, 1, "SIGTERM", &[Failed], r::REJECTS_LEADER_ONE);
    for pid in [1 << 31, u32::MAX - 9, u32::MAX - 1, u32::MAX] {
        allows(&world, pid, "SIGTERM", &[Failed], r::REJECTS_LEADER_OUT_OF_RANGE);
    }
    allows(&world, 0, "SIGUSR1", &[Failed], r::REJECTS_UNKNOWN_NAMES);
}
