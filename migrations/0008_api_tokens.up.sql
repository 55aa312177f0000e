-- What programs show instead of signing in. Only the hash of a token is stored.
CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    -- 'read', 'run' or 'write'; each includes those before it.
    scope TEXT NOT NULL,
    token_sha256 TEXT NOT NULL UNIQUE,
    -- The first characters, to recognise it by.
    start TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- To the minute.
    last_used_at BIGINT,
    revoked_at BIGINT
);

CREATE INDEX api_tokens_by_user ON api_tokens (user_id, id);
