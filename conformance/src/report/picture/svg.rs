//! The picture as SVG, to stand in an HTML page whose style colours it.

mod samples;

use super::{Band, Lane, Life, Mark, MarkKind, Picture, Row};
use crate::report::text::printable;
use askama::Template;
pub use samples::legend;
use std::borrow::Cow;

/// The width of a lane; all lengths are in CSS pixels.
const LANE: usize = 84;
/// The space at both sides.
const MARGIN: usize = 12;
/// The least width: room for a call's words, and still that of a phone.
const NARROWEST: usize = 340;
/// The height of the lanes' names.
const HEADINGS: usize = 88;
/// The height of a line.
const LINE: usize = 18;
/// The width of a character of the steps' words, and of the lanes'.
const CHARACTERS: (usize, usize) = (7, 6);
/// How many characters the lines of the steps' words have: a phone shows all of them.
const ROOM: usize = (NARROWEST - 2 * MARGIN) / CHARACTERS.0;
/// The most lines of what a lane is and of a step, and of what happened.
const LINES: (usize, usize) = (3, 6);
/// The most lanes that a page shows without a remark.
pub const LANES: usize = 14;

/// The picture as an `svg` element. `id` tells its parts from those of other pictures in the page.
///
/// # Errors
/// Those of the template, which has none.
pub fn draw(picture: &Picture, id: usize) -> askama::Result<String> {
    Drawing::of(picture, id).render()
}

#[derive(Template)]
#[template(path = "picture.html")]
struct Drawing {
    id: usize,
    width: usize,
    height: usize,
    description: String,
    bands: Vec<Frame>,
    names: Vec<Text>,
    lives: Vec<Line>,
    strips: Vec<Strip>,
    steps: Vec<DrawnRow>,
    end: usize,
    happened: Vec<Text>,
    accused: Vec<usize>,
}

struct Frame {
    x: usize,
    width: usize,
    title: String,
    class: &'static str,
}

struct Text {
    x: usize,
    y: usize,
    class: &'static str,
    text: String,
}

struct Line {
    x: usize,
    from: usize,
    to: usize,
    class: &'static str,
}

/// What is drawn of a row.
struct DrawnRow {
    title: String,
    words: Vec<Text>,
    arrows: Vec<Arrow>,
    dots: Vec<Dot>,
}

/// What a row's words stand on: no line of a lane shows through.
struct Strip {
    y: usize,
    height: usize,
}

/// From left to right, with a head at each lane that it reaches.
struct Arrow {
    class: &'static str,
    from: usize,
    to: usize,
    y: usize,
    /// Where it comes from, if it comes back to there.
    itself: Option<usize>,
    /// The points of each head.
    heads: Vec<String>,
}

struct Dot {
    x: usize,
    y: usize,
    class: &'static str,
    label: String,
}

impl Drawing {
    fn of(picture: &Picture, id: usize) -> Self {
        let width = (2 * MARGIN + picture.lanes.len() * LANE).max(NARROWEST);
        let mut drawing = Self {
            id,
            width,
            height: 0,
            description: picture.description(),
            bands: bands(&picture.lanes),
            names: picture.lanes.iter().enumerate().flat_map(|(place, lane)| names(place, lane)).collect(),
            lives: Vec::new(),
            strips: Vec::new(),
            steps: Vec::new(),
            end: 0,
            happened: Vec::new(),
            accused: Vec::new(),
        };
        let mut lives: Vec<_> = picture.lanes.iter().map(super::registry_is_there).collect();
        let mut y = HEADINGS;
        for row in &picture.rows {
            y = drawing.add(row, &lives, y);
            lives.clone_from(&row.lives);
        }
        drawing.finish(picture, y);
        drawing
    }

    /// Draws a row from `top` on. Returns where it ends.
    fn add(&mut self, row: &Row, before: &[Life], top: usize) -> usize {
        let mut y = top + LINE;
        let place = row.place.map(|place| format!("{place}. ")).unwrap_or_default();
        let first = row.text.lines().next().unwrap_or_default();
        let mut step = DrawnRow { title: title(row), words: vec![], arrows: vec![], dots: vec![] };
        let mut words = lines(&format!("{place}{first}"), ROOM, LINES.0);
        if !row.says_calls {
            words.extend(row.calls.iter().flat_map(|call| lines(&format!("   {}", call.label), ROOM, 1)));
        }
        self.strips.push(Strip { y: top, height: words.len() * LINE });
        for text in words {
            step.words.push(Text { x: MARGIN, y: y - 5, class: "step", text });
            y += LINE;
        }
        y -= LINE;
        for call in row.calls.iter().filter(|call| !call.to.is_empty()) {
            y += LINE;
            let to: Vec<_> = call.to.iter().map(|&lane| middle(lane)).collect();
            step.arrows.push(arrow(middle(call.from), &to, call.is_probe, y - LINE / 2));
        }
        // As many lines as the lane with the most marks has.
        let depth =
            |index: usize, mark: &Mark| row.marks[..index].iter().filter(|one| one.lane == mark.lane).count();
        let depths: Vec<_> = row.marks.iter().enumerate().map(|(index, mark)| depth(index, mark)).collect();
        let mut turns = vec![None; row.lives.len()];
        for (mark, depth) in row.marks.iter().zip(&depths) {
            let at = y + depth * LINE + LINE / 2;
            step.dots.push(dot(mark, at));
            turns[mark.lane] = Some(at);
        }
        y += depths.iter().max().map_or(0, |most| (most + 1) * LINE);
        let bottom = y + 4;
        for (lane, turn) in turns.into_iter().enumerate() {
            let turn = turn.unwrap_or(bottom);
            let before = before.get(lane).copied().unwrap_or_default();
            self.lives.extend(line(middle(lane), before, top, turn));
            self.lives.extend(line(middle(lane), row.lives[lane], turn, bottom));
        }
        self.steps.push(step);
        bottom
    }

