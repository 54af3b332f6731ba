//! The picture as SVG, to stand in an HTML page whose style colours it.

use super::{Band, Lane, Life, Mark, MarkKind, Picture, Row};
use crate::report::text::printable;
use askama::Template;

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
/// The most lines of what a lane is, and of what happened.
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
    steps: Vec<Step>,
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
struct Step {
    title: String,
    words: Vec<Text>,
    arrows: Vec<Arrow>,
    dots: Vec<Dot>,
}

struct Arrow {
    from: usize,
    to: usize,
    y: usize,
    /// The points of its head.
    head: String,
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
        let room = (self.width - 2 * MARGIN) / CHARACTERS.0;
        let place = row.place.map(|place| format!("{place}. ")).unwrap_or_default();
        let first = row.text.lines().next().unwrap_or_default();
        let word = |y, text: &str| Text { x: MARGIN, y, class: "step", text: within(text, room) };
        let mut step = Step {
            title: title(row),
            words: vec![word(y - 5, &format!("{place}{first}"))],
            arrows: vec![],
            dots: vec![],
        };
        for call in &row.calls {
            if !row.says_calls {
                y += LINE;
                step.words.push(word(y - 5, &format!("   {}", call.label)));
            }
            if let Some(to) = call.to {
                y += LINE;
                step.arrows.push(arrow(middle(call.from), middle(to), y - LINE / 2));
            }
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
            self.lives.extend(line(lane, before, top, turn));
            self.lives.extend(line(lane, row.lives[lane], turn, bottom));
        }
        self.steps.push(step);
        bottom
    }

    /// Marks where the promise was broken.
    fn finish(&mut self, picture: &Picture, y: usize) {
        self.end = y + LINE;
        let accused = picture.lanes.iter().enumerate().filter(|(_, lane)| lane.is_accused);
        self.accused = accused.map(|(place, _)| middle(place)).collect();
        // All of it is seen on a phone, too.
        let room = (NARROWEST - 2 * MARGIN) / CHARACTERS.0;
        let text = format!("✗ Broken here: {}", picture.happened);
        let wrapped: Vec<_> = text.lines().flat_map(|line| textwrap::wrap(line, room)).collect();
        let more = if wrapped.len() > LINES.1 { " …" } else { "" };
        let last = LINES.1.min(wrapped.len()) - 1;
        let lines = wrapped.iter().take(LINES.1).enumerate().map(|(index, line)| Text {
            x: MARGIN,
            y: self.end + (index + 2) * LINE,
            class: "wrong",
            text: printable(line) + if index == last { more } else { "" },
        });
        self.happened = lines.collect();
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
                let (title, class) = match lane.band {
                    Band::Asked => ("asked".to_owned(), "band asked"),
                    Band::Group(id) => (format!("group {id}"), "band group"),
                    Band::Others => ("others".to_owned(), "band others"),
                };
                bands.push((lane.band, Frame { x: MARGIN + place * LANE, width: LANE, title, class }));
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
        Some(pid) if lane.band == Band::Asked => ("subject".to_owned(), format!("pid {pid}")),
        Some(pid) => (pid.to_string(), lane.what.clone()),
    };
    let name = if lane.is_accused { format!("✗ {name}") } else { name };
    let mut texts = vec![Text { x: middle(place), y: 36, class, text: name }];
    let lines = textwrap::wrap(&what, LANE / CHARACTERS.1);
    let last = lines.len().min(LINES.0);
    for (index, line) in lines.iter().take(LINES.0).enumerate() {
        let more = if index + 1 == last && lines.len() > last { "…" } else { "" };
        let text = printable(line) + more;
        texts.push(Text { x: middle(place), y: 50 + index * 13, class: "what", text });
    }
    texts
}

fn title(row: &Row) -> String {
    let at = row.at.map(|at| format!("{:.1} ms: ", at.as_secs_f64() * 1000.0)).unwrap_or_default();
    let text: Vec<_> = row.text.lines().map(printable).collect();
    format!("{at}{}", text.join("\n"))
}

/// As much of the text as there is room for.
fn within(text: &str, room: usize) -> String {
    let text = printable(text);
    match text.chars().count() > room {
        true => text.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
        false => text,
    }
}

fn arrow(from: usize, to: usize, y: usize) -> Arrow {
    let back = if from < to { to - 7 } else { to + 7 };
    Arrow { from, to, y, head: format!("{to},{y} {back},{} {back},{}", y - 4, y + 4) }
}

fn dot(mark: &Mark, y: usize) -> Dot {
    let class = match mark.kind {
        MarkKind::Appeared => "appeared",
        MarkKind::Received => "received",
        MarkKind::Pending => "pending",
        MarkKind::Changed => "changed",
        MarkKind::Killed => "killed",
    };
    let label = match mark.kind {
        MarkKind::Pending => format!("({})", mark.label),
        _ => mark.label.clone(),
    };
    Dot { x: middle(mark.lane), y, class, label }
}

fn line(lane: usize, life: Life, from: usize, to: usize) -> Option<Line> {
    let class = match life {
        Life::Absent => return None,
        Life::Running => "running",
        Life::Stopped => "stopped",
        Life::Unreaped => "unreaped",
    };
    (from < to).then(|| Line { x: middle(lane), from, to, class })
}
