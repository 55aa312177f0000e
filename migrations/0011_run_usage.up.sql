-- Bytes of a run's inputs and result, wherever they are stored.
ALTER TABLE runs ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0;

UPDATE runs SET stored_bytes = COALESCE(OCTET_LENGTH(inputs), 0) + COALESCE(result_bytes, 0);

-- All that is asked of the runs that have ended when what a user has used is counted.
CREATE INDEX runs_ended
    ON runs (user_id, finished_at, status, cpu_ms, wall_ms, memory_peak_mb, stored_bytes)
    WHERE finished_at IS NOT NULL;
