#!/usr/bin/env bash
# demo_test.sh DEV PROGRAM: what ./dev demo promises. It passes on the script as it is; it fails when any other statement
# fails and when the drop is not refused; it leaves nothing behind, also when it is stopped in the midst.
set -euo pipefail
dev=$1
program=$2
script=$(dirname "$dev")/sql/quickstart.sql

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
mkdir "$folder/tmp"
chmod 711 "$folder" "$folder/tmp"  # the server runs as another user where we are root
export TMPDIR=$folder/tmp

fail() {
  printf 'FAILED: %s\n' "$*"
  [[ ! -e $folder/output ]] || cat "$folder/output"
  exit 1
}

# demo STATUS [OPTION]...: runs it and expects that exit status and no trace.
demo() {
  local expected=$1 status=0
  shift
  "$dev" demo "$@" >"$folder/output" 2>&1 </dev/null || status=$?
  [[ $status == "$expected" ]] || fail "exit status $status instead of $expected: $*"
  nothing_left
}

nothing_left() {
  [[ -z $(ls -A "$TMPDIR") ]] || fail "left in the temporary folder: $(ls -A "$TMPDIR")"
  # A server left alone would still stand there with its data folder as an argument.
  local process words
  for process in /proc/[0-9]*; do
    words=()
    mapfile -d '' words 2>/dev/null <"$process/cmdline" || true
    [[ "${words[*]}" != *"$TMPDIR"* ]] || fail "a process was left behind: ${words[*]}"
  done
}

shows() { grep -qE -- "$1" "$folder/output" || fail "the output does not show: $1"; }
hides() { ! grep -qF -- "$1" "$folder/output" || fail "the output shows: $1"; }

printf 'as it is\n'
demo 0 --program "$program"
shows 'CREATE REDSHIFT CONNECTION my_redshift_connection'
shows 'INSERT 0 5000'
shows '1 .*3073'
shows 'ERROR: .*Cannot delete connection due to usages: demo\.green_201601, demo\.green_by_ratecode long_trips_by_ratecode$'
shows 'sales'
shows '\*\*\*\*\*\*\*\*'
hides 'your password'
shows '\./dev shell'

printf 'another statement fails\n'
sed 's/^CREATE SCHEMA demo;/&\nSELECT 1 FROM demo.not_there;/' "$script" >"$folder/more.sql"
demo 1 --program "$program" --script "$folder/more.sql"
shows 'not_there'
shows 'the demo went wrong: .* 2 errors'

# The script's drops of the connection: the short form's, the refused one, the last one.
with_drop() { awk -v which="$1" -v text="$2" '/^DROP CONNECTION/ && ++n == which { print text; next } 1' "$script"; }

printf 'the drop is not refused\n'
with_drop 2 '' >"$folder/never_refused.sql"
demo 1 --program "$program" --script "$folder/never_refused.sql"
shows 'the demo went wrong: .* 0 errors'

printf 'another error in the place of the refusal\n'
with_drop 2 'DROP CONNECTION not_there;' >"$folder/other.sql"
demo 1 --program "$program" --script "$folder/other.sql"
shows 'something else was'

printf 'a connection is left behind\n'
with_drop 3 '' >"$folder/left.sql"
demo 1 --program "$program" --script "$folder/left.sql"
shows 'left a connection behind'

printf 'stopped in the midst\n'
cat >"$folder/waits" <<WAITS
#!/bin/sh
echo \$\$ >"$folder/ready"
exec tail -f /dev/null
WAITS
chmod +x "$folder/waits"
mkfifo "$folder/ready"
for signal in INT TERM HUP; do
  # A shell starts background work with SIGINT ignored; a person at a terminal does not.
  env --default-signal=INT "$dev" demo --program "$folder/waits" >"$folder/output" 2>&1 </dev/null &
  demo=$!
  read -r _ <"$folder/ready"
  kill -s "$signal" "$demo"
  status=0
  wait "$demo" || status=$?
  [[ $status == 130 && $signal == INT || $status == 143 && $signal != INT ]] || fail "exit status $status after $signal"
  nothing_left
done

printf 'killed in the midst\n'
"$dev" demo --program "$folder/waits" >"$folder/output" 2>&1 </dev/null &
demo=$!
read -r program_left <"$folder/ready"
kill -s KILL "$demo"
wait "$demo" 2>/dev/null || true
kill "$program_left"
# Who cleans up is not a child of this script: its end is seen by what it removes.
for ((i = 0; i < 600; i++)); do
  [[ -n $(ls -A "$TMPDIR") ]] || break
  sleep 0.1
done
nothing_left
printf 'all as promised\n'
