-- The check of new entries looks each of their transactions up by its id, however many there are by now. Left to itself, the
-- planner read the whole ledger once for every batch while it was of middling size.
ALTER FUNCTION ledger_entries_check() SET enable_hashjoin = off;
ALTER FUNCTION ledger_entries_check() SET enable_mergejoin = off;
ALTER FUNCTION ledger_entries_check() SET enable_seqscan = off;
