# A client sends all its requests and ends its direction at once; the answers come after that.
{
    for number in {1..20}; do printf 'SET key:%d value-%d\r\n' "$number" "$number"; done
    for number in {1..20}; do printf 'GET key:%d\r\n' "$number"; done
} | raw
