#!/usr/bin/env python3
"""Runs one query on a connection of a catalog and prints its rows, by ctypes and the standard library alone.

fetch.py sqlite:/path/catalog.db warehouse 'SELECT 1'      (LIBBERTH names the library where it is not found by itself)
"""
import ctypes
import os
import sys

OK, ROW, DONE = 0, 100, 101


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    def value(self):
        return None if self.data is None else ctypes.string_at(self.data, self.length).decode()


class OpenOptions(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("catalog", ctypes.c_char_p), ("key_file", ctypes.c_char_p),
                ("program", ctypes.c_char_p)]


class Statement(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("text", Text), ("parameters", ctypes.POINTER(Text)),
                ("parameter_count", ctypes.c_size_t), ("timeout_ms", ctypes.c_int64), ("do_pass", ctypes.c_int)]


class BerthError(Exception):
    pass


def load():
    lib = ctypes.CDLL(os.environ.get("LIBBERTH", "libberth.so.1"))
    lib.berth_error_message.restype = ctypes.c_char_p
    lib.berth_error_hint.restype = ctypes.c_char_p
    lib.berth_rows_column_count.restype = ctypes.c_size_t
    for name in ("berth_error_message", "berth_error_hint", "berth_error_free", "berth_rows_column_count",
                 "berth_rows_close", "berth_conversation_close", "berth_engine_close"):
        getattr(lib, name).argtypes = [ctypes.c_void_p]
    return lib


class Berth:
    """An engine with one conversation."""

    def __init__(self, catalog):
        self.lib, self.engine, self.conversation = load(), ctypes.c_void_p(), ctypes.c_void_p()
        options = OpenOptions(ctypes.sizeof(OpenOptions), catalog.encode(), None, b"fetch.py")
        self._call("berth_engine_open", ctypes.byref(options), ctypes.byref(self.engine))
        self._call("berth_conversation_open", self.engine, ctypes.byref(self.conversation))

    def _call(self, name, *arguments):
        error = ctypes.c_void_p()
        code = getattr(self.lib, name)(*arguments, ctypes.byref(error))
        if code in (OK, ROW, DONE):
            return code
        message = self.lib.berth_error_message(error).decode()
        self.lib.berth_error_free(error)
        raise BerthError(message)

    def use(self, connection):
        self._call("berth_conversation_use", self.conversation, connection.encode())

    def execute(self, text, *parameters):
        encoded = [None if p is None else str(p).encode() for p in parameters]
        texts = (Text * len(encoded))(*[
            Text(None, 0) if e is None else Text(ctypes.cast(ctypes.c_char_p(e), ctypes.c_void_p), len(e))
            for e in encoded
        ])
        sql = text.encode()
        statement = Statement(ctypes.sizeof(Statement),
                              Text(ctypes.cast(ctypes.c_char_p(sql), ctypes.c_void_p), len(sql)), texts, len(encoded),
                              60000, 0)
        rows = ctypes.c_void_p()
        self._call("berth_execute", self.conversation, ctypes.byref(statement), ctypes.byref(rows))
        try:
            columns = self.lib.berth_rows_column_count(rows)
            fields = ctypes.POINTER(Text)()
            while self._call("berth_rows_next", rows, ctypes.byref(fields)) == ROW:
                yield [fields[i].value() for i in range(columns)]
        finally:
            self.lib.berth_rows_close(rows)

    def close(self):
        self.lib.berth_conversation_close(self.conversation)
        self.lib.berth_engine_close(self.engine)


def main():
    if len(sys.argv) < 4:
        print(f"usage: {sys.argv[0]} CATALOG CONNECTION QUERY [PARAMETER]...", file=sys.stderr)
        return 2
    berth = Berth(sys.argv[1])
    try:
        berth.use(sys.argv[2])
        for row in berth.execute(sys.argv[3], *sys.argv[4:]):
            print("\t".join("" if value is None else value for value in row))
    except BerthError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        berth.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
