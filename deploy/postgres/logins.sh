#!/bin/bash
# The logins of the API and the workers, each with the rights of its group role and no others. PostgreSQL's image runs this
# when it sets up its data; afterwards, as often as passwords change:
#   docker compose exec postgres bash /docker-entrypoint-initdb.d/logins.sh
set -euo pipefail

psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
  -v api="$API_DATABASE_PASSWORD" -v workers="$WORKERS_DATABASE_PASSWORD" <<'SQL'
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SELECT format('CREATE ROLE %I NOLOGIN', name)
  FROM unnest(ARRAY['ablagh_api', 'ablagh_workers', 'ablagh_senders']) name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT format('CREATE ROLE %I LOGIN IN ROLE %I', login, role)
  FROM (VALUES ('api', 'ablagh_api'), ('workers', 'ablagh_workers')) logins(login, role)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) \gexec
ALTER ROLE api PASSWORD :'api';
ALTER ROLE workers PASSWORD :'workers';
SQL
