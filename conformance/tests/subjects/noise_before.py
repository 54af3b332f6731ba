"""Greets on its standard output before it answers."""

from honest import answer, questions, say

say("listening for questions")
for question in questions():
    say(answer(question))
