"""Settings of a worker that a test starts: those of the tests, on the very database of the test that started it."""

import os

from tests.settings import *  # noqa: F403 - all of them

DATABASES["default"]["NAME"] = os.environ["SLUICEWAY_TEST_DATABASE"]  # noqa: F405 - from the line above
