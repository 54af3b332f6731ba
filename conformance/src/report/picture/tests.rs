use super::legend::Sign;
use super::*;
use crate::report::symptom::AnswerKind;
use crate::report::timeline::{Actor, Became, Part, Recipient};

fn actor(pid: u32, what: &str, group: u32) -> Event {
    let part = match what {
        "the subject itself" => Part::Subject,
        "the suite's agent" => Part::Suite,
        _ => Part::Made,
    };
    Event::Appeared(Actor { pid, what: what.to_owned(), group: Some(group), part })
}

fn received(pid: u32, signal: &str) -> Event {
    Event::Received { pid, signal: signal.to_owned() }
}

fn became(pid: u32, state: Became) -> Event {
    Event::Became { pid, state }
}

fn called(call: &str, to: Recipient) -> Moment {
    let sends = !call.contains(", 0");
    let event = Event::SystemCall { call: call.to_owned(), to: Some(to), sends };
    Moment::new(format!("subject called {call}"), vec![event])
}

/// The steps of [`finding`] with these system calls before the answer.
fn with_calls(calls: &[(&str, Recipient)]) -> Finding {
    let mut finding = finding();
    finding.timeline.splice(4..4, calls.iter().map(|(call, to)| called(call, *to)));
    finding
}

/// Group 58, of which 60 is missed and which 61 was in; 20003 is hit.
fn finding() -> Finding {
    let at = |tenths: u64, text: &str, events: Vec<Event>| Moment {
        at: Some(Duration::from_micros(tenths * 100)),
        ..Moment::new(text, events)
    };
    let answered = Event::Called {
        leader_pid: 58,
        signal_name: "SIGTERM".to_owned(),
        answer: Some(AnswerKind::Delivered),
    };
    let members = vec![
        actor(1, "the suite's agent", 1),
        actor(58, "leader", 58),
        actor(60, "child of the leader", 58),
        actor(61, "grandchild of the leader", 58),
    ];
    Finding {
        asked: "signal(58, \"SIGTERM\")".to_owned(),
        expected: "Ok(true)".to_owned(),
        happened: "process 20003 (a process in the subject's own group) received SIGTERM".to_owned(),
        timeline: vec![
            at(91, "made group 58", members),
            at(95, "process 61 exited, unreaped", vec![became(61, Became::Exited)]),
            at(111, "started the subject, pid 20002", vec![actor(20002, "the subject itself", 20002)]),
            at(113, "made process 20003", vec![actor(20003, "a process in the subject's own group", 20002)]),
            at(
                261,
                "signal(58, \"SIGTERM\") answered Ok(true), delivered after 14.7 ms",
                vec![
                    answered,
                    received(58, "SIGTERM"),
                    received(20003, "SIGTERM"),
                    became(58, Became::Stopped),
                ],
            ),
            at(861, "wait 600 ms for anything late", vec![]),
        ],
        processes: vec![60, 20003],
        ..Finding::default()
    }
}

#[test]
fn a_signal_arrives_at_the_system_call_that_sent_it_and_not_below_the_answer() {
    let (leader, own) = (Recipient::Process(58), Recipient::Group(20002));
    let calls =
        [("kill(-20002, SIGTERM)", own), ("kill(58, SIGTERM)", leader), ("kill(58, SIGTERM)", leader)];
    let mut finding = with_calls(&calls);
    finding.timeline[7].events.push(received(58, "SIGTERM"));
    let rows = arrivals_and_arrows(&Picture::of(&finding, 7).unwrap());
    let expected = [
        (vec![20003], vec![20002, 20003]),
        (vec![58], vec![58]),
        (vec![58], vec![58]),
        // The answer: nothing is sent by it.
        (vec![], vec![]),
    ];
    assert_eq!(rows[4..8], expected);
}

/// The pids that a signal reached in each row, and those that an arrow points to.
fn arrivals_and_arrows(picture: &Picture) -> Vec<(Vec<u32>, Vec<u32>)> {
    let pid = |lane: &usize| picture.lanes[*lane].pid.unwrap();
    let of_row = |row: &Row| {
        let arrivals = row.marks.iter().filter(|mark| mark.kind == MarkKind::Received);
        let arrows = row.calls.iter().flat_map(|call| &call.to);
        (arrivals.map(|mark| pid(&mark.lane)).collect(), arrows.map(pid).collect())
    };
    picture.rows.iter().map(of_row).collect()
}

