//! Histories of a registry.
#![cfg_attr(fuzzing, no_main)]

signaller_fuzz::target!(histories);
