//! Names thrown at a subject, until it does something with one that is none of the four.
//!
//! First come the spellings that the cases try, the shortest first, then random names around the four. Each
//! must be refused, and nobody may receive anything. The first that is not is then made shorter, as long as
//! the subject does the same with it.

mod names;
mod prober;
mod shorter;

use crate::cases::names::is_wrong;
use crate::contract::{self, Requirement};
use crate::harness::{Result, Settings};
use crate::report::Finding;
use prober::{Kind, Prober, Wrong};
use process_groups::model::{Answer, Disposition, Member, World, requirement};
use shorter::shorter;
use std::collections::HashSet;

/// How many names are asked for between two looks at everybody.
const BATCH: usize = 48;

/// Something that the subject did though every name was a wrong one.
#[derive(Debug)]
pub struct Mistake {
    /// How many names were tried until then.
    pub tried: usize,
    /// The name with which it does that; `None` when it does so with none alone: it was late, or takes
    /// several.
    pub name: Option<Name>,
    /// The requirement that it breaks.
    pub requirement: &'static Requirement,
    /// What happened, in a fresh testbed if there is a name.
    pub finding: Box<Finding>,
}

/// A name that was found.
#[derive(Debug)]
pub struct Name {
    /// As it was found.
    pub first: String,
    /// The shortest with which the same happens.
    pub shortest: String,
}

/// Tries so many names on the subject of `settings`, in a sandbox. Returns what it did first, with a name
/// made as short as can be; `None` if it did nothing. `tried` hears how many were tried so far, and `shrunk`
/// each shorter name.
///
/// # Errors
/// [`crate::harness::Abort::Broken`] when the testbed does not do its part.
pub fn search(
    settings: &Settings,
    runs: usize,
    tried: &dyn Fn(usize),
    shrunk: &dyn Fn(&str),
) -> Result<Option<Mistake>> {
    settings
        .permits
        .with_permit(|| Search { settings, prober: Prober::new(settings) }.run(runs, tried, shrunk))
}

struct Search<'a> {
    settings: &'a Settings,
    prober: Prober<'a>,
}

impl Search<'_> {
    fn run(mut self, runs: usize, tried: &dyn Fn(usize), shrunk: &dyn Fn(&str)) -> Result<Option<Mistake>> {
        let settings = self.settings;
        let mut names = names::all(settings.seed).filter(|name| is_wrong(settings, name)).take(runs);
        let mut done = 0;
        loop {
            let batch: Vec<String> = names.by_ref().take(BATCH).collect();
            let wrong = match batch.is_empty() {
                // What was sent after its answer may have arrived by now.
                true => self.prober.late()?,
                false => self.prober.ask(&batch)?,
            };
            if let Some(wrong) = wrong {
                return self.narrow(done, &batch, wrong, shrunk).map(Some);
            }
            if batch.is_empty() {
                return Ok(None);
            }
            done += batch.len();
            tried(done);
        }
    }

    /// Which name of the batch it was, made short.
    fn narrow(
        &mut self,
        done: usize,
        batch: &[String],
        wrong: Wrong,
        shrunk: &dyn Fn(&str),
    ) -> Result<Mistake> {
        let Some((place, wrong)) = self.first_at_fault(batch, &wrong, wrong.kind)? else {
            let requirement = broken_by(None);
            return Ok(Mistake {
                tried: done + batch.len(),
                name: None,
                requirement,
                finding: wrong.finding,
            });
        };
        let first = batch[place].clone();
        let (shortest, wrong) = self.shorten(first.clone(), wrong, shrunk)?;
        let requirement = broken_by(Some(&shortest));
        let name = Some(Name { first, shortest });
        Ok(Mistake { tried: done + place + 1, name, requirement, finding: wrong.finding })
    }

    /// The shortest name that follows from that one and with which the same happens.
    fn shorten(&mut self, name: String, wrong: Wrong, shrunk: &dyn Fn(&str)) -> Result<(String, Wrong)> {
        let (mut name, mut wrong) = (name, wrong);
        let mut tried = HashSet::new();
        loop {
            let mut names = shorter(&name);
            names.retain(|name| is_wrong(self.settings, name) && tried.insert(name.clone()));
            let Some((shortest, happened)) = self.first_of(&names, wrong.kind)? else {
                return Ok((name, wrong));
            };
            (name, wrong) = (shortest, happened);
            shrunk(&name);
        }
    }

    /// The first of `names` with which something of that kind happens.
    fn first_of(&mut self, names: &[String], kind: Kind) -> Result<Option<(String, Wrong)>> {
        for batch in names.chunks(BATCH) {
            if let Some(in_batch) = self.prober.ask(batch)?
                && let Some((place, wrong)) = self.first_at_fault(batch, &in_batch, kind)?
            {
                return Ok(Some((batch[place].clone(), wrong)));
            }
        }
        Ok(None)
    }

    /// The first name of the batch with which alone, in a fresh testbed, something of that kind happens.
    /// `in_batch` is what happened with the whole batch.
    fn first_at_fault(
        &mut self,
        batch: &[String],
        in_batch: &Wrong,
        kind: Kind,
    ) -> Result<Option<(usize, Wrong)>> {
        let all: Vec<usize> = (0..batch.len()).collect();
        // An answer belongs to its name; what else happens could belong to any.
        let suspects = if in_batch.taken.is_empty() { &all } else { &in_batch.taken };
        for place in suspects {
            match self.prober.ask(&batch[*place..=*place])? {
                Some(alone) if alone.kind == kind => return Ok(Some((*place, alone))),
                _ => {}
            }
        }
        Ok(None)
    }
}

/// The requirement that a subject breaks which does not refuse that name, or a wrong one of which no more is
/// known.
fn broken_by(name: Option<&str>) -> &'static Requirement {
    const LEADER: u32 = 10;
    let mut world = World::new();
    world.spawn(LEADER, vec![Member::new(LEADER, Disposition::Watches)]);
    let broken = name.and_then(|name| world.allowed(LEADER, name).broken_by(Answer::Delivered));
    contract::find(broken.unwrap_or(requirement::REJECTS_UNKNOWN_NAMES))
        .expect("the suite has every requirement that the model names")
}
