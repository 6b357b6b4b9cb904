# One connection listens, another one notifies it.
mkfifo "$folder/commands"
client < "$folder/commands" &
listener=$!
exec 9> "$folder/commands"
echo "LISTEN orders;" >&9
# In the database itself it shows when the first command has been carried out.
heard() { [[ $(direct -c "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND state = 'idle'") == 1 ]]; }
until_true heard
client -c "NOTIFY orders, '7'"
echo "SELECT 1;" >&9
exec 9>&-
wait "$listener"
