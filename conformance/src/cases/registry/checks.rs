//! What registry cases begin with and look for. Each check is about one thing only, so that a fault is
//! reported under its own requirement.

use crate::harness::{Context, Cycle, Result, entries_text, entry_text, target_text};
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::{Entry, Target};
use crate::subject::wire::SignalResult;

/// Five groups with ids that no kernel gives (Linux: at most 4,194,304), ordered neither by leader pid nor by
/// label.
pub const FIVE: [(u32, &str); 5] = [
    (4_200_300, "make"),
    (4_200_100, "vim"),
    (4_200_500, "cargo test"),
    (4_200_200, "bash"),
    (4_200_400, "less"),
];

/// Leader pids at the edges of what a `u32`, a pid and a shorter or signed number can hold, and some that are
/// equal in their last 8, 16 or 31 bits. A registry keeps what it is given: which of them can be signalled is
/// for the signaller to say. Cases with these need a sandbox: a faulty registry might signal them itself.
pub const EDGES: [u32; 24] = [
    4_194_304,
    300,
    300 + (1 << 8),
    300 + (1 << 16),
    300 + (1 << 31),
    2,
    3,
    2 + (1 << 31),
    9,
    30,
    3_000,
    1 << 15,
    (1 << 15) - 1,
    1 << 16,
    (1 << 16) + 2,
    4_194_303,
    1 << 24,
    i32::MAX as u32,
    1 << 31,
    u32::MAX,
    u32::MAX - 1,
    0,
    1,
    u32::MAX - 299,
];

/// Labels and messages that somebody might trim, cut, parse, fold or take for the end of a text.
pub fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        " make ",
        "make",
        "Make",
        "MAKE",
        "make\n",
        "make\nmake",
        "\n",
        "\t",
        "\0",
        "make\0more",
        "\u{1b}[31mred",
        "é",
        "e\u{301}",
        "Ünïcödé",
        "日本語",
        "🦀",
        "\u{202e}ekam",
        "\u{feff}make",
        "null",
        "true",
        "0",
        "4200300",
        "{\"leader_pid\":2}",
        "a\\nb",
        "\"quoted\"",
        "'; rm -rf /",
        "%s%n",
        "{label}",
        "Ok(false)",
        "No such process",
        "exited",
    ]
    .map(str::to_owned)
    .into();
    texts.extend([255, 256, 1_025, 65_537].map(|length| "long ".repeat(length / 5 + 1)[..length].to_owned()));
    texts
}

/// A thousand entries, their leader pids in no order.
pub fn thousand() -> Vec<(u32, String)> {
    // 7,919 has no divisor in common with 1,000, so that each number below that comes once.
    (0..1_000).map(|place| (4_300_000 + place * 7_919 % 1_000, format!("job {place}"))).collect()
}

/// The leader pids of `entries`, in order.
pub fn pids<L>(entries: &[(u32, L)]) -> Vec<u32> {
    entries.iter().map(|entry| entry.0).collect()
}

/// The leader pids that are listed, in order.
pub fn listed(entries: &[Entry]) -> Vec<u32> {
    entries.iter().map(|entry| entry.leader_pid).collect()
}

/// Makes a registry whose signaller follows `script`, and registers `entries` with it.
///
/// # Errors
/// As its operations.
pub fn holding<L: AsRef<str>>(context: &mut Context, entries: &[(u32, L)], script: Script) -> Result {
    context.registry(script)?;
    context.register_all(entries)?;
    Ok(())
}

/// One `signal_all`, with the list before it and after it.
pub struct Round {
    /// The list before.
    pub before: Vec<Entry>,
    /// What was returned and who was asked.
    pub cycle: Cycle,
    /// The list after.
    pub after: Vec<Entry>,
}

impl Round {
    /// Lists, signals all, and lists again.
    ///
    /// # Errors
    /// As its operations.
    pub fn run(context: &mut Context, signal_name: &str) -> Result<Self> {
        let before = context.entries()?;
        let cycle = context.signal_all(signal_name)?;
        let after = context.entries()?;
        Ok(Self { before, cycle, after })
    }
}

/// A sentence for each of `expected` that is not listed.
pub fn missing(entries: &[Entry], expected: &[u32]) -> Vec<String> {
    let gone = expected.iter().filter(|&&pid| !entries.iter().any(|entry| entry.leader_pid == pid));
    in_words(gone.map(|pid| format!("leader pid {pid} is not listed")).collect(), entries)
}

/// A sentence for each of `unwanted` that is listed.
pub fn lingering(entries: &[Entry], unwanted: &[u32]) -> Vec<String> {
    let there = entries.iter().filter(|entry| unwanted.contains(&entry.leader_pid));
    in_words(there.map(|entry| format!("leader pid {} is listed", entry.leader_pid)).collect(), entries)
}

