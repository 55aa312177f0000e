-- Who is told when runs end. The secret signs what is sent, so it is stored as it is.
CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    -- Only the runs of this task; NULL means all runs of the user.
    task_id TEXT REFERENCES tasks (id),
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    events TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Since its receiver answered that it is gone; NULL while it is told of runs.
    disabled_at BIGINT
);

CREATE INDEX webhooks_by_user ON webhooks (user_id, id);

-- What each webhook was told, or is still to be told.
CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    -- NULL for a ping.
    run_id TEXT REFERENCES runs (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    -- pending, delivered or failed.
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Tries so far.
    attempt BIGINT NOT NULL DEFAULT 0,
    -- Not tried before; while it is being sent, the end of the lease.
    next_at BIGINT NOT NULL,
    -- Set while it is being sent, to a word that is new with each claim.
    claim TEXT,
    tried_at BIGINT,
    http_status BIGINT,
    error TEXT,
    duration_ms DOUBLE PRECISION,
    UNIQUE (run_id, webhook_id)
);

CREATE INDEX webhook_deliveries_log ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_next ON webhook_deliveries (next_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);