#[test]
fn answers_that_come_together_belong_to_the_calls_before_all_of_them() {
    let (group, own) = (Recipient::Group(58), Recipient::Group(20002));
    let calls =
        [("kill(-58, SIGTERM)", group), ("kill(-20002, SIGTERM)", own), ("kill(-58, SIGTERM)", group)];
    let mut finding = with_calls(&calls);
    // Members are looked at after the last answer.
    let mut first = finding.timeline[7].clone();
    first.events.truncate(1);
    finding.timeline[7].events.push(received(58, "SIGTERM"));
    finding.timeline.insert(7, first);
    let arrivals =
        arrivals_and_arrows(&Picture::of(&finding, 7).unwrap()).into_iter().map(|(arrivals, _)| arrivals);
    let arrivals: Vec<_> = arrivals.skip(4).take(5).collect();
    assert_eq!(arrivals, [vec![58], vec![20003], vec![58], vec![], vec![]]);
}

#[test]
fn who_is_killed_and_reaped_has_received_what_was_sent_before() {
    let group = Recipient::Group(58);
    let mut finding = with_calls(&[("kill(-58, SIGTERM)", group), ("kill(-58, SIGKILL)", group)]);
    finding.timeline[6]
        .events
        .extend([became(58, Became::Killed("SIGKILL".to_owned())), became(58, Became::Reaped)]);
    let picture = Picture::of(&finding, 7).unwrap();
    let labels = |row: &Row| row.marks.iter().map(|mark| mark.label.clone()).collect::<Vec<_>>();
    assert_eq!(labels(&picture.rows[4]), ["TERM", "TERM"]);
    assert_eq!(labels(&picture.rows[5]), ["stopped", "KILL", "reaped"]);
}

#[test]
fn a_call_for_a_group_reaches_each_member_that_is_there_and_a_probe_sends_nothing() {
    let mut finding =
        with_calls(&[("kill(-58, 0)", Recipient::Group(58)), ("kill(58, 0)", Recipient::Process(58))]);
    finding.timeline[1].events.push(became(61, Became::Reaped));
    let picture = Picture::of(&finding, 7).unwrap();
    let arrows: Vec<_> = arrivals_and_arrows(&picture).into_iter().map(|(_, arrows)| arrows).collect();
    assert_eq!(arrows[4..7], [vec![58, 60], vec![58], vec![]]);
    assert!(picture.rows[4..6].iter().all(|row| row.calls[0].is_probe));
    assert!(picture.signs().contains(&Sign::Probe) && !picture.signs().contains(&Sign::Call));
}

#[test]
fn a_call_that_is_not_watched_points_to_the_members_whom_it_reached() {
    assert_eq!(arrivals_and_arrows(&Picture::of(&finding(), 7).unwrap())[4], (vec![58, 20003], vec![58]));
    let mut finding = finding();
    finding.timeline[4].events.truncate(1);
    assert_eq!(arrivals_and_arrows(&Picture::of(&finding, 7).unwrap())[4], (vec![], vec![]));
}

#[test]
fn a_finding_without_events_has_no_picture() {
    let finding = Finding { timeline: vec!["something".into()], ..Finding::default() };
    assert!(Picture::of(&finding, 7).is_none());
}

#[test]
fn the_members_of_each_group_stand_side_by_side_and_idle_helpers_have_no_lane() {
    let picture = Picture::of(&finding(), 7).unwrap();
    let lanes: Vec<_> =
        picture.lanes.iter().map(|lane| (lane.pid.unwrap(), lane.band, lane.is_accused)).collect();
    assert_eq!(
        lanes,
        [
            (20002, Band::Group(20002), false),
            (20003, Band::Group(20002), true),
            (58, Band::Called(58), false),
            (60, Band::Called(58), true),
            (61, Band::Called(58), false),
        ]
    );
}

#[test]
fn the_accused_keep_their_lanes_where_there_are_few() {
    let picture = Picture::of(&finding(), 4).unwrap();
    let lanes: Vec<_> = picture.lanes.iter().filter_map(|lane| lane.pid).collect();
    assert_eq!((lanes, picture.hidden), (vec![20002, 20003, 58, 60], 2));
}

#[test]
fn a_pid_that_came_back_has_a_lane_of_its_own() {
    let mut finding = finding();
    let again = vec![became(61, Became::Reaped), actor(61, "leader", 61), received(61, "SIGINT")];
    finding.timeline.push(Moment::new("again", again));
    let picture = Picture::of(&finding, 9).unwrap();
    let of_61: Vec<_> = picture.lanes.iter().filter(|lane| lane.pid == Some(61)).collect();
    assert_eq!(of_61.len(), 2);
    let row = picture.rows.last().unwrap();
    let arrived = row.marks.iter().find(|mark| mark.kind == MarkKind::Received).unwrap();
    assert_eq!(picture.lanes[arrived.lane].band, Band::Group(61));
}

