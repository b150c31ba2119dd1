"""Real Chromium before a real installation."""
