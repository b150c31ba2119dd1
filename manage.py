#!/usr/bin/env python3
"""Sluiceway's one command: `up`, `test`, `setup`, and every Django command."""

import sys

# This file must parse on any Python, so that an old one hears a sentence and not a SyntaxError.
if sys.version_info < (3, 11):  # noqa: UP036 - the bare system Python may be any version
    sys.exit(
        "Sluiceway needs Python 3.11 or newer, and this is Python %d.%d. "  # noqa: UP031 - f-strings are too new here
        "Start it with a newer one, for example: python3.11 manage.py up" % sys.version_info[:2]
    )

if __name__ == "__main__":
    from builder.entry import main

    sys.exit(main(sys.argv[1:]))
