"""Node types around documents."""

from runtime.packs.document.input_document import input_document

NODE_TYPES = (input_document,)
