//! Other spellings of the four names, by what could make a subject take them.

mod hashes;
mod scripts;

use hashes::hashes;
use scripts::{case_mapping, cut_characters, invisible, look_alikes, wide};

/// Other spellings of a name, given its signal's number.
pub type Spell = fn(&str, i32) -> Vec<String>;

/// Every way but [`numbers`]: its name, what it is, and the spellings.
pub const SPELLINGS: [(&str, &str, Spell); 19] = [
    ("case", "Upper and lower case, mixed.", case),
    ("affixes", "Without SIG, with it twice, with other words before and behind.", affixes),
    ("cut-and-extended", "Beginnings and ends of a name, and names that begin or end with it.", cut),
    ("words", "What the signal is called in words: its description, and what one does with it.", words),
    ("spaces", "Spaces, tabs and their relatives before, behind and inside.", spaces),
    ("line-ends", "Line ends before, behind and inside, and a second line beside the name.", line_ends),
    ("nul", "NUL before, behind and inside: every C interface cuts a name there.", nul),
    ("control-characters", "Other control characters, of which some are not seen on a terminal.", controls),
    ("invisible", "Characters that cannot be seen: byte order marks, joiners, combining accents.", invisible),
    ("look-alikes", "One letter replaced by one that looks the same in another script.", look_alikes),
    ("wide-letters", "Wide, bold and circled letters, which a normalisation makes plain.", wide),
    (
        "cut-characters",
        "Characters whose number is that of a letter once it is cut to 7, 8 or 16 bits.",
        cut_characters,
    ),
    ("case-mapping", "Letters beyond ASCII whose upper or lower case is a letter of a name.", case_mapping),
    (
        "hashes",
        "Names that share their hash with one of the four, for common hash functions of 32 bits.",
        hashes,
    ),
    ("quotes", "Quotation marks and brackets around the name, and half of them.", quotes),
    ("lists", "Several names in one, and names with a separator.", lists),
    ("escaped", "The escapes and encodings of other formats: of URLs, HTML, JSON, C, mail; base64.", escaped),
    ("long", "Names as long as a buffer, and as a name is once its length is cut to eight bits.", long),
    ("very-long", "Names of a hundred thousand characters, and such as is cut to sixteen bits.", very_long),
];

/// The patterns with the name for each `@`, and the name without SIG for each `$`.
fn formats<'a>(name: &str, patterns: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    patterns.into_iter().map(|pattern| pattern.replace('@', name).replace('$', &name[3..])).collect()
}

fn case(name: &str, _: i32) -> Vec<String> {
    let lower = name.to_lowercase();
    let letters: Vec<char> = name.chars().collect();
    let but = |at: usize| {
        let flip =
            |(place, letter): (usize, &char)| if place == at { letter.to_ascii_lowercase() } else { *letter };
        letters.iter().enumerate().map(flip).collect::<String>()
    };
    let mixed = name
        .chars()
        .enumerate()
        .map(|(at, letter)| if at % 2 == 0 { letter } else { letter.to_ascii_lowercase() });
    vec![
        mixed.collect(),
        format!("S{}", &lower[1..]),
        format!("SIG{}", &lower[3..]),
        format!("sig{}", &name[3..]),
        format!("Sig{}{}", &name[3..4], &lower[4..]),
        lower,
        but(0),
        but(3),
        but(letters.len() - 1),
    ]
}

fn affixes(name: &str, _: i32) -> Vec<String> {
    let patterns = "$ SIGSIG$ SIG_$ SIG-$ SIG.$ SIG:$ IG$ G$ _$ -$ -@ +@ S$ SIGN$ SIGNAL$ SIGNAL_$ \
                    Signal.@ Signals.@ signal.@ signals.@ libc::@ Signal::@ syscall.@ os.@ __@ @_ \
                    <Signals.@>";
    let marked = ["@", "$", "!", "%", "&", "~", "?", "#"].into_iter();
    let marked = marked.flat_map(|mark| [format!("{mark}{name}"), format!("{name}{mark}")]);
    let counted = ["+0", "-0", "+1", "-1", "+15"].map(|offset| format!("{name}{offset}"));
    formats(name, patterns.split_whitespace()).into_iter().chain(marked).chain(counted).collect()
}

