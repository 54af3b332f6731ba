//! What may stand in a message: nothing in it moves the cursor, turns the writing direction or hides.

/// Panics unless the text is one printable line.
pub fn assert_printable(text: &str) {
    // What most text is, looked at quickly.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return;
    }
    assert!(!text.contains(is_unseen), "something unprintable is in {text:?}");
}

/// Panics unless the text is printable, but for line ends.
#[cfg(feature = "suite")]
pub fn assert_lines_printable(text: &str) {
    text.lines().for_each(assert_printable);
}

/// The characters that must not reach a terminal, listed apart from what escapes them: controls, invisible
/// and formatting characters, line ends of Unicode, private use (Unicode 16, general categories Cc, Cf, Co,
/// Zl, Zp).
fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0001}'..='\u{e007f}'
        | '\u{f0000}'..='\u{10ffff}')
}
