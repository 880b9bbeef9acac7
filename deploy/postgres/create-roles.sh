#!/bin/sh
# Run by the Postgres image when it makes its data volume, or by hand on a server of your own: the roles of Passback and of
# Temporal, each with a password and a database of its own, so that neither can read the other's.
#
#   passback_owner    owns the database and migrates it; nothing that is reached from outside knows its password
#   passback_app      API and worker: rows, no tables, and no changes to what is only added
#   passback_metrics  what watches the server: limits and the queue, no person
#
# What the last two may is granted by each `migrate`.
set -eu

: "${OWNER_PASSWORD:?}" "${APP_PASSWORD:?}" "${METRICS_PASSWORD:?}" "${TEMPORAL_DB_PASSWORD:?}"

# Read by psql itself: what stands on a command line is seen by everybody.
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner OWNER_PASSWORD
\getenv app APP_PASSWORD
\getenv metrics METRICS_PASSWORD
\getenv temporal TEMPORAL_DB_PASSWORD
create role passback_owner login password :'owner';
-- Reading changes waits for transactions that are open: of another role's it would not see how old they are.
create role passback_app login password :'app' in role pg_read_all_stats;
create role passback_metrics login password :'metrics' in role pg_monitor;
create role temporal login createdb password :'temporal';
create database passback owner passback_owner;
revoke all on database passback from public;
-- Details of an error quote the row that it is about, and so a student.
alter role passback_owner set log_error_verbosity = terse;
alter role passback_app set log_error_verbosity = terse;
SQL