fn cut(name: &str, _: i32) -> Vec<String> {
    let beginnings = (1..name.len()).map(|length| name[..length].to_owned());
    let ends = (1..name.len()).map(|start| name[start..].to_owned());
    let last = &name[name.len() - 1..];
    let reversed: String = name.chars().rev().collect();
    let extended =
        formats(name, ["@X", "X@", "@@", "@INATE", "@$", "S@", "@0", "@1", "@S", "@ED", "A@B", "@ @"]);
    // Half of one name and half of another.
    let halves = ["TERM", "KILL", "INT", "HUP"].into_iter().filter(|other| *other != &name[3..]);
    let halves =
        halves.flat_map(|other| [format!("SIG{}{}", &other[..1], &name[4..]), format!("{name}{other}")]);
    beginnings.chain(ends).chain([format!("{name}{last}"), reversed]).chain(extended).chain(halves).collect()
}

/// The descriptions are those of strsignal(3), in the C locale.
fn words(_: &str, signal: i32) -> Vec<String> {
    let words = match signal {
        libc::SIGTERM => "Terminated Termination Terminate terminate stop end quit",
        libc::SIGKILL => "Killed Kill kill force destroy",
        libc::SIGINT => "Interrupt Interrupted interrupt Ctrl-C ^C \u{3}",
        _ => "Hangup Hang-up hangup reload disconnect",
    };
    words.split(' ').map(str::to_owned).collect()
}

fn spaces(name: &str, _: i32) -> Vec<String> {
    let ends = [" ", "\t", "\u{b}", "\u{c}", "\u{85}", "\u{a0}", "\u{2003}", "\u{3000}", "\u{1680}"];
    let ends = ends.into_iter().flat_map(|space| [format!("{name}{space}"), format!("{space}{name}")]);
    ends.chain(formats(name, ["  @  ", "SIG $", "SIG\t$", "S I G", "@ \t ", "@          "])).collect()
}

fn line_ends(name: &str, _: i32) -> Vec<String> {
    let patterns = [
        "@\n",
        "@\r",
        "@\r\n",
        "\n@",
        "\r\n@",
        "\r@",
        "@\n\n",
        "\n\n@",
        "@\n@",
        "@\nX",
        "X\n@",
        "X\n@\nX",
        "@\r@",
        "@\n ",
        " \n@",
        "SIG\n$",
        "@\u{2028}",
        "\u{2029}@",
        "@\\\n",
        "@\u{85}",
    ];
    formats(name, patterns)
}

fn nul(name: &str, _: i32) -> Vec<String> {
    let patterns = [
        "@\0",
        "\0@",
        "SIG\0$",
        "@\0junk",
        "@\0\0",
        "@\0@",
        "\0",
        "@\0 ",
        "@\0\n",
        "S\0@",
        "@\0SIGFOO",
        "\0\0\0@",
    ];
    formats(name, patterns)
}

fn controls(name: &str, _: i32) -> Vec<String> {
    let patterns = [
        "@\u{1}",
        "\u{1}@",
        "@\u{4}",
        "@\u{7}",
        "@X\u{8}",
        "@\u{1a}",
        "@\u{1b}",
        "\u{1b}[0m@\u{1b}[0m",
        "@\u{7f}",
        "@\u{9b}",
        "@\u{80}",
        "\u{1f}@",
        "SIG\u{8}G$",
        "@\u{0}\u{1}",
        "@\u{3}",
        "X\r@",
    ];
    formats(name, patterns)
}

fn quotes(name: &str, _: i32) -> Vec<String> {
    let patterns = [
        "'@'",
        "\"@\"",
        "`@`",
        "(@)",
        "[@]",
        "{@}",
        "<@>",
        "\u{201c}@\u{201d}",
        "\u{ab}@\u{bb}",
        "'@",
        "@'",
        "\"@",
        "@\"",
        ":@",
        "b'@'",
        "r\"@\"",
        "'@'\n",
        "\"\"@\"\"",
        "/@/",
        "**@**",
        "__@__",
    ];
    formats(name, patterns)
}

