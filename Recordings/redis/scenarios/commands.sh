# One client: strings, a counter, a list, a hash, a set, a sorted set and an expiry, one by one.
cli <<'COMMANDS'
PING
SET greeting "hello, world"
GET greeting
GET nobody
APPEND greeting "!"
INCR visits
INCRBY visits 41
LPUSH queue first second third
LRANGE queue 0 -1
HSET user:1 name alice city bern
HGETALL user:1
SADD tags red green blue
SCARD tags
ZADD ranking 10 alice 20 bob
ZRANGE ranking 0 -1 WITHSCORES
EXPIRE greeting 100
TTL greeting
DEL queue tags
EXISTS queue
MSET a 1 b 2 c 3
MGET a b c d
COMMANDS
