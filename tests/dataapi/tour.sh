#!/usr/bin/env bash
# The tour of the Data API with Debian's AWS CLI, against the service at $BERTH_ENDPOINT: the published commands, with an
# endpoint.
set -euo pipefail

aws=${BERTH_AWS:-/usr/bin/aws}
die() {
  printf 'not so: %s\n' "$*" >&2
  exit 1
}
data() { "$aws" --endpoint-url "$BERTH_ENDPOINT" --output json redshift-data "$@" --region us-west-2; }
where=(--database dev --cluster-identifier redshift-cluster-1
  --secret-arn arn:aws:secretsmanager:us-west-2:123456789012:secret:demo-AbCdEf)
# The value of a member of the last answer (in $answer), as text.
value() { "${BERTH_PYTHON:-/usr/bin/python3}" -c 'import json, sys
found = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    found = found[int(name)] if name.isdigit() else found.get(name, "")
print(found if isinstance(found, str) else json.dumps(found))' "$1" <<<"$answer"; }
ended() {
  while true; do
    answer=$(data describe-statement --id "$1")
    case $(value Status) in FINISHED | FAILED | ABORTED) return ;; esac
  done
}
run() {
  answer=$(data execute-statement "${where[@]}" --sql "$1")
  id=$(value Id)
  ended "$id"
}
finished() {
  run "$1"
  [[ $(value Status) == FINISHED ]] || die "$1: $answer"
}

finished 'DROP SCHEMA IF EXISTS demo CASCADE'
answer=$(data list-databases "${where[@]}")
[[ $(value Databases) == *'"dev"'* ]] || die "list-databases: $answer"
finished 'CREATE SCHEMA demo;'
answer=$(data list-schemas "${where[@]}" --schema-pattern 'demo%')
[[ $(value Schemas) == '["demo"]' ]] || die "list-schemas: $answer"

finished "CREATE TABLE demo.green_201601( vendorid VARCHAR(4), \
pickup_datetime TIMESTAMP, \
dropoff_datetime TIMESTAMP, \
store_and_fwd_flag VARCHAR(1), \
ratecode INT, \
pickup_longitude FLOAT4, \
pickup_latitude FLOAT4, \
dropoff_longitude FLOAT4, \
dropoff_latitude FLOAT4, \
passenger_count INT, \
trip_distance FLOAT4, \
fare_amount FLOAT4, \
extra FLOAT4, \
mta_tax FLOAT4, \
tip_amount FLOAT4, \
tolls_amount FLOAT4, \
ehail_fee FLOAT4, \
improvement_surcharge FLOAT4, \
total_amount FLOAT4, \
payment_type VARCHAR(4),\
trip_type VARCHAR(4));"
answer=$(data list-tables "${where[@]}" --table-pattern 'gre%' --schema-pattern demo)
[[ $(value Tables.0.name) == green_201601 ]] || die "list-tables: $answer"
answer=$(data describe-table "${where[@]}" --schema demo --table green_201601)
[[ $(value ColumnList.4.typeName) == int4 ]] || die "describe-table: $answer"

run "COPY demo.green_201601 \
FROM 's3://us-west-2.serverless-analytics/NYC-Pub/green/green_tripdata_2016-01' \
IAM_ROLE 'arn:aws:iam::123456789012:role/Role' \
REGION 'us-west-2';"
if [[ ${BERTH_TEST_MANNERS:-} == redshift ]]; then
  [[ $(value Status) == FINISHED ]] || die "COPY: $answer"
else
  [[ $(value Status) == FAILED && $(value Error) == 'ERROR: '* ]] || die "COPY: $answer"
fi
finished "INSERT INTO demo.green_201601 (ratecode, trip_distance) SELECT i % 6 + 1, i % 20 FROM generate_series(1, 600) i"
finished "SELECT ratecode, COUNT(*) FROM demo.green_201601 WHERE \
trip_distance > 5 GROUP BY 1 ORDER BY 1;"
[[ $(value ResultRows) == 6 ]] || die "describe-statement: $answer"
answer=$(data get-statement-result --id "$id")
[[ $(value TotalNumRows) == 6 && $(value Records.0.1.longValue) == 70 ]] || die "get-statement-result: $answer"
answer=$(data list-statements --status ALL)
[[ $(value Statements.0.Id) == "$id" ]] || die "list-statements: $answer"

answer=$(data execute-statement "${where[@]}" --sql 'SELECT pg_sleep(60)')
id=$(value Id)
while answer=$(data describe-statement --id "$id") && [[ $(value Status) != STARTED ]]; do :; done
answer=$(data cancel-statement --id "$id")
[[ $(value Status) == true ]] || die "cancel-statement: $answer"
ended "$id"
[[ $(value Status) == ABORTED ]] || die "a cancelled statement: $answer"
if data describe-statement --id NOTVALID 2>/tmp/tour.$$; then die 'an id that is none'; fi
grep -q 'An error occurred (ValidationException) when calling the DescribeStatement operation.*: id must satisfy regex' \
  /tmp/tour.$$ || die "the error of an id that is none: $(cat /tmp/tour.$$)"
rm -f /tmp/tour.$$
echo 'the tour is done'
