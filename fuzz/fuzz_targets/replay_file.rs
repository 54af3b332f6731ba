//! The text of a saved history.
#![cfg_attr(fuzzing, no_main)]

signaller_fuzz::target!(replay_file);
