"""HTTP, by aiohttp."""
