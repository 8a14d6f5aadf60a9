-- How a region's pods share the calls of an instance; those that are here go on in turn.
ALTER TABLE instances ADD COLUMN strategy text NOT NULL DEFAULT 'round_robin';
