# A query that takes too long is cancelled, on a connection of its own.
# What a shell puts in the background does not hear INT.
PGSSLMODE=disable env --default-signal=INT psql --no-psqlrc --host 127.0.0.1 --port "$port" \
    --username weir --dbname postgres --command "SELECT pg_sleep(60)" &
sleeper=$!
sleeps() { [[ $(direct -c "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'") == 1 ]]; }
until_true sleeps
kill -INT "$sleeper"
wait "$sleeper" || true
