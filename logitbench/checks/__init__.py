"""Finds heads that do not fit their loss or their metrics, in source that is parsed and never run."""
