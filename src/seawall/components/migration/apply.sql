-- One migration: applied once, refused if it has changed since, or if a later one has gone before it.
-- Given: version, name, checksum, file.

SELECT count(*) FILTER (WHERE version = :'version') = 0 AS is_new,
       count(*) FILTER (WHERE version = :'version' AND checksum <> :'checksum') > 0 AS is_changed,
       count(*) FILTER (WHERE version = :'version') = 0 AND coalesce(max(version) > :'version', false) AS is_late
FROM schema_migrations \gset
SELECT set_config('migration.name', :'name', false) AS name \gset
\if :is_changed
DO $$ BEGIN
    RAISE EXCEPTION '% is not what was applied: its checksum differs', current_setting('migration.name')
        USING HINT = 'Put it back as it was, and write what is new into a migration of its own.';
END $$;
\elif :is_late
DO $$ BEGIN
    RAISE EXCEPTION '% comes too late: a later one is applied already', current_setting('migration.name')
        USING HINT = 'Give it the next number.';
END $$;
\elif :is_new
BEGIN;
\i :file
INSERT INTO schema_migrations (version, name, checksum) VALUES (:'version', :'name', :'checksum');
COMMIT;
\echo applied :schema :name
\endif
