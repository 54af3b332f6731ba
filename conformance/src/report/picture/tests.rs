use super::*;
use crate::report::timeline::{Actor, Part};

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

/// Group 58, of which 60 is missed and which 61 was in; 20003 is hit.
fn finding() -> Finding {
    let at = |tenths: u64, text: &str, events: Vec<Event>| Moment {
        at: Some(Duration::from_micros(tenths * 100)),
        ..Moment::new(text, events)
    };
    let called = Event::Called {
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
                    called,
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
    let mut finding = finding();
    let calls = [("kill(58, SIGTERM)", 58), ("kill(-20002, SIGTERM)", 20002), ("kill(-58, 0)", 58)];
    for (place, (call, to)) in calls.into_iter().enumerate() {
        let event = Event::SystemCall { call: call.to_owned(), to: Some(to), sends: place < 2 };
        finding.timeline.insert(4 + place, Moment::new(format!("subject called {call}"), vec![event]));
    }
    let picture = Picture::of(&finding, 7).unwrap();
    let seen = |row: &Row| {
        let arrivals = row.marks.iter().filter(|mark| mark.kind == MarkKind::Received);
        let pid = |lane: usize| picture.lanes[lane].pid.unwrap();
        let arrivals: Vec<_> = arrivals.map(|mark| pid(mark.lane)).collect();
        let arrows: Vec<_> = row.calls.iter().filter_map(|call| call.to).map(pid).collect();
        (arrivals, arrows)
    };
    let rows: Vec<_> = picture.rows[4..8].iter().map(seen).collect();
    let expected = [(vec![58], vec![58]), (vec![20003], vec![20002]), (vec![], vec![58]), (vec![], vec![])];
    assert_eq!(rows, expected);
}

#[test]
fn a_finding_without_events_has_no_picture() {
    let finding = Finding { timeline: vec!["something".into()], ..Finding::default() };
    assert!(Picture::of(&finding, 7).is_none());
}

#[test]
fn members_stand_side_by_side_and_idle_helpers_have_no_lane() {
    let picture = Picture::of(&finding(), 7).unwrap();
    let lanes: Vec<_> =
        picture.lanes.iter().map(|lane| (lane.pid.unwrap(), lane.band, lane.is_accused)).collect();
    assert_eq!(
        lanes,
        [
            (20002, Band::Asked, false),
            (58, Band::Group(58), false),
            (60, Band::Group(58), true),
            (61, Band::Group(58), false),
            (20003, Band::Others, true),
        ]
    );
}

#[test]
fn the_accused_keep_their_lanes_where_there_are_few() {
    let picture = Picture::of(&finding(), 4).unwrap();
    let lanes: Vec<_> = picture.lanes.iter().filter_map(|lane| lane.pid).collect();
    assert_eq!((lanes, picture.hidden), (vec![20002, 58, 60, 20003], 2));
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
    assert_eq!(picture.lanes[arrived.lane].band, Band::Others);
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
    assert_eq!(between.lives[1], Life::Stopped);
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
fn the_picture_as_svg_is_well_formed_and_describes_itself() {
    let svg = svg::draw(&Picture::of(&finding(), svg::LANES).unwrap(), 3).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let told = document.descendants().find(|node| node.has_tag_name("desc")).unwrap();
    let told = told.text().unwrap();
    assert!(told.contains("It shows at process 60 (child of the leader), process 20003 ("), "{told}");
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
