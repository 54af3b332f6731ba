"""Sends SIGKILL to its parent with each question, and answers as if nothing had happened."""

import os
import signal

from honest import answer, only_in_the_sandbox, questions, say

only_in_the_sandbox()
for question in questions():
    os.kill(os.getppid(), signal.SIGKILL)
    say(answer(question))
