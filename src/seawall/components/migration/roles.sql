-- Roles and schema of one environment in a database that several share; running it again changes nothing.
--
-- Run by the database's administrator, who need be no superuser. Given by migrate.sh: database, environment, schema,
-- owner, app, reader, login, connections. Passwords of the application and of the migrator come on standard input, each
-- twice: \password hashes them here, so that neither the server nor its log ever sees one.

SET client_min_messages = warning;
\o /dev/null
SELECT pg_advisory_lock(hashtext('seawall roles'));

SELECT format('CREATE ROLE %I', role) FROM unnest(ARRAY[:'owner', :'app', :'reader', :'login', 'migrator']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec

-- owner: what the tables belong to; nobody logs in as it. app: the services, through the pooler. reader: people who
-- look. login: what finds a user's tenant before there is one. migrator: takes the owners' place while it migrates.
ALTER ROLE :"app" LOGIN NOINHERIT CONNECTION LIMIT :connections;
ALTER ROLE :"reader" LOGIN NOINHERIT CONNECTION LIMIT 5;
ALTER ROLE migrator LOGIN NOINHERIT CONNECTION LIMIT 2;
GRANT :"owner" TO CURRENT_USER;
GRANT :"owner" TO migrator;
GRANT :"login" TO :"owner";
-- On Amazon's servers people come in by their IAM identity, and so nobody has this role's password.
SELECT format('GRANT rds_iam TO %I', :'reader') WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') \gexec

REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"app", :"reader", migrator;
CREATE SCHEMA IF NOT EXISTS :"schema" AUTHORIZATION :"owner";
GRANT USAGE ON SCHEMA :"schema" TO :"app", :"reader", :"login";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- As defaults of the roles these hold on every connection, whoever a pooler gives it to, and cannot be forgotten.
ALTER ROLE :"app" IN DATABASE :"database" SET search_path = :"schema";
ALTER ROLE :"reader" IN DATABASE :"database" SET search_path = :"schema";
ALTER ROLE :"app" SET statement_timeout = '30s';
ALTER ROLE :"app" SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE :"reader" SET default_transaction_read_only = on;

SET password_encryption = 'scram-sha-256';
\password :app
\password migrator
-- It was made up for this run, and is good for nothing after it.
SELECT format('ALTER ROLE migrator VALID UNTIL %L', now() + interval '15 minutes') \gexec
