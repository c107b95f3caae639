-- The four roles and the database of Counterfoil, made or brought up to date; safe to run again.
--
-- As a superuser, with the passwords in the environment (they are not seen in `ps` there):
--
--     OWNER_PASSWORD=... PROCESSOR_PASSWORD=... API_PASSWORD=... WEBHOOKS_PASSWORD=... \
--         psql -d postgres -f infra/postgres/roles.sql
--
-- `counterfoil` owns the database and runs the migrations, which grant to the other three.

\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv processor_password PROCESSOR_PASSWORD
\getenv api_password API_PASSWORD
\getenv webhooks_password WEBHOOKS_PASSWORD

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY[
    'counterfoil', 'counterfoil_processor', 'counterfoil_api', 'counterfoil_webhooks'
]) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

-- Not in the server's log, should one of these fail.
SET log_min_error_statement = panic;
ALTER ROLE counterfoil PASSWORD :'owner_password';
ALTER ROLE counterfoil_processor PASSWORD :'processor_password';
ALTER ROLE counterfoil_api PASSWORD :'api_password';
ALTER ROLE counterfoil_webhooks PASSWORD :'webhooks_password';
RESET log_min_error_statement;

SELECT 'CREATE DATABASE counterfoil OWNER counterfoil'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'counterfoil')
\gexec

-- Nobody else gets in by default.
REVOKE ALL ON DATABASE counterfoil FROM PUBLIC;
GRANT CONNECT ON DATABASE counterfoil
    TO counterfoil_processor, counterfoil_api, counterfoil_webhooks;

\connect counterfoil
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO counterfoil;
