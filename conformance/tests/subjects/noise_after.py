"""Logs on its standard output what it has answered."""

from honest import answer, questions, say

for question in questions():
    say(answer(question))
    say("done with %d" % question["id"])
