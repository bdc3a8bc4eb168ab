# What up and down share: settings, where things are, and whether our server is alive. Sourced.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
# A developer's own settings for Python, PostgreSQL and Tryton must not reach the demo's.
unset "${!PG@}" "${!PYTHON@}" "${!TRYTOND_@}"
export PYTHONWARNINGS=ignore

TRYTON_DIR=${TRYTON_DIR:-.tryton}
TRYTON_PORT=${TRYTON_PORT:-8000}
export TRYTON_DATABASE=${TRYTON_DATABASE:-retail}
export TRYTON_USER=${TRYTON_USER:-api}
export TRYTON_PASSWORD=${TRYTON_PASSWORD:-demo-gateway-1}
export TRYTON_ADMIN_PASSWORD=${TRYTON_ADMIN_PASSWORD:-demo-admin-1}

say() { printf 'tryton [%2ds] %s\n' "$SECONDS" "$*" >&2; }
die() {
  say "error: $1"
  [ -z "${2:-}" ] || tail -n 20 "$2" >&2
  exit 1
}

[[ $TRYTON_DATABASE =~ ^[a-z][a-z0-9_]*$ ]] || die "TRYTON_DATABASE must match [a-z][a-z0-9_]*"
[[ $TRYTON_PORT =~ ^[1-9][0-9]{0,4}$ ]] || die "TRYTON_PORT must be a port number"

url=http://127.0.0.1:$TRYTON_PORT/
# The seeded data as it was on the first day; the working database is a copy of it.
pristine=${TRYTON_DATABASE}_pristine

# Sets the paths that depend on the data folder, which must exist.
locate() {
  dir=$(cd "$TRYTON_DIR" && pwd -P)
  conf=$dir/trytond.conf
  pidfile=$dir/trytond.pid
  locate_cluster
}

# PostgreSQL runs as the user postgres when we are root, so its folder must be one which that user
# can enter; and the path of its socket must fit in 107 bytes. Where .tryton fails either, the
# temporary folder serves, under a name made from this one.
locate_cluster() {
  as=()
  [ "$(id -u)" != 0 ] || as=(runuser -u postgres --)
  cluster=$dir/cluster
  if [ ${#cluster} -gt 80 ] || ! "${as[@]}" test -x "$dir" 2>/dev/null; then
    cluster=/tmp/postern-tryton-$(printf %s "$dir" | cksum | cut -d' ' -f1)
  fi
  pgbin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
}

# Is there an answer on our port that only a Tryton gives?
answers() {
  /usr/bin/python3 - "$url" 2>/dev/null <<'PYTHON'
import sys, urllib.request as web
ask = web.Request(
    sys.argv[1], b'{"id": 0, "method": "common.server.version", "params": []}',
    {'Content-Type': 'application/json'})
answer = web.build_opener(web.ProxyHandler({})).open(ask, timeout=2).read().decode()
sys.exit('"result"' not in answer)
PYTHON
}

# Does anything at all listen there?
port_taken() { (: <"/dev/tcp/127.0.0.1/$TRYTON_PORT") 2>/dev/null; }

# Prints the server's pid. A pid file may be older than the machine's last start: only a process that
# runs with our configuration is ours.
server_pid() {
  local pid
  pid=$(cat "$pidfile" 2>/dev/null) && [ -r "/proc/$pid/environ" ] || return 1
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | grep -qxF "TRYTOND_CONFIG=$conf" || return 1
  echo "$pid"
}
