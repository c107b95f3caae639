"""`counterfoil top`: what the running processes expose, as one live view."""
