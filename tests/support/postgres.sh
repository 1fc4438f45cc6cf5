#!/bin/sh
# Starts a PostgreSQL server in a temporary folder and tells its address to the tests. Called by
# nextest before the first test that needs it (.config/nextest.toml). It listens on a socket in its
# own folder, so nothing else can meet it, and a watcher stops it and removes the folder when the
# test run ends, however it ends.
set -eu

if [ -n "${HEJIE_TEST_POSTGRES:-}" ]; then
    exit 0 # somebody brought a server
fi

bin=$(dirname "$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1 || true)")
if [ ! -x "$bin/initdb" ]; then
    echo "PostgreSQL's server programs are missing (initdb). On Debian or Ubuntu: apt install postgresql" >&2
    exit 1
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/hejie-postgres.XXXXXX")
as=""
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    chown postgres "$dir"
    as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi

cd "$dir"
$as "$bin/initdb" --pgdata="$dir/data" --username=postgres --auth=trust --encoding=UTF8 --no-locale \
    --no-sync >"$dir.log" 2>&1 || { cat "$dir.log" >&2; exit 1; }
$as "$bin/pg_ctl" --pgdata="$dir/data" --log="$dir/log" --wait --silent \
    --options="-c listen_addresses='' -c unix_socket_directories='$dir' -c fsync=off -c max_connections=200" start \
    </dev/null >/dev/null 2>&1 || { cat "$dir/log" >&2; exit 1; }
rm -f "$dir.log"

run=$PPID
(
    while kill -0 "$run" 2>/dev/null; do sleep 1; done
    $as "$bin/pg_ctl" --pgdata="$dir/data" --mode=immediate --silent stop
    rm -rf "$dir"
) </dev/null >/dev/null 2>&1 &

echo "HEJIE_TEST_POSTGRES=postgres://postgres@localhost/postgres?host=$dir" >>"$NEXTEST_ENV"
