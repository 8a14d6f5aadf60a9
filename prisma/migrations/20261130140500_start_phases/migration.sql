-- How far a start has come, and why the last one failed.
ALTER TABLE instances
  ADD COLUMN phase       text CHECK (phase IN ('scheduled', 'pulling', 'downloading', 'loading', 'warming', 'ready')),
  ADD COLUMN phase_since timestamptz,
  ADD COLUMN failure     jsonb;

UPDATE instances SET phase = 'ready', phase_since = state_since WHERE state = 'running';
UPDATE instances SET phase = 'scheduled', phase_since = state_since WHERE state IN ('pending', 'starting', 'failed');
