"""The machine itself: time, chance, the list of currencies."""
