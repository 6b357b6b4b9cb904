# A page that wants a password: refused without it, refused with a wrong one, and given.
for user in "" "reader:wrong" "reader:secret"; do
    curl --silent --show-error --user "$user" "http://127.0.0.1:$port/private/page.html"
done
