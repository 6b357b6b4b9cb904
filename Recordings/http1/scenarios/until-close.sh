# HTTP/1.0: a body without a length, which lasts until the server closes.
curl --silent --show-error --http1.0 --compressed --header "Connection: close" \
    "http://127.0.0.1:$port/page.html"
