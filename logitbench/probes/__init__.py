"""What a head and a loss really compute, measured."""
