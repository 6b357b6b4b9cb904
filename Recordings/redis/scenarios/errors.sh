# What Redis refuses: a wrong type, a wrong number, an unknown command, too few arguments, a bad script.
cli <<'COMMANDS'
SET word hello
LPUSH word x
INCR word
NOSUCHCOMMAND a b
GET
SETEX word 0 hello
EVAL "return redis.call('INCR', KEYS[1])" 1 word
GET word
COMMANDS
