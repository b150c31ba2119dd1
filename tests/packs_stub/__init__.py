"""A pack for tests: small nodes that echo, sleep, fail, crash, hang, stream and draw; and filters that misbehave."""

from tests.packs_stub.filters import FILTERS as FILTERS
from tests.packs_stub.flaky import brief_unsafe, flaky, flaky_unsafe, sleep_unsafe
from tests.packs_stub.hanging import hang, hang_long
from tests.packs_stub.later import later
from tests.packs_stub.meeting import meet, meet_briefly
from tests.packs_stub.nodes import NODE_TYPES as NODES
from tests.packs_stub.quoting import quote
from tests.packs_stub.told import instruct, say
from tests.packs_stub.unruly import huge, hungry, launch, odd, shout, split_off

NODE_TYPES = (
    *NODES,
    flaky,
    flaky_unsafe,
    brief_unsafe,
    sleep_unsafe,
    hang,
    hang_long,
    huge,
    hungry,
    later,
    launch,
    meet,
    meet_briefly,
    odd,
    shout,
    split_off,
    instruct,
    say,
    quote,
)
