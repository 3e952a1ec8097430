"""The tour of the Data API with boto3, against the service at $BERTH_ENDPOINT.

What stands between the two lines is the published code as it is, with the line breaks that it had lost.
"""
import os
import sys

import boto3

ENDPOINT = os.environ["BERTH_ENDPOINT"]
REDSHIFT = os.environ.get("BERTH_TEST_MANNERS") == "redshift"
CLUSTER = "redshift-cluster-1"
SECRET = "arn:aws:secretsmanager:us-west-2:123456789012:secret:demo-AbCdEf"


def check(good, what):
    if not good:
        sys.exit("not so: " + what)


# ---------------------------------------------------------------------------------------------------------------------
def get_client(service, endpoint=None, region="us-west-2"):
    import botocore.session as bc
    session = bc.get_session()
    s = boto3.Session(botocore_session=session, region_name=region)
    if endpoint:
        return s.client(service, endpoint_url=endpoint)
    return s.client(service)


rsd = get_client('redshift-data', ENDPOINT)

import pandas as pd


def post_process(meta, records):
    columns = [k["name"] for k in meta]
    rows = []
    for r in records:
        tmp = []
        for c in r:
            tmp.append(c[list(c.keys())[0]])
        rows.append(tmp)
    return pd.DataFrame(rows, columns=columns)


def query(sql, cluster="redshift-cluster-1", user="awsuser", database="dev"):
    resp = rsd.execute_statement(Database=database, ClusterIdentifier=cluster, DbUser=user, Sql=sql)
    qid = resp["Id"]
    print(qid)
    desc = None
    while True:
        desc = rsd.describe_statement(Id=qid)
        if desc["Status"] == "FINISHED":
            break
        print(desc["ResultRows"])
    if desc and desc["ResultRows"] > 0:
        result = rsd.get_statement_result(Id=qid)
        rows, meta = result["Records"], result["ColumnMetadata"]
        return post_process(meta, rows)


# ---------------------------------------------------------------------------------------------------------------------
TARGET = {"ClusterIdentifier": CLUSTER, "Database": "dev", "SecretArn": SECRET}


def run(sql, **more):
    """Runs it to its end; what DescribeStatement says."""
    sent = rsd.execute_statement(Sql=sql, **TARGET, **more)
    check(sent["SecretArn"] == SECRET and sent["ClusterIdentifier"] == CLUSTER, "what was sent is echoed")
    return ended(sent["Id"])


