"""Bodies as clients write and read them: types to be described, not to be built."""
