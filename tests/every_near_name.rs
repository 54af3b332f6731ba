//! Every very short name, and every name that is one edit away from one of the four: none is taken. Only a
//! leader pid that no kernel gives is asked for, so that a name taken by mistake would reach nobody.

#![cfg(unix)]

use process_groups::{LocalSignaller, SignalName, Signaller, model};
use std::collections::HashSet;

/// A valid leader pid that no group has: Linux gives none above 2^22, and others stop far below too.
const NOBODYS: u32 = i32::MAX as u32;

/// Characters beyond ASCII that look like a letter of the four, are folded to one, or are not seen at all.
const LOOK_ALIKES: &str = "ЅІԌТЕГМКНUРΙΤΕΜΚΗΡΝＳＩＧＴＥＲＭＫＬＨＮＵＰｓｉｇſıİK𝐒𝖳𝙴ᏚᎢᏀᎬᎡᏞÍÉŚŤŔĽŃÚ\
    \u{80}\u{85}\u{a0}\u{ad}\u{301}\u{34f}\u{200b}\u{200d}\u{200e}\u{2028}\u{202e}\u{2060}\u{3000}\u{fe0f}\u{feff}\
    \u{fffd}\u{e0053}\u{10ffff}";

/// The parser, the local signaller and the model take it if it is one of the four, and refuse it if not.
fn try_it(world: &model::World, name: &str) {
    let one_of_the_four = ["SIGTERM", "SIGKILL", "SIGINT", "SIGHUP"].contains(&name);
    let owed = if one_of_the_four { model::Answer::Exited } else { model::Answer::Failed };
    assert_eq!(name.parse::<SignalName>().is_ok(), one_of_the_four, "{name:?}");
    assert_eq!(model::Answer::of(&LocalSignaller.signal(NOBODYS, name)), owed, "{name:?}");
    assert_eq!(world.allowed(NOBODYS, name).answers, [owed], "{name:?}");
}

fn try_all<'a>(names: impl IntoIterator<Item = &'a String>) {
    let world = model::World::new();
    names.into_iter().for_each(|name| try_it(&world, name));
}

/// All strings of up to two of these.
fn up_to_two<T: Copy>(letters: impl Iterator<Item = T> + Clone) -> impl Iterator<Item = Vec<T>> {
    let pairs = letters.clone().flat_map({
        let letters = letters.clone();
        move |first| letters.clone().map(move |second| vec![first, second])
    });
    std::iter::once(Vec::new()).chain(letters.map(|letter| vec![letter])).chain(pairs)
}

/// A `&str` is UTF-8, and 18,433 of the 65,793 strings of up to two bytes are. So that no byte is left out,
/// all of them are read as Latin-1, too: one character a byte.
#[test]
fn no_string_of_up_to_two_bytes_is_a_name() {
    let bytes: Vec<Vec<u8>> = up_to_two(0..=u8::MAX).collect();
    let utf8: Vec<String> = bytes.iter().cloned().filter_map(|bytes| String::from_utf8(bytes).ok()).collect();
    let latin1: Vec<String> =
        bytes.iter().map(|bytes| bytes.iter().copied().map(char::from).collect()).collect();
    println!("{} strings of up to two bytes, and {} of up to two characters", utf8.len(), latin1.len());
    assert_eq!((utf8.len(), latin1.len()), (18_433, 65_793));
    try_all(utf8.iter().chain(&latin1));
}

/// The name with one character inserted, removed or replaced, or two swapped.
fn edits(name: &str) -> HashSet<String> {
    let name: Vec<char> = name.chars().collect();
    let letters = || (0..128_u8).map(char::from).chain(LOOK_ALIKES.chars());
    let mut edits = HashSet::new();
    let mut add = |edit: &dyn Fn(&mut Vec<char>)| {
        let mut edited = name.clone();
        edit(&mut edited);
        edits.insert(edited.into_iter().collect());
    };
    for place in 0..=name.len() {
        letters().for_each(|letter| add(&|edited| edited.insert(place, letter)));
    }
    for place in 0..name.len() {
        add(&|edited| drop(edited.drain(place..=place)));
        letters().for_each(|letter| add(&|edited| edited[place] = letter));
        (0..place).for_each(|other| add(&|edited| edited.swap(place, other)));
    }
    edits
}

#[test]
fn nothing_one_edit_away_from_a_name_is_one() {
    let edited: HashSet<String> = model::NAMES.into_iter().flat_map(edits).collect();
    let letters = 128 + LOOK_ALIKES.chars().count();
    println!("{} spellings one edit away from the four names, of {letters} letters", edited.len());
    assert_eq!(letters, LOOK_ALIKES.chars().collect::<HashSet<_>>().len() + 128, "a look-alike stands twice");
    // A letter replaced by itself gives the name, which is taken.
    assert!(model::NAMES.into_iter().all(|name| edited.contains(name)));
    try_all(&edited);
}
