-- Who may log in and to what. The stack runs this with psql, as the superuser, each time it is started, so that a password that
-- was changed in its .env holds from then on. psql takes the passwords from the environment and quotes them, whatever is in them.
\set ON_ERROR_STOP on
\getenv rumen_password RUMEN_DATABASE_PASSWORD
\getenv metabase_password METABASE_DATABASE_PASSWORD
\getenv readonly_password METABASE_READONLY_PASSWORD

-- No log shows a password, not even that of a statement that fails.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
-- What is there already is no news.
SET client_min_messages = 'warning';

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['rumen', 'metabase', 'metabase_readonly']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

-- Rumen owns its database. It makes roles for analysts, but can neither read nor change what is not its own.
ALTER ROLE rumen LOGIN NOSUPERUSER CREATEROLE NOCREATEDB PASSWORD :'rumen_password';
ALTER ROLE metabase LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'metabase_password';
ALTER ROLE metabase_readonly LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'readonly_password';
-- Migrations set the time-outs of this role, which takes the admin option since PostgreSQL 16.
GRANT metabase_readonly TO rumen WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;

SELECT format('CREATE DATABASE %I OWNER %I', name, name)
FROM unnest(ARRAY['rumen', 'metabase']) AS name
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec

-- What Metabase keeps for itself is nobody else's. Everybody may connect to rumen, logins of analysts that are made later included:
-- what they see there is what they were granted.
REVOKE CONNECT, TEMPORARY ON DATABASE metabase, postgres, template1 FROM PUBLIC;
REVOKE TEMPORARY ON DATABASE rumen FROM PUBLIC;
