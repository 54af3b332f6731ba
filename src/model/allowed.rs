//! Which answers a conforming signaller may give.

use super::{Answer, Group, Life, Member, World, names, requirement};

/// The answers that a conforming signaller may give to one question, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The answers: one, or several where platforms differ.
    pub answers: Vec<Answer>,
    /// The requirement that any other answer breaks; `None` when the question is left open and no answer
    /// does.
    pub requirement: Option<&'static str>,
    /// The situation, and what follows from it.
    pub reason: &'static str,
}

impl Allowed {
    /// Whether that answer may be given.
    pub fn permits(&self, answer: Answer) -> bool {
        self.answers.contains(&answer)
    }

    /// The requirement that this answer breaks, if it may not be given.
    pub fn broken_by(&self, answer: Answer) -> Option<&'static str> {
        if self.permits(answer) { None } else { self.requirement }
    }

    fn only(answer: Answer, requirement: &'static str, reason: &'static str) -> Self {
        Self { answers: vec![answer], requirement: Some(requirement), reason }
    }

    fn any(reason: &'static str) -> Self {
        let answers = vec![Answer::Delivered, Answer::Exited, Answer::Failed];
        Self { answers, requirement: None, reason }
    }
}

impl World {
    /// What a conforming signaller may answer when it is asked now to send the signal of that name to the
    /// group of that leader pid.
    ///
    /// The name is looked at first, then the leader pid, then the group. Names that a subject declares beyond
    /// the four are unknown here.
    ///
    /// ```
    /// use process_groups::model::{Answer, World, requirement};
    ///
    /// let typo = World::new().allowed(4242, "SIGTREM");
    /// assert!(typo.permits(Answer::Failed));
    /// assert_eq!(typo.broken_by(Answer::Exited), Some(requirement::NAME_COMES_FIRST));
    /// ```
    pub fn allowed(&self, leader_pid: u32, signal_name: &str) -> Allowed {
        if names::known(signal_name).is_none() {
            return self.for_unknown_name(leader_pid, signal_name);
        }
        if let Some(refusal) = for_no_leader_pid(leader_pid) {
            return refusal;
        }
        match self.group(leader_pid) {
            None => self.for_no_group(leader_pid),
            Some(group) if group.is_live() => for_live(group),
            Some(group) => for_unreaped(group),
        }
    }

    fn for_unknown_name(&self, leader_pid: u32, signal_name: &str) -> Allowed {
        let no_group_lives = for_no_leader_pid(leader_pid).is_none()
            && self.group(leader_pid).is_none_or(|group| !group.is_live());
        let (requirement, reason) = if no_group_lives {
            (
                requirement::NAME_COMES_FIRST,
                "the name is none of the four, and that comes before the question whether the group is live: it is not",
            )
        } else if names::is_another_spelling(signal_name) {
            (requirement::NAMES_ARE_EXACT, "the name is one of the four, but spelled in another way")
        } else {
            (requirement::REJECTS_UNKNOWN_NAMES, "the name is none of the four")
        };
        Allowed::only(Answer::Failed, requirement, reason)
    }

    fn for_no_group(&self, leader_pid: u32) -> Allowed {
        if self.process(leader_pid).is_some_and(Member::is_live) {
            return Allowed {
                answers: vec![Answer::Exited, Answer::Failed],
                requirement: Some(requirement::MEMBER_IS_NOT_LEADER),
                reason: "a live process has this pid, but leads no group: no group has it as its id, and it \
                         may lead one yet",
            };
        }
        if self.process(leader_pid).is_some_and(Member::is_unreaped) {
            return Allowed {
                answers: vec![Answer::Exited, Answer::Failed],
                requirement: Some(requirement::NEVER_EXISTED_IS_EXITED),
                reason: "a process that has exited and is not reaped has this pid, but leads no group: who looks \
                         closer may find it odd",
            };
        }
        let (requirement, reason) = if self.asked_when_ended.contains(&leader_pid) {
            (
                requirement::EXITED_IS_REPEATABLE,
                "the group has exited and been reaped, and was asked for since: the answer stays the same",
            )
        } else if self.has_ended(leader_pid) {
            (requirement::REPORTS_EXITED, "the group has exited and been reaped: no process is left in it")
        } else {
            (
                requirement::NEVER_EXISTED_IS_EXITED,
                "no group ever had this id, and it is a pid that one could have",
            )
        };
        Allowed::only(Answer::Exited, requirement, reason)
    }
}