#[test]
fn a_long_picture_keeps_both_ends_and_who_is_alive_between() {
    let mut finding = finding();
    let last = finding.timeline.pop().unwrap();
    finding.timeline.extend((0..200).map(|_| Moment::from("again")));
    finding.timeline.push(last);
    let picture = Picture::of(&finding, 7).unwrap();
    assert_eq!(picture.rows.len(), 2 * ROWS_AT_EACH_END + 1);
    let between = &picture.rows[ROWS_AT_EACH_END];
    assert_eq!((between.place, between.text.as_str()), (None, "… (158 steps left out) …"));
    assert_eq!(picture.rows.last().unwrap().place, Some(206));
    assert_eq!(between.lives[2], Life::Stopped);
}

#[test]
fn processes_without_a_lane_are_made_in_one_row() {
    let mut finding = finding();
    let made = |pid: u32| Moment::new(format!("made group {pid}"), vec![actor(pid, "leader", pid)]);
    finding.timeline.splice(3..3, (100..120).map(made));
    let picture = Picture::of(&finding, 5).unwrap();
    let texts: Vec<_> = picture.rows.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(
        texts[2..5],
        [
            "started the subject, pid 20002",
            "… (20 steps made processes that are not drawn) …",
            "made process 20003",
        ]
    );
    assert_eq!((picture.hidden, picture.rows[4].place), (21, Some(24)));
}

#[test]
fn the_picture_in_plain_characters() {
    insta::assert_snapshot!(text::draw(&Picture::of(&finding(), text::LANES).unwrap(), 2));
}

#[test]
fn calls_in_plain_characters() {
    let (own, group) = (Recipient::Group(20002), Recipient::Group(58));
    let calls = [
        ("kill(-58, 0)", group),
        ("kill(60, 0)", Recipient::Process(60)),
        ("kill(-58, SIGTERM)", group),
        ("kill(20002, SIGTERM)", Recipient::Process(20002)),
        ("kill(-20002, SIGTERM)", own),
    ];
    insta::assert_snapshot!(text::draw(&Picture::of(&with_calls(&calls), text::LANES).unwrap(), 2));
}

#[test]
fn the_picture_as_svg_is_well_formed_and_describes_itself() {
    let svg = svg::draw(&Picture::of(&finding(), svg::LANES).unwrap(), 3).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let told = document.descendants().find(|node| node.has_tag_name("desc")).unwrap();
    let told = told.text().unwrap();
    assert!(
        told.starts_with("Lanes: group 20002: process 20002 (the subject itself), process 20003 ("),
        "{told}"
    );
    assert!(
        told.contains("It shows at process 20003 (a process in the subject's own group), process 60 ("),
        "{told}"
    );
    for part in [
        r#"id="picture-3-title""#,
        "✗ 60",
        "✗ 20003",
        ">TERM</text>",
        "5. signal(58, &#34;SIGTERM&#34;) answered Ok(true)",
    ] {
        assert!(svg.contains(part), "no {part} in {svg}");
    }
}

#[test]
fn the_legend_has_each_sign_that_occurs_and_no_other() {
    let legend = |finding: &Finding| svg::legend(&Picture::of(finding, svg::LANES).unwrap()).unwrap();
    let watched =
        with_calls(&[("kill(-58, 0)", Recipient::Group(58)), ("kill(20002, 0)", Recipient::Process(20002))]);
    for (finding, has_probe) in [(finding(), false), (watched, true)] {
        let legend = legend(&finding);
        roxmltree::Document::parse(&legend).unwrap();
        for sign in [Sign::Life(Life::Unreaped), Sign::Mark(MarkKind::Received), Sign::Broken] {
            assert!(legend.contains(sign.words()), "no {sign:?} in {legend}");
        }
        for sign in [Sign::Mark(MarkKind::Pending), Sign::Mark(MarkKind::Killed)] {
            assert!(!legend.contains(sign.words()), "{sign:?} in {legend}");
        }
        assert_eq!(legend.contains(Sign::Probe.words()), has_probe);
        assert_eq!(legend.contains(Sign::Itself.words()), has_probe);
        assert_eq!(legend.contains(Sign::Call.words()), !has_probe);
    }
}
