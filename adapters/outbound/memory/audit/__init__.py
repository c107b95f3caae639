"""Checking the books in slices, in memory."""
