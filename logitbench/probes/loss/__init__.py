"""Heads and losses: which one is computed, and where its numbers break."""
