# COPY in, out, and one that the server refuses halfway.
direct -c "CREATE TABLE numbers (n int)"
seq 200 | client -c "COPY numbers FROM STDIN"
client -c "COPY numbers TO STDOUT"
{ seq 50; echo "not a number"; } | client -c "COPY numbers FROM STDIN" || true
direct -c "DROP TABLE numbers"
