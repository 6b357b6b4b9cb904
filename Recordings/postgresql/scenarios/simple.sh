# Simple queries: a table, rows, an error in a transaction, a notice, settings.
client <<'COMMANDS'
SET search_path TO public;
CREATE TABLE orders (id int PRIMARY KEY, item text);
INSERT INTO orders SELECT n, 'item ' || n FROM generate_series(1, 20) AS n;
SELECT * FROM orders ORDER BY id;
BEGIN;
SELECT 1 / 0;
ROLLBACK;
DO $$ BEGIN RAISE NOTICE 'about to end'; END $$;
SET TIME ZONE 'UTC';
SELECT 1 \; SELECT 2;
DROP TABLE orders;
COMMANDS
