# RESP3: a subscriber hears what another client publishes; a third is told what it must forget.
subscribed() { [[ "$(direct PUBSUB NUMSUB news | tail --lines=1)" == 1 ]]; }
heard() { grep --quiet "$1" "$folder/heard"; }

cli -3 SUBSCRIBE news > "$folder/heard" &
subscriber=$!
until_true subscribed
cli PUBLISH news "the mill turns"
cli PUBLISH news "the weir holds"
until_true heard "the weir holds"
kill "$subscriber"
wait "$subscriber" || true

{
    printf '%s\r\n' 'HELLO 3' 'CLIENT TRACKING ON' 'GET price'
    until_true heard '^_'
    cli SET price 12 > /dev/null
    until_true heard invalidate
} | raw > "$folder/heard"
