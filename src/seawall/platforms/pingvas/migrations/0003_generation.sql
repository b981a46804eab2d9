-- Models, the jobs that run them, and the images that come of it.

-- A model without a tenant is the platform's own: whoever is somebody's may use it, and nobody may change it here.
CREATE TABLE models (
    model_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid REFERENCES tenants,
    name text NOT NULL,
    base text NOT NULL CHECK (base IN ('sd-1', 'sd-2', 'sdxl', 'flux')),
    -- Below the folder of models on the shared file system.
    path text NOT NULL CHECK (path !~ '(^/|\.\.)'),
    bytes bigint NOT NULL CHECK (bytes > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (tenant_id, name)
);

CREATE TABLE generation_jobs (
    tenant_id uuid NOT NULL,
    job_id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    model_id uuid NOT NULL REFERENCES models,
    request jsonb NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    -- A spot node may go in the middle of it; the queue gives the job to another worker.
    attempts integer NOT NULL DEFAULT 0,
    queued_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, job_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users
);
CREATE INDEX ON generation_jobs (tenant_id, queued_at DESC);

CREATE TABLE galleries (
    tenant_id uuid NOT NULL,
    gallery_id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    title text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, gallery_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users
);

CREATE TABLE images (
    tenant_id uuid NOT NULL,
    image_id uuid NOT NULL DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL,
    gallery_id uuid,
    -- The object in the bucket of images.
    object_key text NOT NULL UNIQUE,
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, image_id),
    FOREIGN KEY (tenant_id, job_id) REFERENCES generation_jobs,
    FOREIGN KEY (tenant_id, gallery_id) REFERENCES galleries ON DELETE SET NULL (gallery_id)
);
CREATE INDEX ON images (tenant_id, gallery_id, created_at DESC);

CALL isolate('models');
CALL isolate('generation_jobs');
CALL isolate('galleries');
CALL isolate('images');
CREATE POLICY of_the_platform ON models FOR SELECT
    USING (tenant_id IS NULL AND (SELECT current_tenant()) IS NOT NULL);

GRANT SELECT, INSERT, UPDATE, DELETE ON models, galleries, images TO :"app";
GRANT SELECT, INSERT ON generation_jobs TO :"app";
GRANT UPDATE (state, attempts, finished_at) ON generation_jobs TO :"app";
GRANT SELECT ON models, generation_jobs, galleries, images TO :"reader";
