-- Usage summed by day of the account's time zone: what a report of a month reads. Filled by the billing transaction; a change of
-- the zone fills the days of the new one. Ends of a report that are no whole days are read from the quarters of an hour.
CREATE TABLE usage_days (
  account_id          text   NOT NULL,
  time_zone           text   NOT NULL,
  day                 date   NOT NULL,
  key_id              text   NOT NULL,
  model               text   NOT NULL,
  source_tag          text,
  region              text,
  calls               bigint NOT NULL,
  input_tokens        bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  images              bigint NOT NULL,
  audio_milliseconds  bigint NOT NULL,
  video_milliseconds  bigint NOT NULL,
  cost_nano_usd       bigint NOT NULL,
  UNIQUE NULLS NOT DISTINCT (account_id, time_zone, day, key_id, model, source_tag, region)
) WITH (fillfactor = 70);

INSERT INTO usage_days
SELECT account_id, time_zone, (quarter AT TIME ZONE time_zone)::date, key_id, model, source_tag, region, sum(calls), sum(input_tokens),
  sum(cached_input_tokens), sum(output_tokens), sum(images), sum(audio_milliseconds), sum(video_milliseconds), sum(cost_nano_usd)
FROM usage_quarters JOIN accounts ON accounts.id = account_id GROUP BY 1, 2, 3, 4, 5, 6, 7;
