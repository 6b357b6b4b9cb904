# One connection: pages, a HEAD, a range, a 304, a 404 and a cookie.
page=http://127.0.0.1:$port/page.html
curl --silent --show-error --include "$page" --next --silent --head "$page" \
    --next --silent --range 0-9 "$page" \
    --next --silent --header "If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT" "$page" \
    --next --silent "http://127.0.0.1:$port/missing" \
    --next --silent --cookie "basket=7" "$page"
