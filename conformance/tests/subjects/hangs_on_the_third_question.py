"""Answers two questions, and no more."""

import itertools
import signal

from honest import answer, questions, say

for question in itertools.islice(questions(), 2):
    say(answer(question))
signal.pause()
