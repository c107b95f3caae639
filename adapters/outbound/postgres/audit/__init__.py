"""Checking the books in slices: one short statement each, whose snapshot is all that it needs."""
