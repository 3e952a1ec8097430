#!/usr/bin/env bash
# Says of each error what the AWS CLI makes of it: number, code, text.
set -euo pipefail
for ((number = 0; number < $1; number++)); do
  id=$(printf '%08d-0747-4bf4-b142-e8883122f766' "$number")
  said=$(/usr/bin/aws --endpoint-url "$BERTH_ENDPOINT" redshift-data describe-statement --id "$id" 2>&1) && exit 1
  sed -nE "s/^An error occurred \(([^)]*)\) when calling the DescribeStatement operation( \(reached max retries: 0\))?: (.*)$/$number \1 \3/p" <<<"$said"
done
