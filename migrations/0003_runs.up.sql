-- One execution of one version with one set of inputs.
CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    task_id TEXT NOT NULL REFERENCES tasks (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL,
    -- The attempt that holds, or last held, the lease.
    attempt BIGINT NOT NULL DEFAULT 0,
    -- Attempts that the infrastructure lost.
    failures BIGINT NOT NULL DEFAULT 0,
    cancel_requested BIGINT NOT NULL DEFAULT 0,
    enqueued_at BIGINT NOT NULL,
    -- Not claimed before.
    run_after BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    dispatcher TEXT,
    lease_until BIGINT,
    limits TEXT NOT NULL,
    -- Exactly one of the two: the JSON itself, or the key of the object that holds it.
    inputs TEXT,
    inputs_key TEXT,
    inputs_sha256 TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    change TEXT NOT NULL,
    -- Once completed, exactly one of the two.
    result TEXT,
    result_key TEXT,
    result_bytes BIGINT,
    result_sha256 TEXT,
    error TEXT,
    headline TEXT,
    miniature TEXT,
    wall_ms DOUBLE PRECISION,
    cpu_ms DOUBLE PRECISION,
    memory_peak_mb DOUBLE PRECISION,
    -- What the worker reported about its environment.
    environment TEXT,
    -- Sequence number of the last event.
    last_seq BIGINT NOT NULL DEFAULT 0,
    UNIQUE (task_id, number)
);

CREATE INDEX runs_by_user ON runs (user_id, id);
CREATE INDEX runs_queued ON runs (user_id, id, run_after) WHERE status = 'queued';
CREATE INDEX runs_running ON runs (dispatcher, id) WHERE status = 'running';
CREATE INDEX runs_completed ON runs (task_id, number) WHERE status = 'completed';
