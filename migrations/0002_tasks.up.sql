-- A named calculation, and its immutable versions.
CREATE TABLE tasks (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Name and description in lower case, for looking up words.
    search TEXT NOT NULL,
    -- The newest version.
    version BIGINT NOT NULL,
    -- Runs so far; the next run gets the next number.
    run_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Last edit or run.
    active_at BIGINT NOT NULL,
    -- Hidden since; NULL while visible.
    deleted_at BIGINT
);

CREATE INDEX tasks_by_activity ON tasks (user_id, active_at, id) WHERE deleted_at IS NULL;

CREATE TABLE task_versions (
    task_id TEXT NOT NULL REFERENCES tasks (id),
    number BIGINT NOT NULL,
    code TEXT NOT NULL,
    inputs TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (task_id, number)
);
