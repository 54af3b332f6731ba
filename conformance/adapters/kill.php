<?php
// PHP's posix_kill of the negated leader pid: errno ESRCH is a missing group, all else is an error. It takes numbers, so
// a caller has a table of their own.
const SIGNALS = ["SIGTERM" => 15, "SIGKILL" => 9, "SIGINT" => 2, "SIGHUP" => 1];
while (($line = fgets(STDIN)) !== false) {
    $question = json_decode($line);
    $name = $question->signal_name;
    $answer = ["id" => $question->id];
    if (!isset(SIGNALS[$name])) {
        $answer["err"] = json_encode($name) . ": no such signal";
    } elseif (posix_kill(-$question->leader_pid, SIGNALS[$name])) {
        $answer["ok"] = true;
    } elseif (posix_get_last_error() === 3) {
        $answer["ok"] = false;
    } else {
        $answer["err"] = json_encode($name) . ": " . posix_strerror(posix_get_last_error());
    }
    echo json_encode($answer), "\n";
}
