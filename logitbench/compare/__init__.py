"""From finished trials to plain records of what they say: pandas in, no printing, no files."""
