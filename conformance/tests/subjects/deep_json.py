"""Nests a hundred thousand arrays in its answer."""

from honest import answer, questions, say

for question in questions():
    say('{"id":%d,"ok":%s}' % (question["id"], "[" * 100000 + "]" * 100000))
