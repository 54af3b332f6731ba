"""Answers one question, as a command would."""

import sys

from honest import answer, questions, say

for question in questions():
    say(answer(question))
    sys.exit(7)
