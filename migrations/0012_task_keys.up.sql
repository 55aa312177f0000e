-- A request that creates a task and is sent again under the same key gets the task of the first one.
CREATE TABLE task_keys (
    user_id TEXT NOT NULL REFERENCES users (id),
    idempotency_key TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    task_id TEXT NOT NULL REFERENCES tasks (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
);

CREATE INDEX task_keys_by_age ON task_keys (created_at);
