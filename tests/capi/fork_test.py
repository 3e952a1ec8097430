"""fork_test.py FETCH CATALOG CONNECTION: uses the connection, forks as multiprocessing does, and says what the child is
told when it uses it: its pid, then the error. Then it is killed with -9; the child stays.

FETCH is the folder of the example fetch.py, whose class this uses.
"""
import multiprocessing
import os
import signal
import sys

sys.path.insert(0, sys.argv[1])
import fetch  # noqa: E402


def child(berth, told):
    try:
        told.send(f"no error, but {list(berth.execute('SELECT 1'))}")
    except fetch.BerthError as error:
        told.send(str(error))
    signal.pause()


def main():
    berth = fetch.Berth(sys.argv[2])
    berth.use(sys.argv[3])
    assert list(berth.execute("SELECT 1")) == [["1"]]
    heard, told = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=child, args=(berth, told))
    process.start()
    print(process.pid, heard.recv(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


main()
