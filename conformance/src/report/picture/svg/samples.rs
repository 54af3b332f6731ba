//! The legend of a picture: a sample of each sign that occurs in it.

use super::{Dot, DrawnRow, LINE, Line, Text, arrow, class, line};
use crate::report::picture::Picture;
use crate::report::picture::legend::Sign;
use askama::Template;

/// What the signs of the picture mean, as a list with a sample of each.
///
/// # Errors
/// Those of the template, which has none.
pub fn legend(picture: &Picture) -> askama::Result<String> {
    Legend { keys: picture.signs().into_iter().map(key).collect() }.render()
}

#[derive(Template)]
#[template(path = "legend.html")]
struct Legend {
    keys: Vec<Key>,
}

/// A sign with what it means.
struct Key {
    is_shaded: bool,
    life: Option<Line>,
    step: DrawnRow,
}

/// A sample, 40 pixels wide and a line high.
fn key(sign: Sign) -> Key {
    let (x, y) = (20, LINE / 2);
    let mut step = DrawnRow { title: sign.words().to_owned(), words: vec![], arrows: vec![], dots: vec![] };
    match sign {
        Sign::Mark(kind) => step.dots.push(Dot { x, y, class: class(kind), label: String::new() }),
        Sign::Call => step.arrows.push(arrow(2, &[x, 38], false, y)),
        Sign::Probe => step.arrows.push(arrow(2, &[x, 38], true, y)),
        Sign::Itself => step.arrows.push(arrow(x + 8, &[x + 8], false, y)),
        Sign::Broken => step.words.push(Text { x, y: y + 4, class: "cross", text: "✗".to_owned() }),
        Sign::Life(_) | Sign::Called => {}
    }
    let life = match sign {
        Sign::Life(life) => line(x, life, 0, LINE),
        _ => None,
    };
    Key { is_shaded: sign == Sign::Called, life, step }
}
