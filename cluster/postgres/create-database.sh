#!/usr/bin/env bash
# Run once by the image of PostgreSQL when it has made its data directory: the node's role and database. The node's role
# is no superuser. The image has set PGPASSWORD to the superuser's.
set -euo pipefail

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set password="$(<"$REDOUBT_PASSWORD_FILE")" <<'SQL'
CREATE ROLE redoubt LOGIN PASSWORD :'password' IN ROLE pg_monitor;
CREATE DATABASE redoubt OWNER redoubt;
SQL