/// Leader pids 0, 1 and above `i32::MAX` name no group. POSIX, kill(): 0 means the caller's own group, -1
/// every process; and a `pid_t` holds no more than `i32::MAX` on every system that we know of.
fn for_no_leader_pid(leader_pid: u32) -> Option<Allowed> {
    let (requirement, reason) = match leader_pid {
        0 => (
            requirement::REJECTS_LEADER_ZERO,
            "leader pid 0 is no group's: kill(2) takes it for the caller's own",
        ),
        1 => (
            requirement::REJECTS_LEADER_ONE,
            "leader pid 1 is no group's: kill(2) takes its negation for every process",
        ),
        2..=0x7fff_ffff => return None,
        _ => (
            requirement::REJECTS_LEADER_OUT_OF_RANGE,
            "a leader pid above i32::MAX is no group's: cast to a pid_t it wraps and means single processes",
        ),
    };
    Some(Allowed::only(Answer::Failed, requirement, reason))
}

/// POSIX, kill(): it succeeds if the caller may signal any one of the receiving processes, and fails with
/// EPERM if it may signal none (measured on Linux 6.18).
fn for_live(group: &Group) -> Allowed {
    let all = |is: fn(&Member) -> bool, of: &[&Member]| of.iter().all(|member| is(member));
    let live: Vec<&Member> = group.members().iter().filter(|member| member.is_live()).collect();
    let reachable: Vec<&Member> = live.iter().copied().filter(|member| !member.is_refused()).collect();

    if reachable.is_empty() {
        return if group.members().iter().any(|member| member.is_unreaped() && !member.is_refused()) {
            Allowed::any(
                "left open: only members that have exited unreaped may be signalled, and every live one may \
                 not (kill(2) says delivered)",
            )
        } else {
            Allowed::only(
                Answer::Failed,
                requirement::REFUSED_IS_AN_ERROR,
                "the group is live, and permission is refused for every member",
            )
        };
    }
    let (requirement, reason) = if reachable.len() < live.len() {
        (
            requirement::PARTLY_REFUSED_IS_DELIVERED,
            "the group is live, and some of its live members may be signalled though others may not",
        )
    } else if all(|member| member.life() == Life::Stopped, &reachable) {
        (requirement::REACHES_STOPPED_MEMBERS, "the group is live: being stopped is not having exited")
    } else if group.is_leaderless() {
        (requirement::OUTLIVES_THE_LEADER, "the leader has exited, but the group is live: a member survives")
    } else if group.is_reused() {
        (
            requirement::SEES_A_REUSED_PID,
            "a group of this id has exited, but another has the id now, and is live",
        )
    } else {
        (requirement::REPORTS_DELIVERED, "the group is live")
    };
    Allowed::only(Answer::Delivered, requirement, reason)
}

/// POSIX leaves it to the system whether processes that are not yet reaped can be signalled: Linux says that
/// they were (kill(2), measured on 6.18), Darwin says EPERM, which a signaller has to tell from a true
/// refusal.
///
/// When every one of them belongs to somebody else Linux says EPERM too (measured): `refused-is-an-error`
/// would have it `Err`, `unreaped-is-not-an-error` never. The model leaves it open: nobody is left to lose.
fn for_unreaped(group: &Group) -> Allowed {
    if group.members().iter().any(|member| member.is_unreaped() && !member.is_refused()) {
        Allowed {
            answers: vec![Answer::Delivered, Answer::Exited],
            requirement: Some(requirement::UNREAPED_IS_NOT_AN_ERROR),
            reason: "every member has exited, but not all are reaped: some systems say delivered, some exited",
        }
    } else {
        Allowed::any("left open: every member has exited, and those not yet reaped belong to somebody else")
    }
}

#[cfg(test)]
mod tests;
