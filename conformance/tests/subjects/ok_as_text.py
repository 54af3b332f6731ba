"""Writes true as a string."""

from honest import answer, questions, say

for question in questions():
    say({"id": question["id"], "ok": str(answer(question)["ok"]).lower()})
