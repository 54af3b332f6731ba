//! The words of a command, and what is filled in.
#![cfg_attr(fuzzing, no_main)]

signaller_fuzz::target!(command_words);
