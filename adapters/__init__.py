"""How the world reaches the core (inbound), and the core the world (outbound)."""
