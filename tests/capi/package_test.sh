#!/usr/bin/env bash
# package_test.sh BUILD SOURCE: installs the build into a folder, builds the examples against that and runs them on the server
# that BERTH_TEST_URL names; then the same for what the Debian package unpacks to.
set -euo pipefail
build=$1
examples=$2/examples
tests=$2/tests/capi
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
export HOME=$work  # no catalog, start file or history of the user's

die() {
  printf 'package_test: %s\n' "$*" >&2
  exit 1
}

# check_files PREFIX: everything is there, and nothing names the build tree
check_files() {
  local prefix=$1 pattern
  for pattern in bin/berth libexec/berth/berth-serve include/berth/berth.h include/berth/berth.hpp 'lib*/libberth.so.1' 'berthConfig.cmake' \
    'pkgconfig/berth.pc' share/man/man1/berth.1 share/bash-completion/completions/berth; do
    [[ -n $(find "$prefix" -path "*/$pattern*") ]] || die "$pattern was not installed"
  done
  ! grep -rqF --include='*.cmake' --include='*.pc' -- "$build" "$prefix" || die 'an installed file names the build tree'
  for pattern in "$prefix/bin/berth" "$prefix/libexec/berth/berth-serve" "$(find "$prefix" -name 'libberth.so.1')"; do
    [[ $(readelf -d "$pattern") != *"$build"* ]] || die "$pattern looks for libraries in the build tree"
  done
}

# run_fetch COMMAND...: a fetch example reads rows, and tells of an error
run_fetch() {
  local shown
  shown=$("$@" "$catalog" warehouse "SELECT 1, 'a b', NULL") || die "$1 failed"
  [[ $shown == $'1\ta b\t' ]] || die "$1 printed $shown"
  if "$@" "$catalog" warehouse 'SELECT nothing' >/dev/null 2>"$work/err"; then die "$1 found no error"; fi
  grep -q nothing "$work/err" || die "$1: $(<"$work/err")"
}

# The sums of the files, by awk, to hold the engine's against.
expected_sums() {
  cat "$examples"/etl/data/*.csv | tr -d '\r' | awk -F, '$1 != "VendorID" {
    key = substr($2, 1, 10) "\t" $20; trips[key]++; total[key] += $19
  } END { for (key in trips) printf "%s\t%d\t%.2f\n", key, trips[key], total[key] }' | LC_ALL=C sort
}

run_etl() {
  local etl=$1 berth=$2 run
  "$berth" --catalog "$catalog" -c 'ALTER REDSHIFT CONNECTION warehouse SET MAX_CONCURRENT_CONNECTIONS = 2' 2>/dev/null
  for run in first again; do  # a second run changes nothing
    "$etl" --catalog "$catalog" --connection warehouse --workers 4 "$examples"/etl/data/*.csv >"$work/sums" 2>"$work/progress" ||
      die "the ETL failed ($run): $(<"$work/progress")"
    diff <(expected_sums) "$work/sums" || die "the ETL's sums are wrong ($run)"
    grep -q '^\[4/4\] ' "$work/progress" || die "no progress was shown: $(<"$work/progress")"
  done
  if "$berth" --catalog "$catalog" -c 'DROP CONNECTION warehouse' 2>"$work/err"; then die 'the connection could be dropped'; fi
  grep -q 'Cannot delete connection due to usages: etl.green_daily, etl.green_staging green_taxi_daily' "$work/err" ||
    die "$(<"$work/err")"
  "$etl" --catalog "$catalog" --connection warehouse --remove
}

# run_fork LIBRARY BERTH: at a cap of 1 a child of Python's multiprocessing is refused, and keeps no slot from anybody
run_fork() {
  local shown child
  "$2" --catalog "$catalog" -c 'ALTER REDSHIFT CONNECTION warehouse SET MAX_CONCURRENT_CONNECTIONS = 1' 2>/dev/null
  # Into a file: the child, which stays, would keep a pipe open.
  (LIBBERTH=$1 exec python3 "$tests/fork_test.py" "$examples/python" "$catalog" warehouse >"$work/fork" 2>"$work/err") \
    2>/dev/null || true
  shown=$(<"$work/fork")
  child=${shown%% *}
  [[ $shown == *'this process was forked from one that uses Berth'* ]] || die "a forked child was told: $shown$(<"$work/err")"
  kill -0 "$child" || die 'the forked child is gone'
  "$2" exec --catalog "$catalog" -C warehouse --wait 10s -- true || die 'the slot of a killed parent is not free'
  kill -9 "$child"
}

# check_completion PREFIX
check_completion() {
  local shown
  shown=$(PATH=$1/bin:$PATH bash -c '. "$1"; COMP_WORDS=(berth mig); COMP_CWORD=1; _berth; echo "${COMPREPLY[@]}"
    COMP_WORDS=(berth --catalog "$2" -C ware); COMP_CWORD=4; _berth; echo "${COMPREPLY[@]}"' - \
    "$1/share/bash-completion/completions/berth" "$catalog")
  [[ $shown == $'migrate\nwarehouse' ]] || die "completion gave $shown"
}

# check_serve BERTH: the program beside it is found, and is the same process
check_serve() {
  local shown pid
  [[ $("$1" serve --help) == 'berth serve [options]'* ]] || die 'berth serve --help printed something else'
  "$1" serve --catalog "$catalog" --listen 127.0.0.1:0 >/dev/null 2>"$work/err" &
  pid=$!
  for _ in {1..200}; do
    if grep -q 'serves the Redshift Data API on http://127.0.0.1:' "$work/err"; then break; fi
    sleep 0.05
  done
  shown=$(tr '\0' ' ' <"/proc/$pid/cmdline")
  [[ $shown == "$1 serve "* && $(readlink "/proc/$pid/exe") == */libexec/berth/berth-serve ]] ||
    die "berth serve runs as $shown: $(<"$work/err")"
  kill "$pid"
  wait "$pid" || die "berth serve ended with $?: $(<"$work/err")"
  mkdir -p "$work/alone"
  cp "$1" "$work/alone/berth"
  if "$work/alone/berth" serve 2>"$work/err"; then die 'berth serves without berth-serve'; fi
  grep -q "berth serve is not installed ($work/alone/berth-serve: No such file" "$work/err" || die "$(<"$work/err")"
}

