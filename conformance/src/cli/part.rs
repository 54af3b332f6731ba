//! A part of the cases that are selected: a shard of them, or those that failed before.

use super::suggest;
use clap::Args;
use serde::{Deserialize, Deserializer, de::Error};
use signaller_conformance::harness::Case;
use signaller_conformance::report::json::SCHEMA;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How long the cases took that take long, an id and milliseconds a line, beside each other in a run of
/// `check local` on two processors. From its JSON report: `jq -r '.cases[] | select(.duration_ms >= 500) |
/// "\(.case) \(.duration_ms | round)"'`.
const DURATIONS: &str = include_str!("durations.txt");
/// How long any other takes, in milliseconds: their mean in that run.
const USUAL: u64 = 60;

/// The options of `check` that leave cases out.
#[derive(Args, Debug)]
pub struct PartOptions {
    /// Run one of N parts of the cases, each of about the same duration: 1/4, 2/4, …
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,

    /// Run what failed, warned or was broken in this JSON report, with its seed
    #[arg(long, value_name = "REPORT.json")]
    rerun: Option<PathBuf>,
}

/// One of several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shard {
    index: usize,
    count: usize,
}

/// What is left of the cases.
#[derive(Debug)]
pub struct Part<'a> {
    /// The cases, in order.
    pub cases: Vec<&'a Case>,
    /// The seed of the report whose failures they are.
    pub seed: Option<u64>,
}

impl PartOptions {
    /// Whether cases may be left out.
    pub fn leaves_out(&self) -> bool {
        self.shard.is_some() || self.rerun.is_some()
    }

    /// The part of `cases`, of which there is at least one.
    ///
    /// # Errors
    /// When there is none, or the report cannot be used; says which line of it is wrong.
    pub fn of<'a>(&self, cases: Vec<&'a Case>, catalogue: &[Case]) -> Result<Part<'a>, String> {
        let mut part = Part { cases, seed: None };
        if let Some(path) = &self.rerun {
            let earlier = Earlier::read(path, catalogue)?;
            part.seed = Some(earlier.seed);
            part.cases.retain(|case| earlier.failed.contains(&case.id));
            if part.cases.is_empty() {
                let why = match earlier.failed.len() {
                    0 => "nothing failed, warned or was broken there: there is nothing to run again",
                    _ => "--filter and --profile leave out all that failed there",
                };
                return Err(format!("--rerun {}: {why}", path.display()));
            }
        }
        if let Some(Shard { index, count }) = self.shard {
            let all = part.cases.len();
            let too_many = || format!("--shard {index}/{count}: {all} cases are too few for {count} shards");
            if count > all {
                return Err(too_many());
            }
            part.cases = split(part.cases, count).swap_remove(index - 1);
            if part.cases.is_empty() {
                return Err(too_many());
            }
        }
        Ok(part)
    }
}

fn shard(text: &str) -> Result<Shard, String> {
    let (index, count) = text.split_once('/').unwrap_or_default();
    match (index.parse(), count.parse()) {
        (Ok(index), Ok(count)) if 1 <= index && index <= count => Ok(Shard { index, count }),
        (Ok(index), Ok(count)) if count >= 1usize => Err(format!(
            "there is no shard {index} of {count}: the first is 1/{count}, the last {count}/{count}"
        )),
        _ => Err("two whole numbers are needed, such as 1/4 for the first of four shards".to_owned()),
    }
}

/// Cases that stay together, with their places, behind the milliseconds that they take.
type Bundle<'a> = (u64, Vec<(usize, &'a Case)>);

/// The cases in so many parts, each in the order that they had: the longest first to whom has least so far.
fn split<'a>(cases: Vec<&'a Case>, count: usize) -> Vec<Vec<&'a Case>> {
    let measured: BTreeMap<&str, u64> = durations().collect();
    let mut bundles: BTreeMap<&str, Bundle<'_>> = BTreeMap::new();
    for (place, case) in cases.into_iter().enumerate() {
        // All that histories say comes from one search, which takes as long for one requirement as for all.
        let is_history = case.id.ends_with("/histories");
        let bundle = bundles.entry(if is_history { "histories" } else { case.id.as_str() }).or_default();
        let takes = measured.get(case.id.as_str()).copied().unwrap_or(USUAL);
        bundle.0 = if is_history { bundle.0.max(takes) } else { takes };
        bundle.1.push((place, case));
    }
    let mut bundles: Vec<_> = bundles.into_values().collect();
    bundles.sort_by_key(|(takes, cases)| (Reverse(*takes), cases[0].0));
    let mut shards = vec![(0, Vec::new()); count];
    for (takes, cases) in bundles {
        let shard = shards.iter_mut().min_by_key(|(sum, _)| *sum).expect("there is a shard");
        shard.0 += takes;
        shard.1.extend(cases);
    }
    let in_order = |(_, mut cases): (u64, Vec<(usize, &'a Case)>)| {
        cases.sort_by_key(|(place, _)| *place);
        cases.into_iter().map(|(_, case)| case).collect()
    };
    shards.into_iter().map(in_order).collect()
}

