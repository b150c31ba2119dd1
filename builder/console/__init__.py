"""The console: what an administrator looks at and changes."""
