//! Spellings with characters beyond ASCII, which a careless comparison overlooks, folds or normalises.

/// Characters that cannot be seen before, behind and inside the name.
pub fn invisible(name: &str, _: i32) -> Vec<String> {
    let unseen = "\u{feff}\u{200b}\u{200c}\u{200d}\u{2060}\u{ad}\u{200e}\u{202e}\u{301}\u{fe0f}\u{34f}\u{e0041}\u{fffd}\u{115f}";
    let ends = unseen.chars().flat_map(|one| [format!("{name}{one}"), format!("{one}{name}")]);
    ends.chain(['\u{200b}', '\u{ad}'].map(|one| format!("SIG{one}{}", &name[3..]))).collect()
}

/// Letters of the names, each with letters that look the same: Cyrillic, Greek, Cherokee, Armenian.
const LOOK_ALIKES: [(char, &[char]); 11] = [
    ('S', &['\u{405}', '\u{54f}', '\u{13da}']),
    ('I', &['\u{406}', '\u{399}', '\u{4c0}', '\u{2160}', '\u{26a}', '\u{2071}', 'l', '1', '|']),
    ('G', &['\u{50c}', '\u{13c0}', '6']),
    ('T', &['\u{422}', '\u{3a4}', '\u{13a2}']),
    ('E', &['\u{415}', '\u{395}']),
    ('R', &['\u{13a1}', '\u{1587}']),
    ('M', &['\u{41c}', '\u{39c}']),
    ('K', &['\u{41a}', '\u{39a}']),
    ('N', &['\u{39d}']),
    ('H', &['\u{41d}', '\u{397}']),
    ('P', &['\u{420}', '\u{3a1}']),
];

/// The name with one letter that only looks like its own.
pub fn look_alikes(name: &str, _: i32) -> Vec<String> {
    let looks = |letter: char| {
        LOOK_ALIKES.iter().find(|(plain, _)| *plain == letter).map_or(&[][..], |(_, alike)| alike)
    };
    let replaced = |at: usize, other: char| {
        name.char_indices()
            .map(|(place, letter)| if place == at { other } else { letter })
            .collect::<String>()
    };
    name.char_indices()
        .flat_map(|(at, letter)| looks(letter).iter().map(move |other| replaced(at, *other)))
        .collect()
}

/// Where the letter A begins in blocks of letters that look like A to Z.
const WIDE: [u32; 7] = [0xff21, 0x1d400, 0x1d434, 0x1d5a0, 0x24b6, 0x1f130, 0x1d670];

/// The name, or one letter of it, in another style.
pub fn wide(name: &str, _: i32) -> Vec<String> {
    let shifted =
        |letter: char, first: u32| char::from_u32(first + letter as u32 - 'A' as u32).unwrap_or(letter);
    let whole = |first: u32| name.chars().map(|letter| shifted(letter, first)).collect::<String>();
    let one = |at: usize| {
        let letter =
            |(place, letter): (usize, char)| if place == at { shifted(letter, WIDE[0]) } else { letter };
        name.chars().enumerate().map(letter).collect::<String>()
    };
    WIDE.into_iter().map(whole).chain((0..name.len()).map(one)).collect()
}

/// What is lost when a character's number is cut to 7, 8 or 16 bits.
const LOST: [u32; 4] = [0x80, 0x100, 0x2000, 0x10000];

/// The name, or one letter of it, with characters of which a cut leaves the plain ones.
pub fn cut_characters(name: &str, _: i32) -> Vec<String> {
    let raised = |letter: char, lost: u32| char::from_u32(letter as u32 + lost).unwrap_or(letter);
    let one = |at: usize, lost: u32| {
        let letter = |(place, letter): (usize, char)| if place == at { raised(letter, lost) } else { letter };
        name.chars().enumerate().map(letter).collect::<String>()
    };
    let whole = |lost: u32| name.chars().map(|letter| raised(letter, lost)).collect();
    LOST.into_iter().flat_map(|lost| [one(0, lost), one(name.len() - 1, lost), whole(lost)]).collect()
}

/// Letters whose upper or lower case is a plain letter of a name: long s, dotless and dotted I, the Kelvin
/// sign (UnicodeData.txt).
pub fn case_mapping(name: &str, _: i32) -> Vec<String> {
    let lower = name.to_lowercase();
    let traps = [
        ('S', '\u{17f}'),
        ('s', '\u{17f}'),
        ('I', '\u{131}'),
        ('i', '\u{131}'),
        ('I', '\u{130}'),
        ('i', '\u{130}'),
        ('K', '\u{212a}'),
        ('k', '\u{212a}'),
    ];
    let mut names: Vec<_> = traps
        .iter()
        .flat_map(|&(plain, trap)| {
            [name, lower.as_str()].map(|one| one.replacen(plain, &trap.to_string(), 1))
        })
        .filter(|one| !one.is_ascii())
        .collect();
    names.push(name.replace('I', "i\u{307}"));
    names.dedup();
    names
}
