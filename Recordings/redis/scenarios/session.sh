# AUTH, SELECT and a client's name: what a connection must say again after it was cut.
direct CONFIG SET requirepass not-a-secret
printf '%s\r\n' 'GET greeting' 'AUTH not-a-secret' 'SELECT 3' 'CLIENT SETNAME shop' \
    'SET greeting hello' 'GET greeting' 'SELECT 0' 'GET greeting' 'QUIT' | raw
