"""Ends with a message before it reads anything."""

import sys

sys.exit("cannot reach the container: no such host")
