# SCRAM: a request for TLS that is refused, a wrong password, the right one.
PGPASSWORD=wrong PGSSLMODE=prefer client --username reader -c "SELECT 1" || true
PGPASSWORD=secret PGSSLMODE=prefer client --username reader -c "SELECT 1"
