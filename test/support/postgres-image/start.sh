#!/bin/sh
# POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB make a cluster where there is none yet.
set -eu
data=/var/lib/postgresql/data
if [ ! -e "$data/PG_VERSION" ]; then
  word=$(mktemp)
  printf '%s' "${POSTGRES_PASSWORD:?}" > "$word"
  initdb -D "$data" -U "${POSTGRES_USER:?}" -A scram-sha-256 --pwfile="$word" -E UTF8 > /dev/null
  rm "$word"
  echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
  pg_ctl -D "$data" -o "-c listen_addresses= -c unix_socket_directories=/tmp" -w start > /dev/null
  PGPASSWORD=$POSTGRES_PASSWORD createdb -h /tmp -U "$POSTGRES_USER" "${POSTGRES_DB:?}"
  pg_ctl -D "$data" -w stop > /dev/null
fi
exec postgres -D "$data" -c 'listen_addresses=*' -c unix_socket_directories=/tmp
