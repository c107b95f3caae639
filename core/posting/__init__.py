"""The heart: commands in, decisions out. Pure; no setting, no clock, no I/O."""
