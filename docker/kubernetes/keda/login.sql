-- Once, as the owner of the database, for KEDA alone:
--
--     psql "$DATABASE_URL" --file docker/kubernetes/keda/login.sql
--     \password rumen_keda

CREATE ROLE rumen_keda LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 5;
ALTER ROLE rumen_keda SET default_transaction_read_only = on;
ALTER ROLE rumen_keda SET statement_timeout = '5s';
GRANT USAGE ON SCHEMA public TO rumen_keda;
GRANT SELECT ON gauge TO rumen_keda;
