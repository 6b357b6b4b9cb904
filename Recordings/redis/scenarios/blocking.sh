# BLPOP waits on one connection until another one pushes.
blocked() { direct INFO clients | grep --quiet 'blocked_clients:1'; }

cli BLPOP jobs 30 > "$folder/popped" &
worker=$!
until_true blocked
cli LPUSH jobs "send the invoice"
wait "$worker"
