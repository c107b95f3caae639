"""What the ledger talks about. Immutable values; no behaviour that reaches outside."""
