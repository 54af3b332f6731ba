//! What can be left out of a history.

use super::step::Step;

/// Shorter histories, those that leave out most first: a group with all that happens to it, a step, a member
/// with all that happens to it, two steps. Not each is possible.
pub fn all(steps: &[Step]) -> impl Iterator<Item = Vec<Step>> {
    let places = 0..steps.len();
    let groups = places.clone().filter_map(|place| without_group(steps, place));
    let singles = places.clone().map(|one| without(steps, |place| place == one));
    let members = places.clone().flat_map(|place| without_a_member(steps, place));
    let pairs = places.clone().flat_map(move |one| {
        let others = one + 1..steps.len();
        others.map(move |other| without(steps, |place| place == one || place == other))
    });
    groups.chain(singles).chain(members).chain(pairs)
}

/// Without the group that is spawned there, if one is.
fn without_group(steps: &[Step], spawned: usize) -> Option<Vec<Step>> {
    let Step::Spawn { leader, members } = &steps[spawned] else { return None };
    let pids: Vec<u32> = [leader.pid].into_iter().chain(members.iter().map(|member| member.pid)).collect();
    let until = end_of(steps, spawned, &pids);
    Some(without(steps, |place| {
        place == spawned || (spawned < place && place < until && speaks_of(&steps[place], &pids))
    }))
}

/// Without one of the further members of the group that is spawned there, for each of them.
fn without_a_member(steps: &[Step], spawned: usize) -> Vec<Vec<Step>> {
    let Step::Spawn { leader, members } = &steps[spawned] else { return Vec::new() };
    let without_one = |pid: u32| {
        let until = end_of(steps, spawned, &[pid]);
        let mut steps = steps.to_vec();
        let mut fewer = members.clone();
        fewer.retain(|member| member.pid != pid);
        steps[spawned] = Step::Spawn { leader: leader.clone(), members: fewer };
        without(&steps, |place| spawned < place && place < until && speaks_of(&steps[place], &[pid]))
    };
    members.iter().map(|member| without_one(member.pid)).collect()
}

/// Where one of these pids is given to another process.
fn end_of(steps: &[Step], spawned: usize, pids: &[u32]) -> usize {
    let taken = |step: &Step| match step {
        Step::Spawn { leader, members } => {
            pids.contains(&leader.pid) || members.iter().any(|member| pids.contains(&member.pid))
        }
        _ => false,
    };
    let later = steps.iter().enumerate().skip(spawned + 1);
    later.filter(|(_, step)| taken(step)).map(|(place, _)| place).next().unwrap_or(steps.len())
}

/// Whether a step is about the process or the group of one of these pids.
fn speaks_of(step: &Step, pids: &[u32]) -> bool {
    match step {
        Step::Exit { pid } | Step::Reap { pid } | Step::Stop { pid } | Step::Continue { pid } => {
            pids.contains(pid)
        }
        Step::ExitAll { leader_pid: pid }
        | Step::ReapAll { leader_pid: pid }
        | Step::StopAll { leader_pid: pid }
        | Step::ContinueAll { leader_pid: pid } => pids.contains(pid),
        Step::Spawn { .. } | Step::Register { .. } | Step::Forget { .. } => false,
        Step::SignalAll { .. } | Step::Swap { .. } => false,
        Step::StopRegistry { .. } => false,
        Step::Keep | Step::SignalTargets { .. } | Step::ForgetRegistration { .. } => false,
    }
}

fn without(steps: &[Step], left_out: impl Fn(usize) -> bool) -> Vec<Step> {
    let kept = steps.iter().enumerate().filter(|(place, _)| !left_out(*place));
    kept.map(|(_, step)| step.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps as they are written in a file, a line each.
    fn steps(text: &str) -> Vec<Step> {
        let step = |line: &str| serde_json::from_str(line).expect("it is a step");
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(step).collect()
    }

    #[test]
    fn a_group_goes_with_all_that_happens_to_it_until_its_pid_comes_back() {
        let steps = steps(
            r#"
            {"do":"spawn","leader":{"pid":10,"conduct":"dies"},"members":[{"pid":11,"kin":"child","conduct":"dies"}]}
            {"do":"register","leader_pid":10,"label":"make"}
            {"do":"exit","pid":11}
            {"do":"exit-all","leader_pid":10}
            {"do":"reap-all","leader_pid":10}
            {"do":"spawn","leader":{"pid":10,"conduct":"watches"}}
            {"do":"exit-all","leader_pid":10}
            "#,
        );
        let kept = all(&steps).next().expect("there is a group");
        assert_eq!(kept, [&steps[1], &steps[5], &steps[6]].map(Step::clone));
    }

    #[test]
    fn a_member_goes_with_all_that_happens_to_it() {
        let steps = steps(
            r#"
            {"do":"spawn","leader":{"pid":10,"conduct":"dies"},"members":[{"pid":11,"kin":"child","conduct":"dies"}]}
            {"do":"stop","pid":11}
            {"do":"stop","pid":10}
            "#,
        );
        let [kept] = &without_a_member(&steps, 0)[..] else { panic!("there is one member") };
        assert_eq!(kept[0].to_string(), "spawn group 10: leader 10 (dies of any signal)");
        assert_eq!(kept[1..], steps[2..]);
    }
}