def ended(statement):
    while True:
        desc = rsd.describe_statement(Id=statement)
        if desc["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return desc


def finished(sql, **more):
    desc = run(sql, **more)
    check(desc["Status"] == "FINISHED", f"{sql}: {desc}")
    return desc


for statement in ("DROP SCHEMA IF EXISTS demo CASCADE", "DROP TABLE IF EXISTS venue"):
    finished(statement)

check("dev" in rsd.list_databases(**TARGET)["Databases"], "list_databases")
finished("CREATE SCHEMA demo;")
check("demo" in rsd.list_schemas(**TARGET)["Schemas"], "list_schemas")
check(rsd.list_schemas(**TARGET, SchemaPattern="dem%")["Schemas"] == ["demo"], "list_schemas by a pattern")

finished("""CREATE TABLE demo.green_201601( vendorid VARCHAR(4), pickup_datetime TIMESTAMP, dropoff_datetime TIMESTAMP,
  store_and_fwd_flag VARCHAR(1), ratecode INT, pickup_longitude FLOAT4, pickup_latitude FLOAT4,
  dropoff_longitude FLOAT4, dropoff_latitude FLOAT4, passenger_count INT, trip_distance FLOAT4, fare_amount FLOAT4,
  extra FLOAT4, mta_tax FLOAT4, tip_amount FLOAT4, tolls_amount FLOAT4, ehail_fee FLOAT4,
  improvement_surcharge FLOAT4, total_amount FLOAT4, payment_type VARCHAR(4), trip_type VARCHAR(4));""")
finished("CREATE TABLE demo.venue (venueid INT NOT NULL, venuename VARCHAR(100));")
finished("CREATE TABLE venue (venueid INT NOT NULL, venuename VARCHAR(100));")

tables = rsd.list_tables(**TARGET, TablePattern="ven%")["Tables"]
check({(t["schema"], t["name"], t["type"]) for t in tables} >= {("demo", "venue", "TABLE"), ("public", "venue", "TABLE")},
      f"list_tables by a pattern: {tables}")
tables = rsd.list_tables(**TARGET, TablePattern="ven%", SchemaPattern="demo")["Tables"]
check([t["schema"] for t in tables] == ["demo"], "list_tables by two patterns")
names = [t["name"] for page in rsd.get_paginator("list_tables").paginate(
    **TARGET, SchemaPattern="demo", PaginationConfig={"PageSize": 1}) for t in page["Tables"]]
check(sorted(names) == ["green_201601", "venue"], f"list_tables by pages: {names}")
columns = rsd.describe_table(**TARGET, Schema="demo", Table="green_201601")["ColumnList"]
check(len(columns) == 21 and columns[0]["name"] == "vendorid" and columns[0]["typeName"] == "varchar",
      f"describe_table: {columns[:1]}")

copy = run("""COPY demo.green_201601
FROM 's3://us-west-2.serverless-analytics/NYC-Pub/green/green_tripdata_2016-01'
IAM_ROLE 'arn:aws:iam::123456789012:role/Role'
REGION 'us-west-2';""")
unload = run("unload ('select * from demo.green_201601') to 's3://bucket/x' iam_role 'arn:aws:iam::123456789012:role/R'; ")
for desc in (copy, unload):
    check(desc["Status"] == ("FINISHED" if REDSHIFT else "FAILED"), f"COPY and UNLOAD go to the server: {desc}")
    check(REDSHIFT or desc["Error"].startswith("ERROR: "), f"its refusal comes back: {desc}")

loaded = finished("INSERT INTO demo.green_201601 (vendorid, ratecode, trip_distance) "
                  "SELECT 'v', i % 6 + 1, i % 20 FROM generate_series(1, 6000) i")
check(loaded["ResultRows"] == 6000 and not loaded["HasResultSet"], f"rows that were loaded: {loaded}")

counted = finished("SELECT ratecode, COUNT(*) FROM demo.green_201601 WHERE trip_distance > 5 GROUP BY 1 ORDER BY 1;",
                   StatementName="count", WithEvent=True)
check(counted["ResultRows"] == 6 and counted["HasResultSet"] and counted["Duration"] > 0
      and counted["RedshiftPid"] > 0 and counted["ResultSize"] > 0
      and counted["RedshiftQueryId"] == (4712 if REDSHIFT else -1), f"describe_statement: {counted}")
result = rsd.get_statement_result(Id=counted["Id"])
check(result["TotalNumRows"] == 6 and [m["name"] for m in result["ColumnMetadata"]] == ["ratecode", "count"]
      and result["Records"][0] == [{"longValue": 1}, {"longValue": 700}], f"get_statement_result: {result}")

finished("INSERT INTO venue SELECT i, CASE i % 3 WHEN 0 THEN NULL ELSE 'venue ' || i END FROM generate_series(1, 250) i")
frame = query("select venueid,venuename from venue limit 100;")
print(frame)
check(frame.shape == (100, 2) and list(frame.columns) == ["venueid", "venuename"], "the published code")

bound = finished("select venuename from venue where venueid = :id::int", Parameters=[{"name": "id", "value": "2"}])
check(rsd.get_statement_result(Id=bound["Id"])["Records"] == [[{"stringValue": "venue 2"}]], "parameters")

names = [s["StatementName"] for page in rsd.get_paginator("list_statements").paginate(StatementName="cou")
         for s in page["Statements"]]
check(names and set(names) == {"count"}, "list_statements by the beginning of a name")

batch = rsd.batch_execute_statement(Sqls=["create temp table t (a int)", "insert into t values (1), (2)",
                                          "select sum(a) from t"], **TARGET)
batch = ended(batch["Id"])
check(batch["Status"] == "FINISHED" and [s["Status"] for s in batch["SubStatements"]] == ["FINISHED"] * 3,
      f"batch_execute_statement: {batch}")
check(rsd.get_statement_result(Id=batch["Id"] + ":3")["Records"] == [[{"longValue": 3}]], "the result of one of a batch")

slow = rsd.execute_statement(Sql="SELECT pg_sleep(60)", **TARGET)["Id"]
while rsd.describe_statement(Id=slow)["Status"] != "STARTED":
    pass
check(rsd.cancel_statement(Id=slow)["Status"], "cancel_statement")
check(ended(slow)["Status"] == "ABORTED", "a cancelled statement is ABORTED")
try:
    rsd.cancel_statement(Id=counted["Id"])
    sys.exit("not so: a finished statement cannot be cancelled")
except rsd.exceptions.ValidationException as error:
    check("Could not cancel a query that is already in FINISHED state" in str(error), str(error))

large = finished("SELECT i, repeat('x', 100) FROM generate_series(1, 30000) i")
pages = list(rsd.get_paginator("get_statement_result").paginate(Id=large["Id"]))
rows = [record for page in pages for record in page["Records"]]
check(len(pages) > 2 and len(rows) == 30000 and rows[-1][0] == {"longValue": 30000}
      and all(len(page["ColumnMetadata"]) == 2 for page in pages), f"a large result by pages: {len(pages)}, {len(rows)}")

failed = run("SELECT * FROM no_such_table")
check(failed["Status"] == "FAILED" and 'relation "no_such_table" does not exist' in failed["Error"],
      f"an error of the server: {failed}")
print("the tour is done")
