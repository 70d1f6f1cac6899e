#!/usr/bin/env python3
"""A small HTTP server whose path says what goes wrong. Prints its ports, plain and TLS, and ends with its stdin."""
import hashlib
import itertools
import json
import sys
import tempfile
import threading
import time

from wire import certificate, head, listen, port_of, reset

serial = itertools.count(1)
active = 0
most_active = 0
lock = threading.Condition()


def begun(status, length, *extra):
    lines = ["HTTP/1.1 " + status, "Content-Length: %d" % length, *extra]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def serve(connection):
    global active, most_active
    number = next(serial)
    buffer = b""
    while True:
        request = head(connection, buffer)
        if not request:
            return
        method, path, headers, buffer = request
        headers = [[name.lower(), value] for name, value in headers]
        values = dict(headers)
        if path == "/reset-early":
            return reset(connection)
        if path == "/head-cut":
            connection.sendall(b"HTTP/1.1 200 OK\r\nETag: \"0000")
            return
        if values.get("expect") == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\nX-Provisional: yes\r\n\r\n")
        length = int(values.get("content-length", 0))
        while len(buffer) < length:
            piece = connection.recv(1 << 20)
            if not piece:
                return
            buffer += piece
            if path == "/reset-upload":
                return reset(connection)
        body, buffer = buffer[:length], buffer[length:]
        parts = path.split("?")[0].strip("/").split("/")
        what = parts[0]
        if what == "silent":
            connection.recv(1)
            return
        elif what == "stall":
            connection.sendall(begun("200 OK", 1000) + b"x" * 10)
            connection.recv(1)
            return
        elif what == "truncated":
            connection.sendall(begun("200 OK", 1000) + b"x" * 10)
            return
        elif what == "reset":
            return reset(connection)
        elif what == "garbage":
            connection.sendall(b"SSH-2.0-Server_1.0\r\nwhat do you want\r\n")
            return
        elif what == "large":
            count = int(parts[1])
            connection.sendall(begun("200 OK", count) + bytes(i * 7 % 256 for i in range(256)) * (count // 256) + b"y" * (count % 256))
        elif what == "chunked":
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
        elif what == "status":
            answer = b"the reason"
            connection.sendall(begun(parts[1] + " Status", len(answer), "Location: /echo", "Retry-After: 3", "X-Twice: a", "X-Twice:  b  "))
            if method != "HEAD":
                connection.sendall(answer)
        elif what == "last":
            connection.sendall(begun("200 OK", 0, "X-Connection: %d" % number))
            return reset(connection)
        elif what == "together":
            with lock:
                active += 1
                most_active = max(most_active, active)
                lock.notify_all()
                lock.wait_for(lambda: most_active >= int(parts[1]), timeout=30)
            time.sleep(0.1)
            with lock:
                active -= 1
            connection.sendall(begun("200 OK", 0, "X-Most: %d" % most_active))
        else:
            answer = json.dumps({
                "method": method, "path": path, "headers": headers, "length": len(body),
                "sha256": hashlib.sha256(body).hexdigest(), "connection": number}).encode()
            connection.sendall(begun("200 OK", len(answer)) + (b"" if method == "HEAD" else answer))


with tempfile.TemporaryDirectory() as directory:
    cert, context = certificate(directory, "DNS:localhost")
    print(port_of(listen(serve)), port_of(listen(serve, context)), cert, flush=True)
    sys.stdin.read()
