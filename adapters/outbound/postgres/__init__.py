"""PostgreSQL, by SQLAlchemy and asyncpg."""
