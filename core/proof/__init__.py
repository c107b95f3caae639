"""The chain of what the ledger decided: leaves, heads, and what can be shown of them."""
