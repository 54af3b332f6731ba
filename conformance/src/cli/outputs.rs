//! The reports of a run: each has a format, and a file or standard output.

use super::exit::Refusal;
use super::output::File;
use clap::error::ErrorKind;
use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, ValueEnum, builder, value_parser,
};
use signaller_conformance::report::{Report, html, human, json, junit, markdown, tap};
use std::io;
use std::path::{Path, PathBuf};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal.
    Human,
    /// One JSON object.
    Json,
    /// JUnit XML.
    Junit,
    /// TAP 14.
    Tap,
    /// Markdown.
    Markdown,
    /// One HTML page.
    Html,
}

impl Format {
    /// The report in this format; `human` is how people are shown it.
    ///
    /// # Errors
    /// When it cannot be written in it.
    pub fn written(self, report: &Report, human: &human::Options) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        match self {
            Self::Human => human::write(report, human, &mut text)?,
            Self::Json => json::write(report, &mut text)?,
            Self::Junit => junit::write(report, &mut text)?,
            Self::Tap => tap::write(report, &mut text)?,
            Self::Markdown => markdown::write(report, &mut text)?,
            Self::Html => html::write(report, &mut text)?,
        }
        Ok(text)
    }
}

/// What stands for standard output in the place of a file (POSIX, XBD 12.2, guideline 13).
const STANDARD_OUTPUT: &str = "-";

/// The reports that `--format` and `--output` ask for, in their order. Both repeat: an output is that of the
/// format before it, or of the next one where none waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs(Vec<(Format, Option<PathBuf>)>);

/// A format with its file, if it has one: else it is standard output's.
pub type Opened<'a> = (Format, Option<(File, &'a Path)>);

/// One of the two options as the command line has it.
enum Given {
    Format(Format),
    Output(PathBuf),
}

impl Outputs {
    /// Each format with its file; standard output where there is none.
    pub fn iter(&self) -> impl Iterator<Item = (Format, Option<&PathBuf>)> {
        self.0.iter().map(|(format, file)| (*format, file.as_ref()))
    }

    /// Each format with its file, which can be written, as a trial has shown; standard output where there is
    /// none.
    ///
    /// # Errors
    /// [`Refusal::CommandLine`] when one cannot be written, or is that of two formats.
    pub fn open(&self) -> Result<Vec<Opened<'_>>, Refusal> {
        let mut opened: Vec<Opened<'_>> = Vec::new();
        for (format, path) in self.iter() {
            let Some(path) = path else {
                opened.push((format, None));
                continue;
            };
            let file = File::at(path, "--output")?;
            let is_taken =
                |(_, other): &Opened<'_>| other.as_ref().is_some_and(|(other, _)| other.is_at(&file));
            if opened.iter().any(is_taken) {
                return Err(Refusal::CommandLine(format!(
                    "--output {}: two reports cannot both be written there",
                    path.display()
                )));
            }
            opened.push((format, Some((file, path.as_path()))));
        }
        Ok(opened)
    }

    fn paired(given: impl IntoIterator<Item = Given>) -> Result<Self, String> {
        let mut pairs: Vec<(Format, Option<PathBuf>)> = Vec::new();
        let mut early: Option<PathBuf> = None;
        for given in given {
            match (given, pairs.last_mut()) {
                (Given::Format(format), _) => pairs.push((format, early.take())),
                (Given::Output(file), Some((_, none @ None))) => *none = Some(file),
                (Given::Output(file), _) => {
                    if let Some(other) = early.replace(file) {
                        return Err(format!("--output {}: there is no --format for it", other.display()));
                    }
                }
            }
        }
        match early {
            Some(file) if !pairs.is_empty() => {
                return Err(format!("--output {}: there is no --format for it", file.display()));
            }
            Some(file) => pairs.push((Format::Human, Some(file))),
            None if pairs.is_empty() => pairs.push((Format::Human, None)),
            None => {}
        }
        for (_, file) in &mut pairs {
            file.take_if(|file| file == Path::new(STANDARD_OUTPUT));
        }
        if pairs.iter().filter(|(_, file)| file.is_none()).count() > 1 {
            return Err(
                "two reports cannot both go to standard output: put --output FILE after one --format".into(),
            );
        }
        Ok(Self(pairs))
    }
}

impl Args for Outputs {
    fn augment_args(command: Command) -> Command {
        let format = Arg::new("format")
            .long("format")
            .value_name("human|json|junit|tap|markdown|html")
            .value_parser(builder::EnumValueParser::<Format>::new())
            .action(ArgAction::Append)
            .hide_possible_values(true)
            .help("How a report is written; repeats [default: human]");
        let output = Arg::new("output")
            .long("output")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .action(ArgAction::Append)
            .help("Write the report of the --format before it to this file, whole or not at all; - is standard output");
        command.arg(format).arg(output)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Outputs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let formats = matches.indices_of("format").into_iter().flatten();
        let formats = formats.zip(matches.get_many::<Format>("format").into_iter().flatten());
        let outputs = matches.indices_of("output").into_iter().flatten();
        let outputs = outputs.zip(matches.get_many::<PathBuf>("output").into_iter().flatten());
        let mut given: Vec<_> = formats.map(|(place, format)| (place, Given::Format(*format))).collect();
        given.extend(outputs.map(|(place, file)| (place, Given::Output(file.clone()))));
        given.sort_by_key(|(place, _)| *place);
        Self::paired(given.into_iter().map(|(_, given)| given))
            .map_err(|reason| Error::raw(ErrorKind::ArgumentConflict, reason + "\n"))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Format::{Human, Json};
    use super::*;
    use rstest::rstest;

    /// The pairs of words such as `json >a human`.
    fn paired(words: &str) -> Result<Vec<(Format, Option<PathBuf>)>, String> {
        let given = words.split_whitespace().map(|word| match word {
            "human" => Given::Format(Human),
            "json" => Given::Format(Json),
            file => Given::Output(file.trim_start_matches('>').into()),
        });
        Outputs::paired(given).map(|outputs| outputs.0)
    }

    #[rstest]
    #[case("", &[(Human, None)])]
    #[case("json", &[(Json, None)])]
    #[case(">a", &[(Human, Some("a"))])]
    #[case(">a json", &[(Json, Some("a"))])]
    #[case("human json >a", &[(Human, None), (Json, Some("a"))])]
    #[case("json >a human", &[(Json, Some("a")), (Human, None)])]
    #[case("json >a human >b", &[(Json, Some("a")), (Human, Some("b"))])]
    #[case("human >a json", &[(Human, Some("a")), (Json, None)])]
    #[case(">a json >b human", &[(Json, Some("a")), (Human, Some("b"))])]
    #[case("json >- human >b", &[(Json, None), (Human, Some("b"))])]
    fn an_output_is_that_of_its_format(#[case] words: &str, #[case] expected: &[(Format, Option<&str>)]) {
        let expected = expected.iter().map(|(format, file)| (*format, file.map(PathBuf::from)));
        assert_eq!(paired(words), Ok(expected.collect()));
    }

    #[rstest]
    #[case("human json")]
    #[case("json >a >b")]
    #[case(">a >b")]
    #[case("json >- human")]
    fn what_cannot_be_paired_is_refused(#[case] words: &str) {
        assert!(paired(words).is_err());
    }
}
