-- Regions and what runs in them. A region's row is written by operators only.
CREATE TABLE regions (
  code          text        PRIMARY KEY,
  name          text        NOT NULL,
  gateway_url   text        NOT NULL,
  driver        text        NOT NULL,
  driver_config jsonb       NOT NULL DEFAULT '{}',
  state         text        NOT NULL,
  version       integer     NOT NULL DEFAULT 1,
  changed_xid   bigint      NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX regions_changed ON regions (changed_xid);
CREATE TRIGGER regions_touch BEFORE INSERT OR UPDATE ON regions FOR EACH ROW EXECUTE FUNCTION ecolink_touch();

-- When a region's gateway last asked for its deployments; apart from `regions`, whose every change is published.
CREATE TABLE gateway_contacts (
  region       text        PRIMARY KEY,
  contacted_at timestamptz NOT NULL
);

CREATE TABLE gpu_types (
  name                 text   PRIMARY KEY,
  hourly_rate_nano_usd bigint NOT NULL CHECK (hourly_rate_nano_usd >= 0)
);

-- No foreign key to regions: capacity may be stated before the region's gateway is known.
CREATE TABLE gpu_capacity (
  gpu_type text    NOT NULL REFERENCES gpu_types (name),
  region   text    NOT NULL,
  gpus     integer NOT NULL CHECK (gpus >= 0),
  PRIMARY KEY (gpu_type, region)
);

INSERT INTO gpu_types (name, hourly_rate_nano_usd) VALUES ('sim-small', 0), ('h100-80gb', 3200000000);
INSERT INTO gpu_capacity (gpu_type, region, gpus) VALUES ('sim-small', 'mv', 1024), ('sim-small', 'ga', 1024);

CREATE TABLE models (
  id                text        PRIMARY KEY,
  account_id        text        NOT NULL,
  name              text        NOT NULL,
  category          text        NOT NULL,
  source            jsonb       NOT NULL,
  served_model_name text,
  token_encrypted   bytea,
  created_at        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT models_name_in_account UNIQUE (account_id, name)
);
CREATE INDEX models_of_account ON models (account_id, id);

CREATE SEQUENCE own_instance_id START 142;
-- Apart from the customers' numbers, so that making a platform model never uses one up.
CREATE SEQUENCE platform_instance_id START 1000000000;

-- `model_id` has no foreign key: a terminated instance outlives its model.
CREATE TABLE instances (
  id                   bigint      PRIMARY KEY,
  kind                 text        NOT NULL CHECK (kind IN ('own', 'platform')),
  account_id           text,
  platform_model_id    text,
  model_id             text,
  model_name           text        NOT NULL,
  served_model_name    text,
  name                 text        NOT NULL,
  category             text        NOT NULL,
  openai_compatible    boolean     NOT NULL,
  custom_api_path      text,
  health_path          text,
  inject_stream_usage  boolean     NOT NULL,
  gpu_type             text,
  gpu_count            integer,
  image                text,
  args                 text[]      NOT NULL DEFAULT '{}',
  env_encrypted        bytea,
  pinned_region        text,
  state                text        NOT NULL,
  desired_state        text        NOT NULL,
  degraded             boolean     NOT NULL DEFAULT false,
  status_reason        text,
  action_reason        text,
  termination_reason   text,
  hourly_rate_nano_usd bigint      NOT NULL DEFAULT 0 CHECK (hourly_rate_nano_usd >= 0),
  hold_nano_usd        bigint      NOT NULL DEFAULT 0 CHECK (hold_nano_usd >= 0),
  cycle_ends_at        timestamptz,
  state_since          timestamptz NOT NULL,
  version              integer     NOT NULL DEFAULT 1,
  changed_xid          bigint      NOT NULL DEFAULT 0,
  created_at           timestamptz NOT NULL,
  CHECK ((kind = 'own') = (account_id IS NOT NULL)),
  CHECK ((kind = 'platform') = (platform_model_id IS NOT NULL))
);
CREATE INDEX instances_changed ON instances (changed_xid);
CREATE INDEX instances_of_account ON instances (account_id, id);
CREATE INDEX instances_of_model ON instances (model_id);
CREATE INDEX instances_in_motion ON instances (id) WHERE state IN ('pending', 'starting', 'stopping');
CREATE TRIGGER instances_touch BEFORE INSERT OR UPDATE ON instances FOR EACH ROW EXECUTE FUNCTION ecolink_touch();

-- What a region's gateway shall run. A region that an instance left keeps its row with 0 replicas, so that the gateway hears of it.
CREATE TABLE deployments (
  instance_id bigint  NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
  region      text    NOT NULL,
  driver      text    NOT NULL,
  replicas    integer NOT NULL CHECK (replicas >= 0),
  version     integer NOT NULL DEFAULT 1,
  changed_xid bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (instance_id, region)
);
CREATE INDEX deployments_of_region ON deployments (region, changed_xid);
CREATE TRIGGER deployments_touch BEFORE INSERT OR UPDATE ON deployments FOR EACH ROW EXECUTE FUNCTION ecolink_touch();

-- Pods of driver `external`: servers that already run.
CREATE TABLE deployment_pods (
  id                text    PRIMARY KEY,
  instance_id       bigint  NOT NULL,
  region            text    NOT NULL,
  url               text    NOT NULL,
  api_key_encrypted bytea,
  weight            integer NOT NULL DEFAULT 1 CHECK (weight >= 1),
  place             integer NOT NULL,
  FOREIGN KEY (instance_id, region) REFERENCES deployments (instance_id, region) ON DELETE CASCADE
);
CREATE INDEX deployment_pods_of_deployment ON deployment_pods (instance_id, region, place);

-- The newest observation of each gateway. `ready_seconds_reported` restarts with the gateway, `ready_seconds` never falls.
CREATE TABLE deployment_observations (
  instance_id            bigint           NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
  region                 text             NOT NULL,
  sequence               bigint           NOT NULL,
  observed_at            timestamptz      NOT NULL,
  ready_seconds_reported double precision NOT NULL,
  ready_seconds          double precision NOT NULL,
  pods                   jsonb            NOT NULL,
  PRIMARY KEY (instance_id, region)
);

-- The newest word of the health checker.
CREATE TABLE instance_health (
  instance_id    bigint  PRIMARY KEY REFERENCES instances (id) ON DELETE CASCADE,
  health_version integer NOT NULL,
  pods           jsonb   NOT NULL
);

CREATE TABLE instance_events (
  position      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id            text        NOT NULL UNIQUE,
  instance_id   bigint      NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
  kind          text        NOT NULL,
  from_state    text,
  to_state      text        NOT NULL,
  desired_state text        NOT NULL,
  degraded      boolean     NOT NULL,
  reason        text,
  occurred_at   timestamptz NOT NULL
);
CREATE INDEX instance_events_of_instance ON instance_events (instance_id, position);

CREATE TABLE platform_models (
  id             text        PRIMARY KEY,
  instance_id    bigint      NOT NULL UNIQUE REFERENCES instances (id),
  display_name   text        NOT NULL,
  category       text        NOT NULL,
  context_length integer,
  status         text        NOT NULL,
  version        integer     NOT NULL DEFAULT 1,
  changed_xid    bigint      NOT NULL DEFAULT 0,
  created_at     timestamptz NOT NULL
);
CREATE INDEX platform_models_changed ON platform_models (changed_xid);
CREATE TRIGGER platform_models_touch BEFORE INSERT OR UPDATE ON platform_models FOR EACH ROW EXECUTE FUNCTION ecolink_touch();
