//! The picture in plain characters, for a terminal.

use super::legend::Sign;
use super::{Call, Lane, Life, MarkKind, Picture, Row};
use crate::report::text::{WIDTH, cut, printable};
use std::cmp::Ordering;

/// The width of a lane in characters.
const LANE: usize = 9;
/// The width of a step's number.
const NUMBER: usize = 5;
/// The most lanes that leave room for calls beside them.
pub const LANES: usize = 7;

/// The picture, each line behind `spaces`, with line breaks at the ends.
pub fn draw(picture: &Picture, spaces: usize) -> String {
    let mut lines = headings(picture);
    let mut before: Vec<_> = picture.lanes.iter().map(super::registry_is_there).collect();
    for row in &picture.rows {
        lines.extend(row_lines(picture, row, &before));
        before.clone_from(&row.lives);
    }
    lines.push(last_line(picture));
    lines.extend(legend(picture));
    let indent = " ".repeat(spaces);
    lines.iter().map(|line| format!("{indent}{}", line.trim_end()).trim_end().to_owned() + "\n").collect()
}

/// A line to put things on, by column.
struct Line(Vec<char>);

impl Line {
    fn new(lanes: usize) -> Self {
        Self(vec![' '; NUMBER + lanes * LANE])
    }

    /// Puts the text there, as far as there is room in the line.
    fn put(&mut self, column: usize, text: &str) {
        for (place, character) in text.chars().enumerate() {
            if let Some(cell) = self.0.get_mut(column + place) {
                *cell = character;
            }
        }
    }

    /// Puts the text in the middle of a lane.
    fn put_in(&mut self, lane: usize, text: &str) {
        let text: String = text.chars().take(LANE - 1).collect();
        self.put(middle(lane).saturating_sub(text.chars().count() / 2), &text);
    }

    fn text(self) -> String {
        self.0.into_iter().collect()
    }
}

/// The column of a lane's line.
fn middle(lane: usize) -> usize {
    NUMBER + lane * LANE + LANE / 2
}

fn headings(picture: &Picture) -> Vec<String> {
    let mut bands = Line::new(picture.lanes.len());
    let mut names = Line::new(picture.lanes.len());
    let mut place = 0;
    for lanes in picture.lanes.chunk_by(|one, next| one.band == next.band) {
        let title = lanes[0].band.title();
        // Where there is no room for the word, the id says it.
        let id = title.rsplit(' ').next().unwrap_or_default();
        let has_room = title.chars().count() < lanes.len() * LANE;
        bands.put(NUMBER + place * LANE, if has_room { &title } else { id });
        for lane in lanes {
            names.put_in(place, &name(lane));
            place += 1;
        }
    }
    vec![bands.text(), names.text()]
}

/// A lane's name, short.
fn name(lane: &Lane) -> String {
    match lane.pid {
        None => "registry".to_owned(),
        Some(_) if lane.is_subject => "subject".to_owned(),
        Some(pid) => pid.to_string(),
    }
}

/// The lines of a row: calls first, while all lanes are as they were before, then what was seen.
fn row_lines(picture: &Picture, row: &Row, before: &[Life]) -> Vec<String> {
    let lanes = picture.lanes.len();
    let behind = NUMBER + lanes * LANE + 1;
    let plain = |number: bool, lives: &[Life]| {
        let mut line = Line::new(lanes);
        if let Some(place) = row.place.filter(|_| number) {
            line.put(0, &format!("{place:>3}."));
        }
        for (lane, life) in lives.iter().enumerate() {
            line.put_in(lane, mark_of(*life));
        }
        line
    };
    let with = |line: Line, label: &str| {
        let room = WIDTH.saturating_sub(behind + 2);
        let label = cut(&printable(label), room);
        format!("{} {label}", line.text())
    };
    let mut lines = Vec::new();
    for call in &row.calls {
        let mut line = plain(lines.is_empty(), before);
        put_call(&mut line, call);
        lines.push(with(line, &call.label));
    }
    // As many lines as the lane with the most marks has.
    let mut left: Vec<_> = row.marks.iter().collect();
    while !left.is_empty() {
        let mut line = plain(lines.is_empty(), &row.lives);
        let mut used = Vec::new();
        left.retain(|mark| {
            let is_free = !used.contains(&mark.lane);
            if is_free {
                used.push(mark.lane);
                line.put_in(mark.lane, &label(mark.kind, &mark.label));
            }
            !is_free
        });
        lines.push(line.text());
    }
    if lines.is_empty() {
        let text = row.text.lines().next().unwrap_or_default();
        lines.push(with(plain(true, &row.lives), text));
    }
    lines
}

