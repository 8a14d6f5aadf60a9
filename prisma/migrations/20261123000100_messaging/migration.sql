-- The place up to which a consumer group of the embedded log has handled a partition. (On Kafka, Kafka keeps it.)
CREATE TABLE bus_offsets (
  group_name text        NOT NULL,
  topic      text        NOT NULL,
  partition  integer     NOT NULL,
  position   bigint      NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_name, topic, partition)
);

-- Events that a group could not handle, until somebody replays them. `data` is JSON text and not jsonb, which refuses
-- some strings that JSON allows: a dead letter must always find its place.
CREATE TABLE dead_letters (
  id          text        PRIMARY KEY,
  group_name  text        NOT NULL,
  topic       text        NOT NULL,
  partition   integer     NOT NULL,
  position    bigint      NOT NULL,
  key         text        NOT NULL,
  event_id    text        NOT NULL,
  source      text        NOT NULL,
  occurred_at timestamptz NOT NULL,
  data        text        NOT NULL,
  reason      text        NOT NULL,
  attempts    integer     NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  replayed_at timestamptz,
  CONSTRAINT dead_letters_once UNIQUE (group_name, topic, source, event_id)
);
