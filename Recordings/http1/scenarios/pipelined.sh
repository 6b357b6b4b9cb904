# Eight requests at once, then what is no HTTP: the server answers 400 and closes.
{
    for number in {1..8}; do printf 'GET /page.html?%d HTTP/1.1\r\nHost: weir\r\n\r\n' "$number"; done
    printf 'nonsense\r\n\r\n'
} | raw
