"""Hand-over without a closed port: this program holds the listening socket, as systemd does, and one process of the
service follows the other on it, under load. Not one request may fail, and what the old one accepted ends.

usage: hand_over.py BERTH CATALOG
"""
import os
import signal
import socket
import subprocess
import sys
import threading

import boto3
from botocore.config import Config

BERTH, CATALOG = sys.argv[1:3]
HAND_OVERS = 3
CLIENTS = 4

listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listening.bind(("127.0.0.1", 0))
listening.listen(512)
endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"


def start():
    """A process of the service, once it says that it serves."""
    def hand_over_socket():
        os.dup2(listening.fileno(), 3)
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"', "sh", BERTH, "serve", "--catalog", CATALOG,
         "--auth", "none", "--drain", "20s"],
        preexec_fn=hand_over_socket, close_fds=False, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "serves the Redshift Data API" in line:
            return process
        sys.stderr.write(line)
    sys.exit("it does not serve")


stop = threading.Event()
failures = []
done = [0] * CLIENTS


clients = [boto3.client("redshift-data", endpoint_url=endpoint, region_name="us-west-2",
                        config=Config(retries={"max_attempts": 5, "mode": "standard"})) for _ in range(CLIENTS)]


def work(number):
    client = clients[number]
    where = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev"}
    while not stop.is_set():
        try:
            wanted = number * 1_000_000 + done[number]
            statement = client.execute_statement(Sql=f"SELECT {wanted}, pg_sleep(0.05)", **where)["Id"]
            while True:
                said = client.describe_statement(Id=statement)
                if said["Status"] in ("FINISHED", "FAILED", "ABORTED"):
                    break
            if said["Status"] != "FINISHED":
                raise RuntimeError(f"{said['Status']}: {said.get('Error')}")
            records = client.get_statement_result(Id=statement)["Records"]
            if records[0][0]["longValue"] != wanted:
                raise RuntimeError(f"another's result: {records}")
            done[number] += 1
        except Exception as error:  # any at all
            failures.append(repr(error))
            return


serving = start()
threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
for thread in threads:
    thread.start()
for _ in range(HAND_OVERS):
    before = sum(done)
    while sum(done) < before + 10 * CLIENTS and not failures:
        threads[0].join(0.05)
    follower = start()
    serving.send_signal(signal.SIGTERM)
    if serving.wait(60) != 0:
        failures.append(f"the old process ended with {serving.returncode}")
    serving = follower
before = sum(done)
while sum(done) < before + 10 * CLIENTS and not failures:
    threads[0].join(0.05)
stop.set()
for thread in threads:
    thread.join()
serving.send_signal(signal.SIGTERM)
serving.wait(60)
if failures:
    sys.exit("\n".join(failures))
print(f"{sum(done)} statements over {HAND_OVERS} hand-overs")
print("the tour is done")
