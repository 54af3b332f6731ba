//! A line of a subject, or of a question to one.
#![cfg_attr(fuzzing, no_main)]

signaller_fuzz::target!(stdio_lines);
