//! `generate`: completions for shells, and the manual page.

use super::Cli;
use super::exit::{self, Refusal};
use super::output;
use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;

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
            clap_mangen::Man::new(command)
                .render(&mut text)
                .map_err(|cause| Refusal::Broken(cause.to_string()))?;
            output::print(&text)?;
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