    /// Marks where the promise was broken.
    fn finish(&mut self, picture: &Picture, y: usize) {
        self.end = y + LINE;
        let accused = picture.lanes.iter().enumerate().filter(|(_, lane)| lane.is_accused);
        self.accused = accused.map(|(place, _)| middle(place)).collect();
        let happened = lines(&format!("✗ Broken here: {}", picture.happened), ROOM, LINES.1);
        let at = |index| self.end + (index + 2) * LINE;
        let text = |(index, text)| Text { x: MARGIN, y: at(index), class: "wrong", text };
        self.happened = happened.into_iter().enumerate().map(text).collect();
        self.height = self.end + (self.happened.len() + 2) * LINE;
    }
}

/// The middle of a lane.
fn middle(lane: usize) -> usize {
    MARGIN + lane * LANE + LANE / 2
}

fn bands(lanes: &[Lane]) -> Vec<Frame> {
    let mut bands: Vec<(Band, Frame)> = Vec::new();
    for (place, lane) in lanes.iter().enumerate() {
        match bands.last_mut() {
            Some((band, drawn)) if *band == lane.band => drawn.width += LANE,
            _ => {
                let class = if matches!(lane.band, Band::Called(_)) { "band called" } else { "band" };
                let x = MARGIN + place * LANE;
                // The pid stands below, and no more than that fits over one lane.
                let is_alone = lanes.get(place + 1).is_none_or(|next| next.band != lane.band);
                let title = match lane.band {
                    Band::Group(id) if is_alone && lane.pid == Some(id) => "own group".to_owned(),
                    band => band.title(),
                };
                bands.push((lane.band, Frame { x, width: LANE, title, class }));
            }
        }
    }
    bands.into_iter().map(|(_, drawn)| drawn).collect()
}

/// A lane's pid, and what it is.
fn names(place: usize, lane: &Lane) -> Vec<Text> {
    let class = if lane.is_accused { "name accused" } else { "name" };
    let (name, what) = match lane.pid {
        None => (lane.what.clone(), String::new()),
        Some(pid) if lane.is_subject => ("subject".to_owned(), format!("pid {pid}")),
        Some(pid) => (pid.to_string(), lane.what.clone()),
    };
    let name = if lane.is_accused { format!("✗ {name}") } else { name };
    let mut texts = vec![Text { x: middle(place), y: 36, class, text: name }];
    for (index, text) in lines(&what, LANE / CHARACTERS.1, LINES.0).into_iter().enumerate() {
        texts.push(Text { x: middle(place), y: 50 + index * 13, class: "what", text });
    }
    texts
}

fn title(row: &Row) -> String {
    let at = row.at.map(|at| format!("{:.1} ms: ", at.as_secs_f64() * 1000.0)).unwrap_or_default();
    let text: Vec<_> = row.text.lines().map(printable).collect();
    format!("{at}{}", text.join("\n"))
}

/// The text in lines of so many characters, at most so many of them; what is cut ends in an ellipsis.
fn lines(text: &str, room: usize, most: usize) -> Vec<String> {
    let shown: Vec<_> = text.lines().map(printable).collect();
    let whole: Vec<_> = shown.iter().flat_map(|line| textwrap::wrap(line, room)).collect();
    let is_cut = whole.len() > most;
    let mut lines: Vec<_> = whole.into_iter().take(most).map(Cow::into_owned).collect();
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        *last = last.chars().take(room - 1).chain(['…']).collect();
    }
    lines
}

fn arrow(from: usize, to: &[usize], is_probe: bool, y: usize) -> Arrow {
    let head = |&to: &usize| {
        // A loop comes back from the left, below.
        let y = if to == from { y + 5 } else { y };
        let back = if to < from { to + 8 } else { to - 8 };
        format!("{to},{y} {back},{} {back},{}", y - 4, y + 4)
    };
    Arrow {
        class: if is_probe { "probe" } else { "sent" },
        from: to.iter().copied().fold(from, usize::min),
        to: to.iter().copied().fold(from, usize::max),
        y,
        itself: to.contains(&from).then_some(from),
        heads: to.iter().map(head).collect(),
    }
}

fn class(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Appeared => "appeared",
        MarkKind::Received => "received",
        MarkKind::Pending => "pending",
        MarkKind::Changed => "changed",
        MarkKind::Killed => "killed",
    }
}

fn dot(mark: &Mark, y: usize) -> Dot {
    let label = match mark.kind {
        MarkKind::Pending => format!("({})", mark.label),
        _ => mark.label.clone(),
    };
    Dot { x: middle(mark.lane), y, class: class(mark.kind), label }
}

fn line(x: usize, life: Life, from: usize, to: usize) -> Option<Line> {
    let class = match life {
        Life::Absent => return None,
        Life::Running => "running",
        Life::Stopped => "stopped",
        Life::Unreaped => "unreaped",
    };
    (from < to).then_some(Line { x, from, to, class })
}
