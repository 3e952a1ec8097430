"""Two users on a connection of 8: one submits 2,000 statements at once, the other a few after him. All end, never more than
8 sessions are at the server, and the second user is not held up by the first.

usage: many.py BERTH CATALOG FIRST_ID FIRST_SECRET SECOND_ID SECOND_SECRET PSQL_DSN
"""
import os
import signal
import subprocess
import sys
import threading
import time

import boto3

BERTH, CATALOG = sys.argv[1:3]
KEYS = {"first": sys.argv[3:5], "second": sys.argv[5:7]}
DSN = sys.argv[7]
COUNT, CAP, THREADS = 2000, 8, 4

service = subprocess.Popen([BERTH, "serve", "--catalog", CATALOG, "--listen", "127.0.0.1:0",
                            "--active-max", "3000", "--active-per-user-max", "2500"], stderr=subprocess.PIPE, text=True)
endpoint = next(line for line in service.stderr if "serves the Redshift" in line).split()[-1]
where = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev"}


def client(user):
    return boto3.client("redshift-data", endpoint_url=endpoint, region_name="us-west-2",
                        aws_access_key_id=KEYS[user][0], aws_secret_access_key=KEYS[user][1])


def sessions():
    said = subprocess.run(["/usr/lib/postgresql/15/bin/psql", "-XAtc",
                           "SELECT count(*) FROM pg_stat_activity WHERE usename = 'awsuser'", DSN],
                          capture_output=True, text=True, check=True)
    return int(said.stdout)


first, second = [client("first") for _ in range(THREADS)], client("second")
ids = [[] for _ in range(THREADS)]


def submit(number):
    for i in range(COUNT // THREADS):
        ids[number].append(first[number].execute_statement(Sql=f"SELECT {i}, pg_sleep(0.02)", **where)["Id"])


most = 0
threads = [threading.Thread(target=submit, args=(number,)) for number in range(THREADS)]
for thread in threads:
    thread.start()
while any(thread.is_alive() for thread in threads):
    most = max(most, sessions())
every = [one for some in ids for one in some]
begin = time.monotonic()
mine = [second.execute_statement(Sql="SELECT 1", **where)["Id"] for _ in range(10)]
for one in mine:
    while second.describe_statement(Id=one)["Status"] != "FINISHED":
        most = max(most, sessions())
waited = time.monotonic() - begin


def left():
    return sum(len(page["Statements"]) for status in ("SUBMITTED", "PICKED", "STARTED")
               for page in first[0].get_paginator("list_statements").paginate(Status=status))


ahead = left()
while left() > 0:
    most = max(most, sessions())
states = [first[0].describe_statement(Id=one)["Status"] for one in every]
service.send_signal(signal.SIGTERM)
service.wait(60)
print(f"{len(states)} statements, at most {most} sessions; the second user's ten took {waited:.2f} s, "
      f"with {ahead} of the first still to end")
if states != ["FINISHED"] * COUNT or most > CAP or most < 2:
    sys.exit("not so: all end, and never more than the cap")
print("the tour is done")
