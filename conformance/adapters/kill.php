<?php
// PHP's posix_kill of the negated leader pid: errno ESRCH is a missing group, all else is an error.
while (($line = fgets(STDIN)) !== false) {
    $question = json_decode($line);
    $name = $question->signal_name;
    $answer = ["id" => $question->id];
    if (!defined($name)) {
        $answer["err"] = "$name: no such signal";
    } elseif (posix_kill(-$question->leader_pid, constant($name))) {
        $answer["ok"] = true;
    } elseif (posix_get_last_error() === 3) {
        $answer["ok"] = false;
    } else {
        $answer["err"] = "$name: " . posix_strerror(posix_get_last_error());
    }
    echo json_encode($answer), "\n";
}
