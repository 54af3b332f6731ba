//! A line to the agent, or of it.
#![cfg_attr(fuzzing, no_main)]

signaller_fuzz::target!(agent_protocol);
