DROP INDEX runs_ended;
ALTER TABLE runs DROP COLUMN stored_bytes;
