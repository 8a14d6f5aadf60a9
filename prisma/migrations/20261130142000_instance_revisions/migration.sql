-- What an instance is made of, numbered: a change makes the next number, and what was is never written again.
CREATE TABLE instance_revisions (
  instance_id   bigint      NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
  revision      integer     NOT NULL CHECK (revision > 0),
  definition    jsonb       NOT NULL,
  env_encrypted bytea,
  created_by    text,
  created_at    timestamptz NOT NULL,
  PRIMARY KEY (instance_id, revision)
);

CREATE TRIGGER instance_revisions_immutable BEFORE UPDATE ON instance_revisions
  FOR EACH ROW EXECUTE FUNCTION ecolink_refuse_change();

ALTER TABLE instances ADD COLUMN revision integer NOT NULL DEFAULT 1;
-- Which of them a region is to run: while a change rolls, regions differ.
ALTER TABLE deployments ADD COLUMN revision integer NOT NULL DEFAULT 1;

INSERT INTO instance_revisions (instance_id, revision, definition, env_encrypted, created_at)
SELECT id, 1,
  jsonb_build_object('name', name, 'image', image, 'args', to_jsonb(args), 'gpu_type', gpu_type, 'gpu_count', gpu_count,
    'custom_api_path', custom_api_path, 'health_path', health_path, 'inject_stream_usage', inject_stream_usage,
    'env_names', '[]'::jsonb,
    'replicas', (SELECT coalesce(jsonb_object_agg(region, replicas), '{}') FROM deployments
                 WHERE deployments.instance_id = instances.id AND deployments.replicas > 0)),
  env_encrypted, created_at
FROM instances WHERE kind = 'own';
