# A person at a terminal: commands as plain lines, then QUIT; the server closes.
printf '%s\r\n' 'PING' 'SET greeting "hello, world"' 'GET greeting' 'INCR visits' 'QUIT' | raw
