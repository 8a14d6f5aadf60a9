-- Which stretches of a day can hold rows of a key, a model, a code … at all: a filter that few rows match reads those, and not the whole day.
-- A summary of a few pages costs an insert next to nothing, where an index of each column would cost more than the row itself.
CREATE INDEX request_log_by_facets ON request_log USING brin (
  started_at timestamptz_minmax_ops, key_id text_bloom_ops, model text_bloom_ops, endpoint text_bloom_ops, status int4_bloom_ops,
  code text_bloom_ops, outcome text_bloom_ops, region text_bloom_ops, source_tag text_bloom_ops
) WITH (pages_per_range = 16, autosummarize = on);
