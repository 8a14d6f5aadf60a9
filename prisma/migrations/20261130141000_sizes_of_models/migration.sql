-- What decides whether GPUs hold a model: its size, and their memory.
ALTER TABLE models
  ADD COLUMN context_length integer,
  ADD COLUMN parameters     bigint;

ALTER TABLE gpu_types ADD COLUMN memory_gb integer CHECK (memory_gb > 0);
-- Types are named after it.
UPDATE gpu_types SET memory_gb = substring(name from '-([0-9]{1,4})gb$')::integer WHERE name ~ '-[1-9][0-9]{0,3}gb$';
