-- The `traceparent` of the request that asked for the run.
ALTER TABLE runs ADD COLUMN trace TEXT;
