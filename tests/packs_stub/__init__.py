"""A pack for tests: small nodes that echo, sleep, fail, crash, hang, stream and draw; and filters that misbehave.

The node that reads documents is the real one: what it makes of a file, no stub would.
"""

from runtime.packs.document import input_document
from tests.packs_stub import nodes
from tests.packs_stub.filters import FILTERS as FILTERS

NODE_TYPES = (*nodes.NODE_TYPES, input_document)
