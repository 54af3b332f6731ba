"""Answers rightly, and stays when its standard input has ended."""

import signal

from honest import answer, questions, say

for question in questions():
    say(answer(question))
signal.pause()
