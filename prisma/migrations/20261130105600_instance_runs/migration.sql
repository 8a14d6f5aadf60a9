-- Which start of the instance this is: what its hold is taken for. `hold_version`: the newest word of auth-billing on that hold.
ALTER TABLE instances ADD COLUMN run integer NOT NULL DEFAULT 1;
ALTER TABLE instances ADD COLUMN hold_version integer NOT NULL DEFAULT 0;