fn durations() -> impl Iterator<Item = (&'static str, u64)> {
    DURATIONS.lines().filter_map(|line| {
        let (id, milliseconds) = line.rsplit_once(' ')?;
        Some((id, milliseconds.parse().ok()?))
    })
}

/// What an earlier run came to.
struct Earlier {
    seed: u64,
    failed: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(deserialize_with = "known_schema", rename = "schema")]
    _schema: u32,
    seed: u64,
    cases: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    case: String,
    status: String,
}

fn known_schema<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        SCHEMA => Ok(SCHEMA),
        other => Err(D::Error::custom(format!(
            "its schema is {other}, but this program knows {SCHEMA}: update it, or run `check` again"
        ))),
    }
}

impl Earlier {
    fn read(path: &Path, catalogue: &[Case]) -> Result<Self, String> {
        let place = path.display();
        let text = std::fs::read_to_string(path).map_err(|cause| format!("--rerun {place}: {cause}"))?;
        let document: Document = serde_json::from_str(&text).map_err(|cause| {
            format!("--rerun {place}: {cause}; a report of check --format json is needed")
        })?;
        let failed =
            document.cases.into_iter().filter(|row| matches!(&*row.status, "failed" | "warned" | "broken"));
        let failed: Vec<_> = failed.map(|row| row.case).collect();
        let ids = || catalogue.iter().map(|case| case.id.as_str());
        if let Some(unknown) = failed.iter().find(|case| !ids().any(|id| id == case.as_str())) {
            let line =
                text.lines().position(|line| line.contains(unknown.as_str())).map_or(1, |line| line + 1);
            let meant = suggest::did_you_mean(unknown, ids());
            return Err(format!("{place}:{line}: unknown case `{unknown}`{meant}"));
        }
        Ok(Self { seed: document.seed, failed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use signaller_conformance::cases;

    #[rstest]
    #[case(1)]
    #[case(2)]
    #[case(7)]
    fn shards_are_disjoint_whole_and_about_alike(#[case] count: usize) {
        let catalogue = cases::catalogue().unwrap();
        let shards = split(catalogue.iter().collect(), count);
        let mut ids: Vec<_> = shards.iter().flatten().map(|case| case.id.as_str()).collect();
        ids.sort_unstable();
        let mut all: Vec<_> = catalogue.iter().map(|case| case.id.as_str()).collect();
        all.sort_unstable();
        assert_eq!(ids, all);
        let measured: BTreeMap<&str, u64> = durations().collect();
        let takes = |case: &Case| measured.get(case.id.as_str()).copied().unwrap_or(USUAL);
        let longest = catalogue.iter().map(&takes).max().unwrap();
        let is_history = |case: &&&Case| case.id.ends_with("/histories");
        let sum = |shard: &Vec<&Case>| {
            let histories = shard.iter().filter(is_history).map(|case| takes(case)).max().unwrap_or_default();
            histories + shard.iter().filter(|case| !is_history(case)).map(|case| takes(case)).sum::<u64>()
        };
        let sums: Vec<_> = shards.iter().map(sum).collect();
        assert!(sums.iter().max().unwrap() - sums.iter().min().unwrap() <= longest, "{sums:?}");
    }

    #[test]
    fn each_measured_case_is_in_the_catalogue() {
        let catalogue = cases::catalogue().unwrap();
        for (id, _) in durations() {
            assert!(catalogue.iter().any(|case| case.id == id), "{id} is no case: measure again");
        }
    }

    #[rstest]
    fn a_shard_that_is_none_is_refused(#[values("5/4", "0/4", "1", "a/b", "1/0", "")] text: &str) {
        assert!(shard(text).is_err());
    }
}
