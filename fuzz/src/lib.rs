//! What the fuzz targets do with one input, as ordinary functions: `cargo fuzz` calls them a million times,
//! the tests of this package once for every seed and every past crash.
//!
//! A body takes any bytes, and panics when something is wrong.

#[cfg(feature = "suite")]
mod command_words;
mod histories;
#[cfg(feature = "suite")]
mod lines;
mod printable;
#[cfg(feature = "suite")]
mod replay_file;
mod signal_name;

#[cfg(feature = "suite")]
pub use command_words::command_words;
pub use histories::histories;
#[cfg(feature = "suite")]
pub use lines::{agent_protocol, stdio_lines};
#[cfg(feature = "suite")]
pub use replay_file::replay_file;
pub use signal_name::signal_name;

/// The body of a target.
pub type Body = fn(&[u8]);

/// Every target: its name, which is that of its seeds' folder, and its body.
pub const TARGETS: &[(&str, Body)] = &[
    ("signal_name", signal_name),
    ("histories", histories),
    #[cfg(feature = "suite")]
    ("stdio_lines", stdio_lines),
    #[cfg(feature = "suite")]
    ("agent_protocol", agent_protocol),
    #[cfg(feature = "suite")]
    ("replay_file", replay_file),
    #[cfg(feature = "suite")]
    ("command_words", command_words),
];

/// A program of one target: a fuzzer under `cargo fuzz`; built in any other way, it takes the files that it
/// is given through the target's body.
#[macro_export]
macro_rules! target {
    ($body:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|input: &[u8]| $crate::$body(input));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            std::env::args_os().skip(1).try_for_each(|file| Ok($crate::$body(&std::fs::read(file)?)))
        }
    };
}

/// The beginning of the input that is text.
fn text(input: &[u8]) -> &str {
    input.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}
