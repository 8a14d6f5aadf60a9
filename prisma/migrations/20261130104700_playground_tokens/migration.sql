-- Keys that the console takes for its playground: they live for minutes, are not listed, and are deleted a day after they expired unused.
ALTER TABLE "api_keys" ADD COLUMN "is_playground" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "api_keys_of_playgrounds" ON "api_keys" ("account_id", "expires_at") WHERE "is_playground";
