"""The metrics: a catalogue of them, and the instruments that are made from it."""
