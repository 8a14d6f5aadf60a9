-- How pods share calls is part of what an instance is made of. It could not change until now, so that every revision had the strategy of its
-- instance; one that says nothing was in turn.
ALTER TABLE instance_revisions DISABLE TRIGGER instance_revisions_immutable;
UPDATE instance_revisions AS revision SET definition = definition || jsonb_build_object('strategy', instances.strategy)
FROM instances WHERE instances.id = revision.instance_id AND instances.strategy <> 'round_robin';
ALTER TABLE instance_revisions ENABLE TRIGGER instance_revisions_immutable;
