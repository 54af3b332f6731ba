"""Writes Latin-1."""

from honest import answer, questions, say

for question in questions():
    say(b'{"id":%d,"err":"refus\xe9"}' % question["id"])
