"""Answers with an array."""

from honest import answer, questions, say

for question in questions():
    say("[%d, true]" % question["id"])
