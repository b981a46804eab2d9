-- Tenants and their users, and the rule by which every table shows a tenant its own rows and nobody else's.
--
-- Written once for every environment: names are looked up in the environment's schema, which the runner has set, and
-- :app, :reader and :login are its roles. The runner wraps each file in a transaction and never runs it twice.

-- Who the rows are shown to. The application says so at the start of each transaction:
--     SELECT set_config('app.tenant_id', $1, true)
-- "true" means until the end of the transaction. A plain SET would stay on a connection that PgBouncer hands to
-- somebody else next. Where nothing is set this is NULL, and NULL equals nothing: nobody's rows are shown.
CREATE FUNCTION current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

-- Row-level security for a table with a tenant_id, binding its owner too.
CREATE PROCEDURE isolate(relation regclass)
    LANGUAGE plpgsql
    SET search_path FROM CURRENT
AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation);
    -- In a subselect the function is asked once a statement instead of once a row.
    EXECUTE format('CREATE POLICY own_rows ON %s USING (tenant_id = (SELECT current_tenant()))', relation);
END
$$;

CREATE TABLE tenants (
    tenant_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Keys begin with the tenant everywhere: a reference can then never lead from one tenant's row to another's, which
-- row-level security alone would not notice, since references are checked without it.
CREATE TABLE users (
    tenant_id uuid NOT NULL REFERENCES tenants,
    user_id uuid NOT NULL DEFAULT gen_random_uuid(),
    issuer text NOT NULL,
    subject text NOT NULL,
    email text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id),
    UNIQUE (issuer, subject)
);

CALL isolate('tenants');
CALL isolate('users');

GRANT EXECUTE ON FUNCTION current_tenant() TO :"app", :"reader", :"login";
GRANT SELECT, INSERT, UPDATE ON tenants TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO :"app";
GRANT SELECT ON tenants, users TO :"reader";

-- Whoever signs in has no tenant yet. One function finds it, for the one user whom the identity provider vouched for;
-- it runs as a role that sees these columns of users and nothing else, and that nobody can log in as.
GRANT SELECT (tenant_id, user_id, issuer, subject) ON users TO :"login";
CREATE POLICY sign_in ON users FOR SELECT TO :"login" USING (true);

CREATE FUNCTION find_at_login(by_issuer text, by_subject text, OUT tenant_id uuid, OUT user_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT u.tenant_id, u.user_id FROM users AS u WHERE u.issuer = by_issuer AND u.subject = by_subject;
END;

GRANT EXECUTE ON FUNCTION find_at_login(text, text) TO :"app";
-- A function's new owner must be allowed to create in the schema at that moment, and at no other.
GRANT CREATE ON SCHEMA :"schema" TO :"login";
ALTER FUNCTION find_at_login(text, text) OWNER TO :"login";
REVOKE CREATE ON SCHEMA :"schema" FROM :"login";
