#!/bin/sh
# Brings Temporal's two databases to the schema of this image's version. Safe to repeat, and to run before each upgrade
# of the server: what is there already is left alone.
#
# Needs: SQL_HOST, SQL_USER, SQL_PASSWORD (temporal-sql-tool reads them itself); SQL_PORT, default 5432.
set -eu

: "${SQL_HOST:?}" "${SQL_USER:?}" "${SQL_PASSWORD:?}"

bring_up_to_date() {
  database=$1
  schema=$2
  temporal-sql-tool --plugin postgres12 --port "${SQL_PORT:-5432}" --database "$database" create-database
  temporal-sql-tool --plugin postgres12 --port "${SQL_PORT:-5432}" --database "$database" setup-schema --version 0.0
  temporal-sql-tool --plugin postgres12 --port "${SQL_PORT:-5432}" --database "$database" \
    update-schema --schema-name "postgresql/v12/$schema"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
echo 'the schemas are up to date'
