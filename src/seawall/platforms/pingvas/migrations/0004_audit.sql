-- What was done, by whom; it can be added to and read, by the application too, and not changed.

CREATE TABLE audit_entries (
    tenant_id uuid NOT NULL REFERENCES tenants,
    entry_id bigint GENERATED ALWAYS AS IDENTITY,
    user_id uuid,
    action text NOT NULL,
    about jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, entry_id)
);
CREATE INDEX ON audit_entries (tenant_id, at DESC);

CALL isolate('audit_entries');

GRANT SELECT, INSERT ON audit_entries TO :"app";
GRANT SELECT ON audit_entries TO :"reader";
