use super::{Question, Reply, Token, read, request, script};
use crate::SignalName;

fn token() -> Token {
    Token { halves: ["ab".to_owned(), "cd".to_owned()], joined: "abcd".to_owned() }
}

fn read_line(line: &str) -> Option<Reply> {
    read(line.as_bytes(), &token())
}

#[test]
fn what_is_sent_is_digits_one_of_five_words_and_a_dot() {
    assert_eq!(request(7, Question::Signal(SignalName::Term), &[2, i32::MAX]), "7 TERM 2 2147483647 .\n");
    assert_eq!(request(8, Question::Signal(SignalName::Kill), &[30]), "8 KILL 30 .\n");
    assert_eq!(request(9, Question::Signal(SignalName::Int), &[30]), "9 INT 30 .\n");
    assert_eq!(
        request(u64::MAX, Question::Signal(SignalName::Hup), &[30]),
        "18446744073709551615 HUP 30 .\n"
    );
    assert_eq!(request(9, Question::HasExited, &[30]), "9 0 30 .\n");
}

#[test]
fn an_echo_of_what_is_sent_is_no_reply() {
    let token = Token::random().expect("there are random numbers");
    let sent = script(&token) + &request(1, Question::Signal(SignalName::Term), &[30]);
    assert!(!sent.contains(&token.joined));
    for line in sent.lines() {
        assert_eq!(read(line.as_bytes(), &token), None);
    }
}

#[test]
fn no_two_tokens_are_alike() {
    let tokens: std::collections::HashSet<String> =
        (0..100).map(|_| Token::random().expect("there are random numbers").joined).collect();
    assert_eq!(tokens.len(), 100);
    assert!(tokens.iter().all(|token| token.len() == 64));
}

#[test]
fn replies_are_read_as_they_are_written() {
    assert_eq!(read_line("abcd ready boot-id 22"), Some(Reply::Ready("boot-id 22".to_owned())));
    assert_eq!(read_line("abcd ready boot-id -\r"), Some(Reply::Ready("boot-id -".to_owned())));
    assert_eq!(read_line("abcd ready - -"), Some(Reply::Ready(String::new())));
    assert_eq!(read_line("abcd unable no kill here"), Some(Reply::Unable("no kill here".to_owned())));
    assert_eq!(read_line("abcd 7 why 30 not permitted"), Some(Reply::Why(7, 30, "not permitted".to_owned())));
    assert_eq!(
        read_line("abcd 7 d:30 x:2147483647 e:31 ."),
        Some(Reply::Answer(7, vec![('d', 30), ('x', i32::MAX), ('e', 31)]))
    );
}

#[test]
fn what_another_writes_is_no_reply() {
    for line in ["", "7 d:30 .", "abc 7 d:30 .", " abcd 7 d:30 .", "xabcd 7 d:30 .", "ABCD 7 d:30 ."] {
        assert_eq!(read_line(line), None, "{line:?}");
    }
}

#[test]
fn a_reply_with_something_amiss_is_garbled_and_never_an_answer() {
    let lines = [
        "abcd",
        "abcd7 d:30 .",
        "abcd ",
        "abcd 7",
        "abcd 7 d:30",
        "abcd 7 d:30 x",
        "abcd 7 d:3Welcome!0 .",
        "abcd 7 q:30 .",
        "abcd 7 dx:30 .",
        "abcd 7 :30 .",
        "abcd 7 d: .",
        "abcd 7 d:30  .",
        "abcd -7 d:30 .",
        "abcd 7 d:30 . .",
        "abcd 7 d:99999999999 .",
        "abcd why 30 no",
        "abcd 7 why x no",
        "abcd 7 d:30 abcd 7 .",
    ];
    for line in lines {
        assert_eq!(read_line(line), Some(Reply::Garbled), "{line:?}");
    }
}
