# redis-benchmark: 4 clients with 8 requests in flight each, PING, SET, GET and INCR.
redis-benchmark -h 127.0.0.1 -p "$port" -c 4 -P 8 -n 64 -d 8 -q -t ping_mbulk,set,get,incr
