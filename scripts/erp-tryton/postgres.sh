# A PostgreSQL cluster of the demo's own, reached through a socket in a folder of mode 0700 only.
# Sourced by up and down.

start_cluster() {
  [ -x "$pgbin/postgres" ] || die "no PostgreSQL server under /usr/lib/postgresql"
  if [ "$(id -u)" = 0 ]; then
    install -d -m 700 -o postgres -g postgres "$cluster"
  else
    install -d -m 700 "$cluster"
  fi
  [ -f "$cluster/data/PG_VERSION" ] || create_cluster
  "$pgbin/pg_isready" -q -h "$cluster" && return
  say "starting PostgreSQL"
  (cd / && "${as[@]}" "$pgbin/pg_ctl" -D "$cluster/data" -l "$cluster/postgres.log" -w -t 60 start) \
    >/dev/null || die "PostgreSQL did not start" "$cluster/postgres.log"
}

create_cluster() {
  say "creating a PostgreSQL cluster"
  "${as[@]}" rm -rf "$cluster/data"
  (cd / && "${as[@]}" "$pgbin/initdb" -D "$cluster/data" -U tryton -A trust --no-sync \
    -E UTF8 --locale C.UTF-8) >"$dir/initdb.log" 2>&1 || die "initdb failed" "$dir/initdb.log"
  # Demo data need not survive a power cut. Just-in-time compilation only slows Tryton down.
  "${as[@]}" tee -a "$cluster/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$cluster'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
jit = off
max_parallel_workers_per_gather = 0
CONF
}

stop_cluster() {
  [ -f "$cluster/data/postmaster.pid" ] || return 0
  (cd / && "${as[@]}" "$pgbin/pg_ctl" -D "$cluster/data" -w -t 30 -m fast stop) >/dev/null || true
}

# sql STATEMENT [DATABASE]
sql() {
  PGOPTIONS='-c client_min_messages=warning' "$pgbin/psql" -XqAt -v ON_ERROR_STOP=1 \
    -h "$cluster" -U tryton -d "${2:-postgres}" -c "$1"
}

database_exists() { [ -n "$(sql "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; }
drop_database() { sql "DROP DATABASE IF EXISTS $1 WITH (FORCE)"; }
