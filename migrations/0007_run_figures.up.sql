-- Which figures a result has, as JSON; NULL for runs that ended before this column was there.
ALTER TABLE runs ADD COLUMN figures TEXT;
