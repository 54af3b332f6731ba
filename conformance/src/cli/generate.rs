//! `generate`: completions for shells, and the manual page.

use super::Cli;
use super::exit::{self, Refusal};
use super::output;
use clap::{Args, Command, CommandFactory, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use std::io;

/// The options of `generate`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  signaller-conformance generate bash > /etc/bash_completion.d/signaller-conformance
  signaller-conformance generate man > /usr/local/share/man/man1/signaller-conformance.1")]
pub struct Options {
    /// What to write to standard output
    #[arg(value_name = "bash|zsh|fish|elvish|powershell|man", hide_possible_values = true)]
    what: What,
}

/// What can be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Bash,
    Zsh,
    Fish,
    Elvish,
    #[value(name = "powershell")]
    PowerShell,
    Man,
}

/// Writes it.
///
/// # Errors
/// When it cannot be written.
pub fn run(options: &Options) -> Result<u8, Refusal> {
    let mut command = Cli::command();
    let mut text = Vec::new();
    let shell = match options.what {
        What::Bash => Shell::Bash,
        What::Zsh => Shell::Zsh,
        What::Fish => Shell::Fish,
        What::Elvish => Shell::Elvish,
        What::PowerShell => Shell::PowerShell,
        What::Man => {
            let page = manual(command).map_err(|cause| Refusal::Broken(cause.to_string()))?;
            output::print(&page)?;
            return Ok(exit::SUCCESS);
        }
    };
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command, name, &mut text);
    let text = String::from_utf8_lossy(&text);
    output::print(in_one_word(&text).as_bytes())?;
    Ok(exit::SUCCESS)
}

/// The completions of bash with one name for the program wherever it stands: clap_complete 4.6 writes that with a hyphen
/// in two ways, and so completes nothing behind a subcommand.
fn in_one_word(completions: &str) -> String {
    completions.replace("signaller__subcmd__conformance", "signaller__conformance")
}

/// The manual as one page: of the program, and a section for each subcommand.
fn manual(mut command: Command) -> io::Result<Vec<u8>> {
    command.build();
    let mut page = Vec::new();
    let whole = Man::new(command.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    write_as_it_is(["SH", "USAGE"], &help_after(&command), &mut page)?;
    // clap's own `help` says what is said here.
    let is_shown = |subcommand: &&mut Command| !subcommand.is_hide_set() && subcommand.get_name() != "help";
    for subcommand in command.get_subcommands_mut().filter(is_shown) {
        Roff::new().control("SH", [subcommand.get_name()]).to_writer(&mut page)?;
        write_as_it_is(["SS", "Usage"], &subcommand.render_usage().to_string(), &mut page)?;
        let man = Man::new(subcommand.clone());
        let mut part = Vec::new();
        man.render_description_section(&mut part)?;
        man.render_options_section(&mut part)?;
        page.extend_from_slice(String::from_utf8_lossy(&part).replace(".SH ", ".SS ").as_bytes());
        write_as_it_is(["SS", "Examples and more"], &help_after(subcommand), &mut page)?;
    }
    Ok(page)
}

fn help_after(command: &Command) -> String {
    command.get_after_help().map(ToString::to_string).unwrap_or_default()
}

/// A section whose lines stay as they are.
fn write_as_it_is([level, heading]: [&str; 2], text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut section = Roff::new();
    section.control(level, [heading]).control("nf", []).text([roman(text)]).control("fi", []);
    section.to_writer(page)
}
