"""Node types around pictures."""

from runtime.nodes.base import NodeType

NODE_TYPES: tuple[NodeType, ...] = ()
