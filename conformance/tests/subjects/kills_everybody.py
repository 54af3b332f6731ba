"""Sends SIGKILL to every process it may signal."""

import os
import signal

from honest import only_in_the_sandbox, questions, say

only_in_the_sandbox()
for question in questions():
    os.kill(-1, signal.SIGKILL)
    say({"id": question["id"], "ok": True})
