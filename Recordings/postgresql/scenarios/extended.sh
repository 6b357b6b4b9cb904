# pgbench on two connections: prepared statements, and pipelines that end at one Sync.
direct -c "CREATE TABLE counts (id int PRIMARY KEY, n int); INSERT INTO counts VALUES (1, 0)"
cat > "$folder/pipeline.sql" <<'COMMANDS'
\startpipeline
UPDATE counts SET n = n + 1 WHERE id = 1;
SELECT n FROM counts WHERE id = 1;
SELECT :client_id;
\endpipeline
COMMANDS
for mode in extended prepared; do
    pgbench --no-vacuum --host 127.0.0.1 --port "$port" --username weir --protocol "$mode" \
        --client 2 --transactions 3 --file "$folder/pipeline.sql" postgres
done
direct -c "DROP TABLE counts"
