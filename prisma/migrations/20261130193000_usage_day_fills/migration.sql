-- Accounts that were given another time zone of late: their days are filled from the newest back, a day at a time. Days before `days_from` are
-- not filled; what asks for them reads the quarters of an hour. The row goes when all are.
CREATE TABLE usage_day_fills (
  account_id text NOT NULL PRIMARY KEY,
  days_from  date NOT NULL
);
