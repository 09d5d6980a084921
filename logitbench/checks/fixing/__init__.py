"""From problems to programs without them: only what has to change does."""
