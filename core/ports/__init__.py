"""What the core needs from the world, each need a Protocol whose docstring is the promise."""
