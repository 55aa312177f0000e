-- The input files of a run, as JSON; NULL for runs without.
ALTER TABLE runs ADD COLUMN files TEXT;
