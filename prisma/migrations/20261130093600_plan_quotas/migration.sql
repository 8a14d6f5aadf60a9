-- How many things an account of a plan may have. Sessions are counted per user.
ALTER TABLE plans
  ADD COLUMN max_keys      integer NOT NULL DEFAULT 100 CHECK (max_keys >= 0),
  ADD COLUMN max_models    integer NOT NULL DEFAULT 200 CHECK (max_models >= 0),
  ADD COLUMN max_instances integer NOT NULL DEFAULT 50 CHECK (max_instances >= 0),
  ADD COLUMN max_pods      integer NOT NULL DEFAULT 256 CHECK (max_pods >= 0),
  ADD COLUMN max_members   integer NOT NULL DEFAULT 100 CHECK (max_members >= 1),
  ADD COLUMN max_invites   integer NOT NULL DEFAULT 100 CHECK (max_invites >= 0),
  ADD COLUMN max_channels  integer NOT NULL DEFAULT 20 CHECK (max_channels >= 0),
  ADD COLUMN max_sessions  integer NOT NULL DEFAULT 20 CHECK (max_sessions >= 1);
