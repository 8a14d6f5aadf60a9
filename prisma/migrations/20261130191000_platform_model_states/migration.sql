-- Whether a platform model is served (active, deprecated) or not (disabled); what was inactive is disabled. Deleted ones and deleted regions
-- stay, since histories and readers name them.
UPDATE platform_models SET status = 'disabled' WHERE status <> 'active';
ALTER TABLE platform_models ADD CONSTRAINT platform_models_status CHECK (status IN ('active', 'deprecated', 'disabled'));
ALTER TABLE platform_models ADD COLUMN deleted_at timestamptz;
ALTER TABLE regions ADD COLUMN deleted_at timestamptz;
