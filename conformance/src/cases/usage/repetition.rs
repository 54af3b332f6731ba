//! `steady-under-repetition`: what the subject holds does not grow with the number of calls.

mod calls;
mod changes;
mod growth;

use crate::cases::checks::{FOUR, WATCHABLE, start_with_cap_kill};
use crate::cases::refused::{refused_group, start_refused};
use crate::cases::{Case, Need};
use crate::contract::STEADY_UNDER_REPETITION;
use crate::harness::{Context, Lineage, Means, Result, Session, Shape};
use crate::subject::wire::Question;
use crate::testbed::protocol::{Disposition, Program};
use calls::{
    Calls, FRESH, MIXED, TIME, WARM_UP, WITHOUT_TOOLS, expect_no_leak, pass_by, repeated, steady, steady_each,
};
use growth::WINDOWS;

/// The first id that a subject has not seen before: no pid is as large (proc_sys_kernel(5)).
const NEW_ID: u32 = 2_000_000_000;
/// How long a name is that a subject has not seen before, in characters: to keep some thousand takes more
/// memory than a heap has to spare. All are as long as each other, since what was freed of one holds no
/// longer one: the heap of a Ruby program with threads grew with the length of the names, from call to call.
const NEW_NAME: usize = 40_000;

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    vec![
        steady("live", "for a live group", &[], |context| {
            let group = context.group(&Shape::alone().with(Lineage::Child).all(Disposition::Ignores))?;
            Ok(vec![Question::new(group.id, "SIGTERM")])
        }),
        steady("exited", "for groups that have exited", &[], |context| {
            let ids = [context.exited_group(&Shape::alone())?.id, context.exited_group(&Shape::family())?.id];
            Ok(ids.map(|id| Question::new(id, "SIGTERM")).into())
        }),
        steady("missing", "for ids that no group ever had, a new one each", &[], |context| {
            let ids = (0..64).map(|_| context.free_id()).collect::<Result<Vec<_>, _>>()?;
            Ok(ids.into_iter().map(|id| Question::new(id, "SIGKILL")).collect())
        }),
        steady("unreaped", "for a group whose members have exited and are not reaped", &[], |context| {
            let group = context.group(&Shape::family())?;
            context.end_all(&group)?;
            Ok(["SIGINT", "SIGKILL"].map(|name| Question::new(group.id, name)).into())
        }),
        steady("member", "for the pid of a process that leads no group", &[], |context| {
            Ok(vec![Question::new(context.group(&Shape::family())?.members[1], "SIGTERM")])
        }),
        steady(
            "unknown-name",
            "with unknown names, for a live group and for an exited one",
            &[],
            |context| {
                let ids = [context.group(&Shape::alone())?.id, context.exited_group(&Shape::alone())?.id];
                let names = ["SIGFOO", "sigterm", ""];
                Ok(ids.into_iter().flat_map(|id| names.map(|name| Question::new(id, name))).collect())
            },
        ),
        steady("refused", "for a group that may not be signalled", &[Need::Refusal], |context| {
            let group = refused_group(context, &Shape::family())?;
            start_refused(context, std::slice::from_ref(&group))?;
            Ok(FOUR.map(|(name, _)| Question::new(group.id, name)).into())
        }),
        steady("survivors", "for a group whose leader is gone", &[], |context| {
            let mut group = context.group(&Shape::family().all(Disposition::Ignores))?;
            context.end_leader(&mut group)?;
            Ok(vec![Question::new(group.id, "SIGTERM")])
        }),
        steady(
            "unreaped-leader",
            "for a group whose leader has exited and is not reaped, and whose members live",
            &[],
            |context| {
                let group = context.group(&Shape::family().all(Disposition::Ignores))?;
                context.exit(group.id)?;
                Ok(vec![Question::new(group.id, "SIGTERM")])
            },
        ),
        steady(
            "refused-some-unreaped",
            "for a group that may not be signalled, of which a member is not reaped",
            &[Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::family())?;
                context.exit(group.members[1])?;
                start_refused(context, std::slice::from_ref(&group))?;
                Ok(vec![Question::new(group.id, "SIGTERM")])
            },
        ),
        steady(
            "other-user",
            "for a group of another user, which may be signalled",
            &[Need::OtherUser],
            |context| {
                start_with_cap_kill(context)?;
                let shape = Shape::alone().with(Lineage::Child).all(Disposition::Ignores);
                Ok(vec![Question::new(context.group(&shape.all_others())?.id, "SIGTERM")])
            },
        ),
        steady("other-sessions", "for groups in a session of their own and in a window's", &[], |context| {
            let shape = Shape::alone().with(Lineage::Child).all(Disposition::Ignores);
            let groups = [Session::Own, Session::Windows]
                .map(|session| context.group(&shape.clone().session(session)));
            groups.into_iter().map(|group| Ok(Question::new(group?.id, "SIGTERM"))).collect()
        }),
        steady("large", "for a group of eighty members", &[], |context| {
            let shape = (0..79).fold(Shape::alone(), |shape, _| shape.with(Lineage::Child));
            Ok(vec![Question::new(context.group(&shape.all(Disposition::Ignores))?.id, "SIGTERM")])
        }),
        steady("terminal", "for a job in the foreground of a terminal", &[Need::Terminals], |context| {
            let shape = Shape::alone().with(Lineage::Child).all(Disposition::Ignores).in_terminal();
            let group = context.group(&shape)?;
            context.put_in_foreground(group.window, group.id)?;
            Ok(["SIGTERM", "SIGINT"].map(|name| Question::new(group.id, name)).into())
        }),
        steady("stopped", "for a stopped group", &[], |context| {
            let group = context.group(&Shape::alone().with(Lineage::Child))?;
            context.stop(&group)?;
            Ok(vec![Question::new(group.id, "SIGTERM")])
        }),
        steady(
            "partly-refused",
            "for a group of which some members may not be signalled",
            &[Need::SomeRefused],
            |context| {
                let group = context.group(&Shape::family().with_others().all(Disposition::Ignores))?;
                context.start_without_cap_kill()?;
                Ok(vec![Question::new(group.id, "SIGTERM")])
            },
        ),
        steady("no-leader-pid", "for the leader pids 0, 1 and above 2147483647", &[Need::Sandbox], |_| {
            Ok([0, 1, 1 << 31, u32::MAX].map(|leader_pid| Question::new(leader_pid, "SIGFOO")).into())
        }),
        steady(MIXED, "of every kind, mixed", &[], |context| {
            let live = context.group(&Shape::family().all(Disposition::Ignores))?;
            let gone = context.exited_group(&Shape::alone())?.id;
            Ok(vec![
                Question::new(live.id, "SIGTERM"),
                Question::new(gone, "SIGKILL"),
                Question::new(live.id, "SIGFOO"),
                Question::new(live.members[1], "SIGINT"),
                Question::new(live.id, "SIGHUP"),
                Question::new(gone, "SIGFOO"),
            ])
        }),
        steady_each(
            "without-tools",
            "for a live group, while no program can be started",
            &[&[Need::StaysUp], Means::Tools.needs()].concat(),
            WITHOUT_TOOLS,
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child).all(Disposition::Ignores))?;
                context.start_with_means(Means::Tools, Program::default())?;
                let _ = context.ask(group.id, "SIGTERM")?;
                context.take_away(Means::Tools)?;
                let _ = context.ask_without(Means::Tools, group.id, "SIGTERM")?;
                // Whoever answered once can do so as often as is wanted.
                let kinds = usize::from(!context.has_broken_down());
                Ok(Calls { kinds, question: Box::new(move |_| Question::new(group.id, "SIGTERM")) })
            },
        ),
        steady_each("new-ids", "each for a new id that no group has", &[], FRESH, |_| {
            Ok(Calls { kinds: 1, question: Box::new(|call| Question::new(NEW_ID + call as u32, "SIGTERM")) })
        }),
        steady_each("new-names", "each with a new and long unknown name", &[], FRESH, |context| {
            let live = context.group(&Shape::alone())?.id;
            let name = |call| format!("{call:_>NEW_NAME$}");
            Ok(Calls { kinds: 1, question: Box::new(move |call| Question::new(live, name(call))) })
        }),
        Case::new(
            STEADY_UNDER_REPETITION,
            "many-groups",
            "A hundred groups, each signalled and then gone, then three hundred more: nothing is kept of \
             each. A slow subject gets fewer.",
            &[Need::Holdings],
            |context| {
                pass_by(context, None, WARM_UP, TIME)?;
                let pass_by = |context: &mut Context, most, time| pass_by(context, None, most, time);
                expect_no_leak(context, 3 * WARM_UP / WINDOWS, true, pass_by)
            },
        ),
        Case::new(
            STEADY_UNDER_REPETITION,
            "in-one-batch",
            "A hundred batches by `signal_each`, of a live group and an exited one, then three hundred more: nothing is \
             kept of each.",
            &[Need::Batches, Need::Holdings],
            |context| {
                let live = context.group(&Shape::alone().with(Lineage::Child).all(Disposition::Ignores))?.id;
                let batch = [live, context.exited_group(&Shape::alone())?.id];
                let ask = |context: &mut Context, most, time| {
                    repeated(most, time, |asked| {
                        let _ = context.ask_each(&batch, WATCHABLE[asked % WATCHABLE.len()].0)?;
                        Ok(())
                    })
                };
                ask(context, WARM_UP, TIME)?;
                expect_no_leak(context, 3 * WARM_UP / WINDOWS, false, ask)
            },
        ),
        Case::new(
            STEADY_UNDER_REPETITION,
            "one-id",
            "A hundred groups with one id, each signalled and then gone, then three hundred more: nothing is kept \
             of who had the id. A slow subject gets fewer.",
            &[Need::Holdings, Need::ChosenIds],
            |context| {
                let id = Some(context.free_id()?);
                pass_by(context, id, WARM_UP, TIME)?;
                let pass_by = |context: &mut Context, most, time| pass_by(context, id, most, time);
                expect_no_leak(context, 3 * WARM_UP / WINDOWS, false, pass_by)
            },
        ),
        Case::new(
            STEADY_UNDER_REPETITION,
            "ends-with-its-input",
            "After a few calls the subject's standard input ends: its process ends too, as the stdio form says.",
            &[],
            |context| {
                let id = context.free_id()?;
                let _ = context.ask(id, "SIGTERM")?;
                let _ = context.ask(id, "SIGFOO")?;
                context.connection()?.end_input();
                context.note("ended the subject's standard input".to_owned());
                let limit = context.settings().timeout;
                if !context.subject_state(limit)?.is_live() {
                    return Ok(());
                }
                let seconds = limit.as_secs_f32();
                let problem = format!("its process still runs {seconds} s after its standard input ended");
                context.expect_none_late("a subject ends when its standard input ends", vec![problem])
            },
        ),
    ]
}