# run_all PREFIX
run_all() {
  local prefix=$1 library berth=$1/bin/berth name
  check_files "$prefix"
  library=$(find "$prefix" -name 'libberth.so.1')
  catalog=sqlite:$prefix/catalog.db
  "$berth" --catalog "$catalog" -f - 2>/dev/null <<SQL
CREATE REDSHIFT CONNECTION warehouse CONNECTION_STRING = '$BERTH_TEST_URL' USER_NAME = '$BERTH_TEST_USER'
  PASSWORD = ENV 'BERTH_TEST_PASSWORD';
SQL
  for name in c etl; do
    cmake -S "$examples/$name" -B "$prefix/build-$name" -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 || die "$(<"$work/log")"
    cmake --build "$prefix/build-$name" >"$work/log" 2>&1 || die "$(<"$work/log")"
  done
  run_fetch "$prefix/build-c/fetch"
  run_fetch env LIBBERTH="$library" python3 "$examples/python/fetch.py"
  run_fork "$library" "$berth"
  run_etl "$prefix/build-etl/taxi_etl" "$berth"
  check_completion "$prefix"
  check_serve "$berth"
  "$berth" --catalog "$catalog" -c 'DROP CONNECTION warehouse' 2>/dev/null
}

cmake --install "$build" --prefix "$work/prefix" >/dev/null
run_all "$work/prefix"
pkg=$(dirname "$(find "$work/prefix" -name berth.pc)")
# shellcheck disable=SC2046
cc -std=c11 "$examples/c/fetch.c" -o "$work/by-pkg-config" $(PKG_CONFIG_PATH=$pkg pkg-config --cflags --libs berth)
# scdoc's page is one that man reads without complaint, where there is a man.
if command -v man >/dev/null; then
  [[ -z $(MANROFFSEQ='' LC_ALL=C.UTF-8 man --warnings -l "$work/prefix/share/man/man1/berth.1" 2>&1 >/dev/null) ]] ||
    die 'man complains about berth.1'
fi

(cd "$work" && cpack --config "$build/CPackConfig.cmake" -B "$work/deb") >"$work/log" 2>&1 || die "$(<"$work/log")"
deb=$(find "$work/deb" -maxdepth 1 -name '*.deb')
# What nothing links: libpq comes with the first session, the certificates with the default sslmode, the zones with a schedule.
for name in libpq5 libsqlite3-0 ca-certificates tzdata; do
  [[ ", $(dpkg-deb -f "$deb" Depends)," == *", $name"[,\ ]* ]] || die "the package does not depend on $name"
done
dpkg-deb -x "$deb" "$work/root"
run_all "$work/root/usr"
