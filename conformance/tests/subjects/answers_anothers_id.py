"""Answers a question that nobody asked."""

from honest import answer, questions, say

for question in questions():
    say({**answer(question), "id": question["id"] + 1000})
