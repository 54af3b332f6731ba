"""Puts a million digits behind the id."""

from honest import answer, questions, say

for question in questions():
    say('{"id":%s,"ok":true}' % ("7" * 1000000))
