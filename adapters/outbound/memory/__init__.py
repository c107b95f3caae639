"""Everything in memory: real enough to run the whole product with."""
