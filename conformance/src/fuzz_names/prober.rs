//! Asking for names that must be refused, and what happens instead.

use crate::cases::checks::touched;
use crate::cases::names::witnesses;
use crate::harness::Settings;
use crate::harness::{Abort, Context, Group, Problems, Result, SHOWN, Snapshot, answer_text, question_text};
use crate::report::Finding;
use crate::subject::wire::Question;

const EXPECTED: &str = "Err, and nobody receives anything: none of the four names is spelled like that";

/// How a subject does not refuse a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It answers that the signal was delivered, or that the group has exited.
    Takes,
    /// It gives no answer: it exits, hangs, or writes something else.
    FailsToAnswer,
    /// It answers with an error, and somebody is signalled, stopped, continued or ended.
    Signals,
}

/// What happened where names should have been refused.
#[derive(Debug)]
pub struct Wrong {
    /// Of which kind it is.
    pub kind: Kind,
    /// The places of the names that were taken.
    pub taken: Vec<usize>,
    /// What is told of it.
    pub finding: Box<Finding>,
}

/// A testbed with a group on which every signal is seen, made anew whenever something happened in it.
pub struct Prober<'a> {
    settings: &'a Settings,
    context: Option<(Context, Group, Snapshot)>,
}

impl<'a> Prober<'a> {
    /// For the subject of `settings`.
    pub fn new(settings: &'a Settings) -> Self {
        Self { settings, context: None }
    }

    /// Asks for the group with each of `names`, a few at once. Returns what happened, unless each is refused
    /// and nobody hears of it.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the testbed does not do its part.
    pub fn ask(&mut self, names: &[String]) -> Result<Option<Wrong>> {
        let (mut context, group, before) = match self.context.take() {
            Some(context) => context,
            None => self.fresh()?,
        };
        let questions: Vec<_> = names.iter().map(|name| Question::new(group.id, name)).collect();
        let asked = context.ask_all(&questions, SHOWN);
        let after = match context.snapshot() {
            Ok(after) => after,
            // The agent itself was hit.
            Err(Abort::Breach(finding)) => return Ok(Some(Wrong::signalled(finding))),
            Err(stop) => return Err(stop),
        };
        let touched = touched(&context, &before, &after, &[]);
        let answers = match asked {
            Ok(answers) => answers,
            Err(Abort::Breach(mut finding)) => {
                finding.happened = format!("{}\n{}", finding.happened, touched.text()).trim_end().to_owned();
                return Ok(Some(Wrong { kind: Kind::FailsToAnswer, taken: Vec::new(), finding }));
            }
            Err(stop) => return Err(stop),
        };
        let is_taken = |place: &usize| answers[*place].line.answer.is_ok();
        let taken: Vec<usize> = (0..answers.len()).filter(is_taken).collect();
        let said = |place: &usize| {
            format!(
                "{} answered {}",
                question_text(&questions[*place]),
                answer_text(&answers[*place].line.answer)
            )
        };
        let mut problems: Problems = taken.iter().map(said).collect();
        problems.extend(touched);
        if problems.is_empty() {
            self.context = Some((context, group, after));
            return Ok(None);
        }
        let finding = breach(&mut context, &problems)?;
        let kind = if taken.is_empty() { Kind::Signals } else { Kind::Takes };
        Ok(Some(Wrong { kind, taken, finding }))
    }

    /// What happened a moment after the last answers, if anything did.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the testbed does not do its part.
    pub fn late(&mut self) -> Result<Option<Wrong>> {
        let Some((context, _, before)) = &mut self.context else { return Ok(None) };
        context.wait_for_latecomers();
        let after = context.snapshot()?;
        let problems = touched(context, before, &after, &[]);
        if problems.is_empty() {
            return Ok(None);
        }
        Ok(Some(Wrong::signalled(breach(context, &problems)?)))
    }

    fn fresh(&self) -> Result<(Context, Group, Snapshot)> {
        let mut context = Context::new(self.settings, &self.settings.subject.program, "fuzz-names")?;
        let group = witnesses(&mut context)?;
        context.start()?;
        let snapshot = context.snapshot()?;
        Ok((context, group, snapshot))
    }
}

impl Wrong {
    fn signalled(finding: Box<Finding>) -> Self {
        Self { kind: Kind::Signals, taken: Vec::new(), finding }
    }
}

/// The finding that tells of `problems`.
fn breach(context: &mut Context, problems: &Problems) -> Result<Box<Finding>> {
    match context.breach(EXPECTED, &problems.text()) {
        Abort::Breach(finding) => Ok(finding),
        stop => Err(stop),
    }
}