/// Puts the arrow of a call on a line: a head before each lane that it reaches, and the lanes between as they are.
fn put_call(line: &mut Line, call: &Call) {
    let shaft = if call.is_probe { '.' } else { '-' };
    let from = middle(call.from);
    line.put(from, if call.to.contains(&call.from) { "@" } else { "o" });
    let first = call.to.iter().fold(from, |first, &lane| first.min(middle(lane)));
    let last = call.to.iter().fold(from, |last, &lane| last.max(middle(lane)));
    let between = line.0.iter_mut().take(last).skip(first + 1);
    between.filter(|cell| **cell == ' ').for_each(|cell| *cell = shaft);
    for &to in &call.to {
        match to.cmp(&call.from) {
            Ordering::Less => line.put(middle(to) + 1, "<"),
            Ordering::Greater => line.put(middle(to) - 1, ">"),
            Ordering::Equal => {}
        }
    }
}

fn mark_of(life: Life) -> &'static str {
    match life {
        Life::Absent => " ",
        Life::Running => "|",
        Life::Stopped => "!",
        Life::Unreaped => ":",
    }
}

fn label(kind: MarkKind, label: &str) -> String {
    match kind {
        MarkKind::Appeared => "+".to_owned(),
        MarkKind::Received | MarkKind::Changed => label.to_owned(),
        MarkKind::Pending => format!("({label})"),
        MarkKind::Killed => format!("x {label}"),
    }
}

/// Where reality left the model.
fn last_line(picture: &Picture) -> String {
    let mut line = Line::new(picture.lanes.len());
    line.put(0, " ==>");
    for (place, lane) in picture.lanes.iter().enumerate() {
        if lane.is_accused {
            line.put_in(place, "WRONG");
        }
    }
    let happened = picture.happened.lines().next().unwrap_or_default();
    let is_shown = picture.lanes.iter().any(|lane| lane.is_accused);
    let line = line.text();
    match is_shown {
        true => line,
        false => format!(" ==> {}", cut(&printable(happened), WIDTH - 12)),
    }
}

/// The characters of a sign; none of one that says it by itself, or that has no characters.
fn sample(sign: Sign) -> Option<&'static str> {
    match sign {
        Sign::Life(Life::Absent) | Sign::Mark(MarkKind::Changed) | Sign::Called | Sign::Broken => None,
        Sign::Life(life) => Some(mark_of(life)),
        Sign::Mark(MarkKind::Appeared) => Some("+"),
        Sign::Mark(MarkKind::Received) => Some("TERM"),
        Sign::Mark(MarkKind::Pending) => Some("(TERM)"),
        Sign::Mark(MarkKind::Killed) => Some("x TERM"),
        Sign::Call => Some("o-->"),
        Sign::Probe => Some("o..>"),
        Sign::Itself => Some("@"),
    }
}

/// Who the lanes are, and what the characters mean.
fn legend(picture: &Picture) -> Vec<String> {
    let lane = |lane: &Lane| Some(format!("{} {}", lane.pid?, printable(&lane.what)));
    let lanes: Vec<_> = picture.lanes.iter().filter_map(lane).collect();
    let hidden = match picture.hidden {
        0 => String::new(),
        hidden => format!("; {hidden} more are not drawn"),
    };
    let keys =
        picture.signs().into_iter().filter_map(|sign| Some(format!("{}  {}", sample(sign)?, sign.words())));
    let text = format!("{}{hidden}\n{}", lanes.join("; "), keys.collect::<Vec<_>>().join("; "));
    crate::report::text::filled(&text, NUMBER).lines().map(str::to_owned).collect()
}
