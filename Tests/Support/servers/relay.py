#!/usr/bin/env python3
"""Stands between a worker and an S3 server, and does to the uploads what it is told.

relay.py HOST:PORT prints its port, and then obeys lines on its standard input, answering each with one line:
  do MODE    from now on, one of these; once-MODE does it to the first upload of each object only
    ok
    hold                uploads wait, before the server sees them, until another mode comes
    cut                 uploads break in the middle
    slow                uploads are read a kilobyte at a time
    delay:SECONDS       uploads reach the server late
    alter               one byte of an upload is changed
    status:CODE:ERROR[:RETRY_AFTER]    uploads are answered so without asking the server
    lost                the server stores the bytes, the answer never comes
    truncate            the answer ends in the middle of its head
    etag                the answer names a wrong ETag
    skew:SECONDS        every request is refused by a server whose clock is so far ahead
    refuse              connections are accepted and cut
    closed              nobody listens on the port
  count      how many uploads came, how many of them the server answered, and how many are held
It ends with its standard input.
"""
import email.utils
import http.client
import os
import re
import sys
import threading
import time

from wire import answer, deaf, flipped, head, listen, port_of, reset, s3_error

target = sys.argv[1]
# Objects are named by their hash; a worker's probe of the store is not.
OBJECT = re.compile("/[0-9a-f]{64}[.]")
state = threading.Condition()
mode = "ok"
seen = set()
uploads = answered = held = 0


def mode_for(path, is_upload):
    """With the state locked."""
    if not mode.startswith("once-"):
        return mode
    if not is_upload or path in seen:
        return "ok"
    seen.add(path)
    return mode[5:]


def serve(connection):
    global uploads, answered, held
    buffer = b""
    while True:
        request = head(connection, buffer)
        if not request:
            return
        method, path, headers, buffer = request
        values = {name.lower(): value for name, value in headers}
        is_upload = method == "PUT" and OBJECT.search(path) is not None
        with state:
            now = mode_for(path, is_upload)
            uploads += is_upload
            if is_upload and now == "hold":
                held += 1
                state.notify_all()
        if now in ("refuse", "closed"):
            return reset(connection)
        if "expect" in values:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(values.get("content-length", 0))
        pieces, count = [buffer], len(buffer)
        while count < length:
            if is_upload and now == "slow":
                time.sleep(0.002)
            piece = connection.recv(1024 if is_upload and now == "slow" else 1 << 20)
            if not piece:
                return
            pieces.append(piece)
            count += len(piece)
            if is_upload and now == "cut" and count > length // 2:
                return reset(connection)
        buffer = b"".join(pieces)
        body, buffer = buffer[:length], buffer[length:]
        if is_upload:
            if now == "cut":
                return reset(connection)
            if now.startswith("delay:"):
                time.sleep(float(now[6:]))
            if now == "hold":
                with state:
                    state.wait_for(lambda: mode != "hold")
                    held -= 1
            if now.startswith("status:"):
                _, status, code, *wait = now.split(":")
                extra = [("Retry-After", wait[0])] if wait else []
                answer(connection, int(status), extra + [("Content-Type", "application/xml")], s3_error(code))
                continue
            if now == "alter":
                body = flipped(body)
        if now.startswith("skew:"):
            date = email.utils.formatdate(time.time() + int(now[5:]), usegmt=True)
            answer(connection, 403, [("Content-Type", "application/xml"), ("Date", date)],
                   s3_error("RequestTimeTooSkewed"), method != "HEAD")
            continue
        upstream = http.client.HTTPConnection(target, timeout=60)
        upstream.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            if name.lower() not in ("expect", "connection"):
                upstream.putheader(name, value)
        upstream.endheaders(body if body else None)
        response = upstream.getresponse()
        content = response.read()
        found = response.getheaders()
        upstream.close()
        with state:
            answered += is_upload
        if is_upload and now == "lost":
            return reset(connection)
        if is_upload and now == "truncate":
            connection.sendall(b"HTTP/1.1 200 OK\r\nETag: \"0000")
            return
        if is_upload and now == "etag":
            found = [(n, '"00000000000000000000000000000000"' if n.lower() == "etag" else v) for n, v in found]
        answer(connection, response.status, found, content, method != "HEAD")


listener = listen(serve)
print(port_of(listener), flush=True)
for line in sys.stdin:
    words = line.split()
    with state:
        if words[0] == "do":
            if words[1] == "closed":
                listener = deaf(listener)
            elif mode == "closed":
                listener = listen(serve, listener=listener)
            mode = words[1]
            state.notify_all()
            print("ok", flush=True)
        else:
            print(uploads, answered, held, flush=True)
os._exit(0)