/// A sentence for each leader pid that is listed more than once.
pub fn doubled(entries: &[Entry]) -> Vec<String> {
    let times = |pid: u32| entries.iter().filter(|entry| entry.leader_pid == pid).count();
    let mut twice: Vec<u32> = listed(entries).into_iter().filter(|&pid| times(pid) > 1).collect();
    twice.sort_unstable();
    twice.dedup();
    let sentence = |pid: u32| format!("leader pid {pid} is listed {} times", times(pid));
    in_words(twice.into_iter().map(sentence).collect(), entries)
}

/// A sentence if those of `expected` that are listed do not stand in that order. Others do not count, and of
/// one that is listed twice the first place does.
pub fn disordered(entries: &[Entry], expected: &[u32]) -> Vec<String> {
    let mut seen = Vec::new();
    for pid in listed(entries) {
        if expected.contains(&pid) && !seen.contains(&pid) {
            seen.push(pid);
        }
    }
    let owed: Vec<u32> = expected.iter().copied().filter(|pid| seen.contains(pid)).collect();
    match seen.iter().zip(&owed).position(|(seen, owed)| seen != owed) {
        Some(place) => {
            in_words(vec![format!("leader pid {} stands before {}", seen[place], owed[place])], entries)
        }
        None => Vec::new(),
    }
}

/// A sentence for each of `expected` that is listed with another label, in whatever place.
pub fn mislabelled<L: AsRef<str>>(entries: &[Entry], expected: &[(u32, L)]) -> Vec<String> {
    let sentence = |entry: &Entry| {
        let (_, label) = expected.iter().find(|(pid, _)| *pid == entry.leader_pid)?;
        let owed = Entry { leader_pid: entry.leader_pid, label: label.as_ref().to_owned() };
        (*entry != owed).then(|| format!("{} should be {}", entry_text(entry), entry_text(&owed)))
    };
    in_words(entries.iter().filter_map(sentence).collect(), entries)
}

/// Sentences on how the list differs from `expected`, if it does: in leader pids, labels or order.
pub fn differing(entries: &[Entry], expected: &[Entry]) -> Vec<String> {
    if entries == expected {
        return Vec::new();
    }
    let place = entries.iter().zip(expected).position(|(is, owed)| is != owed);
    let place = place.unwrap_or(entries.len().min(expected.len()));
    let text = |entry: Option<&Entry>| entry.map_or_else(|| "nothing".to_owned(), entry_text);
    let (is, owed) = (text(entries.get(place)), text(expected.get(place)));
    in_words(vec![format!("place {} holds {is} and should hold {owed}", place + 1)], entries)
}

/// Every row of `length` answers out of `kinds`.
pub fn rows(length: usize, kinds: &[SignalResult]) -> Vec<Vec<SignalResult>> {
    (0..length).fold(vec![Vec::new()], |rows, _| {
        let longer = |row: &Vec<SignalResult>| {
            let row = row.clone();
            kinds.iter().map(move |kind| row.iter().chain([kind]).cloned().collect())
        };
        rows.iter().flat_map(longer).collect()
    })
}

/// A script for signaller 1 that gives the first of `entries` the first of `answers`, and so on.
pub fn answering<L>(entries: &[(u32, L)], answers: &[SignalResult]) -> Script {
    let pairs = entries.iter().zip(answers);
    pairs.fold(Script::new(1), |script, ((leader_pid, _), answer)| script.says(*leader_pid, answer.clone()))
}

/// The sentences, if any, not too many, with the list behind them.
fn in_words(mut sentences: Vec<String>, entries: &[Entry]) -> Vec<String> {
    const MOST: usize = 8;
    if sentences.is_empty() {
        return sentences;
    }
    let more = sentences.len().saturating_sub(MOST);
    if more > 0 {
        sentences.truncate(MOST);
        sentences.push(format!("… and {more} more"));
    }
    let list = if entries.is_empty() { "empty".to_owned() } else { entries_text(entries) };
    sentences.push(format!("the list was {list}"));
    sentences
}

/// How the list differs from `owed`, incarnations included, if it does.
pub fn listed_otherwise(context: &mut Context, owed: &[Target]) -> Result<Vec<String>> {
    let listed = context.targets()?;
    let text = |targets: &[Target]| targets.iter().map(target_text).collect::<Vec<_>>().join(", ");
    let sentence = || format!("the list is [{}], not [{}]", text(&listed), text(owed));
    Ok(if listed == owed { Vec::new() } else { vec![sentence()] })
}
