#!/bin/sh
# Run by the Postgres image when it makes its data volume: Temporal gets a role and databases of its own beside
# Passback's, so that neither can read the other's.
set -eu

psql --set=ON_ERROR_STOP=1 --set=password="$TEMPORAL_DB_PASSWORD" \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role temporal login createdb password :'password';
revoke connect on database passback from public;
SQL
