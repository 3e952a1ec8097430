"""Service users as boto3 meets them: keys, grants, limits and the catalog, changed with SQL while the service runs.

usage: users.py BERTH CATALOG
"""
import os
import subprocess
import sys
import time

import boto3
from botocore.exceptions import ClientError

BERTH, CATALOG = sys.argv[1:3]
WHERE = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev"}
SYSTEM = {"Database": "system"}


def say(sql):
    subprocess.run([BERTH, "--catalog", CATALOG, "-c", sql], check=True, capture_output=True)


def client(key_id, secret):
    return boto3.client("redshift-data", endpoint_url=os.environ["BERTH_ENDPOINT"], region_name="us-west-2",
                        aws_access_key_id=key_id, aws_secret_access_key=secret)


def of(name):
    return client(os.environ[name + "_ID"], os.environ[name + "_SECRET"])


def ended(of_whom, sql, where):
    one = of_whom.execute_statement(Sql=sql, **where)["Id"]
    while True:
        said = of_whom.describe_statement(Id=one)
        if said["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return said
        time.sleep(0.02)


def rows(of_whom, sql, where):
    said = ended(of_whom, sql, where)
    assert said["Status"] == "FINISHED", said
    return [[list(field.values())[0] for field in row] for row in of_whom.get_statement_result(Id=said["Id"])["Records"]]


def refused(call, code, words):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert words in str(error), error
    else:
        sys.exit(f"not refused: {code}")


etl = client(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
boss, poor = of("BOSS"), of("POOR")

# Whose statement it is, the server knows.
assert rows(etl, "SELECT current_setting('application_name')", WHERE)[0][0].startswith("berth/etl@")

# Keys: none of Berth's, disabled.
refused(lambda: client("AKIAIOSFODNN7EXAMPLE", "x").list_statements(), "UnrecognizedClientException",
        "probably an AWS user's or role's")
refused(lambda: of("SPARE").list_statements(), "UnrecognizedClientException", "is disabled")

# Grants: none, given, limited, taken.
refused(lambda: poor.execute_statement(Sql="SELECT 1", **WHERE), "AccessDeniedException", "GRANT USAGE ON CONNECTION")
say('GRANT USAGE ON CONNECTION "redshift-cluster-1" TO SERVICE USER poor WITH (MAX_ACTIVE = 2, MAX_CONCURRENT = 1)')
assert rows(poor, "SELECT 7", WHERE) == [[7]]
slow = [poor.execute_statement(Sql="SELECT pg_sleep(30)", **WHERE)["Id"] for _ in range(2)]
refused(lambda: poor.execute_statement(Sql="SELECT 1", **WHERE), "ActiveStatementsExceededException", "MAX_ACTIVE")
time.sleep(0.3)
states = sorted(poor.describe_statement(Id=one)["Status"] for one in slow)
assert states[0] in ("PICKED", "STARTED") and states[1] == "SUBMITTED", states
refused(lambda: etl.describe_statement(Id=slow[0]), "ResourceNotFoundException", "Query does not exist.")
for one in slow:
    poor.cancel_statement(Id=one)
say('REVOKE USAGE ON CONNECTION "redshift-cluster-1" FROM SERVICE USER poor')
refused(lambda: poor.execute_statement(Sql="SELECT 1", **WHERE), "AccessDeniedException", "GRANT USAGE ON CONNECTION")

# A key that is disabled is refused within a second.
say(f"DISABLE ACCESS KEY {os.environ['POOR_ID']}")
begun = time.monotonic()
refused(poor.list_statements, "UnrecognizedClientException", "is disabled")
assert time.monotonic() - begun < 1

# The catalog: rows of what one may use, changes for administrators only.
names = "SELECT name FROM system.information_schema.connections"
assert rows(etl, names, SYSTEM) == [["redshift-cluster-1"]]
assert rows(etl, "SHOW CONNECTIONS", SYSTEM)[0][0] == "redshift-cluster-1"
said = ended(etl, "DROP CONNECTION \"redshift-cluster-1\"", SYSTEM)
assert said["Status"] == "FAILED" and "may not change the catalog" in said["Error"], said
made = ended(boss, "CREATE REDSHIFT CONNECTION other CONNECTION_STRING = 'jdbc:redshift://h:5439/dev' USER_NAME = 'u' "
                   "PASSWORD = 'open sesame'", SYSTEM)
assert made["Status"] == "FINISHED", made
assert "sesame" not in made["QueryString"], made
assert rows(boss, names + " ORDER BY name", SYSTEM) == [["other"], ["redshift-cluster-1"]]
assert rows(etl, names, SYSTEM) == [["redshift-cluster-1"]]
if "Redshift" not in rows(etl, "SELECT version()", WHERE)[0][0]:  # the stand-in has no stv_sessions
    sessions = "SELECT DISTINCT connection FROM system.information_schema.sessions"
    assert rows(etl, sessions, SYSTEM) == [["redshift-cluster-1"]]
    assert rows(boss, sessions + " WHERE connection IS NOT NULL", SYSTEM) == [["redshift-cluster-1"]]
# And what is meant for a connection is never read as Berth's own.
assert "syntax error" in ended(etl, "SHOW CONNECTIONS LIKE 'x'", WHERE)["Error"]
print("the tour is done")
