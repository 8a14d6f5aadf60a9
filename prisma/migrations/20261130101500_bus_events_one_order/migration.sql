-- One index, and so one order: readers ask for what comes after a place in a partition. With an index on `id` alone the planner could, under
-- stale statistics, walk the whole log for a partition that has nothing new.
ALTER TABLE bus_events DROP CONSTRAINT bus_events_pkey;
DROP INDEX bus_events_in_order;
ALTER TABLE bus_events ADD CONSTRAINT bus_events_in_order PRIMARY KEY (topic, partition, id);
