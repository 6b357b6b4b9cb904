# MULTI with EXEC, with DISCARD, with a command refused at queueing, and with a WATCH that was broken.
watched() { direct CLIENT LIST | grep --quiet 'cmd=watch'; }

cli <<'COMMANDS'
MULTI
INCR stock
LPUSH log sold
EXEC
MULTI
SET stock 0
DISCARD
MULTI
INCR stock extra
EXEC
GET stock
COMMANDS

# The watched key changes between WATCH and EXEC, behind the recorder's back.
{
    echo 'WATCH stock'
    until_true watched
    direct INCR stock > /dev/null
    printf '%s\n' 'MULTI' 'SET stock 100' 'EXEC' 'GET stock'
} | cli
