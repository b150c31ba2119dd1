"""The policy's pages: editor, preview, differences, proposals, shadow, audit log."""
