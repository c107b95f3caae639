"""Webhooks: who is called, what is to be told, and how it went."""
