"""Whole statements as files: an account's period in the formats that other programs read."""
