"""Sluiceway's settings for tests: a home of their own that goes when the tests end."""

import atexit
import os
import shutil
import tempfile

# A process that a test starts is told its home; pytest itself makes one.
if "SLUICEWAY_HOME" not in os.environ:
    os.environ["SLUICEWAY_HOME"] = tempfile.mkdtemp(prefix="sluiceway-tests-")
    atexit.register(shutil.rmtree, os.environ["SLUICEWAY_HOME"], ignore_errors=True)

from builder.settings import *  # noqa: F403 - the same settings, after the home is chosen

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hashing slowly is not what is tested
# Each client of a test makes the handler anew, which would look at every static file first (34 ms): it looks when asked.
WHITENOISE_AUTOREFRESH = True
