"""Assets: bytes that belong to a workspace: uploads, and outputs that have passed their gates."""
