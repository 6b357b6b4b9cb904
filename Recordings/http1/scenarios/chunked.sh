# Bodies in chunks both ways: a page that is compressed as it is sent, an upload after 100 Continue.
curl --silent --show-error --compressed "http://127.0.0.1:$port/page.html"
seq 2000 | curl --silent --show-error --header "Expect: 100-continue" \
    --header "Transfer-Encoding: chunked" --upload-file - "http://127.0.0.1:$port/uploads/numbers"
