-- A request that is sent again under the same key gets the run of the first one.
CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL REFERENCES users (id),
    route TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, route, idempotency_key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
