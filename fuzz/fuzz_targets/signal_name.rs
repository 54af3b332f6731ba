//! A signal's name.
#![cfg_attr(fuzzing, no_main)]

signaller_fuzz::target!(signal_name);
