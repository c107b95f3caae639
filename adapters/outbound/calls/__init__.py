"""Calls to addresses that others have chosen."""