fn lists(name: &str, signal: i32) -> Vec<String> {
    let number = signal.to_string();
    let patterns = [
        "@,SIGKILL",
        "SIGHUP,@",
        "@ SIGKILL",
        "SIGINT @",
        "@|SIGKILL",
        "@;",
        ";@",
        "@.",
        "@,",
        ",@",
        "@:",
        "@/SIGKILL",
        "@+SIGKILL",
        "@+",
        "@-",
        "@=#",
        "#=@",
        "@(#)",
        "@ #",
        "# @",
        "@#",
        "#) @",
        "@@",
        "[\"@\"]",
        "{\"name\":\"@\"}",
        "@&",
        "@|",
    ];
    formats(name, patterns).into_iter().map(|one| one.replace('#', &number)).collect()
}

fn escaped(name: &str, signal: i32) -> Vec<String> {
    let patterns = [
        "%53IG$",
        "@%00",
        "@%20",
        "%20@",
        "@%0A",
        "@+",
        "S&#73;G$",
        "&#83;IG$",
        "@&nbsp;",
        "\\x53IG$",
        "\\u0053IG$",
        "\\123IG$",
        "@\\n",
        "@\\0",
        "@\\",
        "\\@",
        "S\\IG$",
        "=?utf-8?q?@?=",
        "@#",
        "@?",
        "@*",
        "^@",
        ".*",
        "SIG.*",
        "SIG*",
        "SIG%",
        "[S]IG$",
        "@|X",
    ];
    let base64 = match signal {
        libc::SIGTERM => "U0lHVEVSTQ==",
        libc::SIGKILL => "U0lHS0lMTA==",
        libc::SIGINT => "U0lHSU5U",
        _ => "U0lHSFVQ",
    };
    let hexadecimal = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    formats(name, patterns).into_iter().chain([base64.to_owned(), hexadecimal]).collect()
}

fn long(name: &str, _: i32) -> Vec<String> {
    let mut names = [name.len() + (1 << 8), 255, 256, 1024, 4096, 10_000].map(|to| padded(name, to)).to_vec();
    names.extend(['\n', '\0'].map(|one| format!("{name}{}", one.to_string().repeat(5_000))));
    names
}

fn very_long(name: &str, _: i32) -> Vec<String> {
    let spaces = " ".repeat(70_000);
    vec![
        padded(name, name.len() + (1 << 16)),
        padded(name, 100_000),
        format!("{name}{spaces}"),
        format!("{spaces}{name}"),
        name.repeat(10_000),
    ]
}

/// The name with letters behind it up to a length.
fn padded(name: &str, length: usize) -> String {
    format!("{name}{}", "X".repeat(length - name.len()))
}

/// The signal's number in every notation that a parser could take, and numbers near it.
pub fn numbers(_: &str, signal: i32) -> Vec<String> {
    let number = signal.to_string();
    let written = ["@", "0@", "+@", "-@", " @", "@ ", "@\n", "@.0", "@e0", "SIG@", "SIG+@", "signal @", "#@"];
    let written = written.map(|pattern| pattern.replace('@', &number));
    let notations = [format!("0x{signal:x}"), format!("0{signal:o}"), format!("0b{signal:b}")];
    // Exit statuses of shells, and what a cast to 32 bits cuts down.
    let wrapped = [128 + i64::from(signal), (1 << 32) + i64::from(signal)].map(|number| number.to_string());
    let scripts = ['\u{660}', '\u{ff10}'].map(|zero| {
        let digit = |digit: char| char::from_u32(zero as u32 + digit as u32 - '0' as u32).unwrap_or(digit);
        number.chars().map(digit).collect()
    });
    let none = ["0", "-0", "SIG0"].map(str::to_owned);
    [&written[..], &notations, &wrapped, &scripts, &none].concat()
}
