"""Gives each answer twice."""

from honest import answer, questions, say

for question in questions():
    say(answer(question))
    say(answer(question))
