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
import socket
import struct
import sys
import threading
import time

target = sys.argv[1]
# Objects are named by their hash; a worker's probe of the store is not.
OBJECT = re.compile("/[0-9a-f]{64}[.]")
state = threading.Condition()
mode = "ok"
seen = set()
uploads = answered = held = 0


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def answer(connection, status, headers, body, send_body=True):
    dropped = ("connection", "transfer-encoding", "keep-alive")
    lines = ["HTTP/1.1 %d Relayed" % status]
    lines += ["%s: %s" % item for item in headers if item[0].lower() not in dropped]
    if not any(name.lower() == "content-length" for name, _ in headers):
        lines.append("Content-Length: %d" % len(body))
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body if send_body else b""))


def mode_for(path, is_upload):
    """With the state locked."""
    if not mode.startswith("once-"):
        return mode
    if not is_upload or path in seen:
        return "ok"
    seen.add(path)
    return mode[5:]


def flipped(body):
    return body[:-1] + bytes([body[-1] ^ 1]) if body else body


def serve(connection):
    global uploads, answered, held
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            piece = connection.recv(65536)
            if not piece:
                return
            buffer += piece
        raw, buffer = buffer.split(b"\r\n\r\n", 1)
        lines = raw.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ")
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
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
                text = "<Error><Code>%s</Code><Message>made up</Message></Error>" % code
                extra = [("Retry-After", wait[0])] if wait else []
                answer(connection, int(status), extra + [("Content-Type", "application/xml")], text.encode())
                continue
            if now == "alter":
                body = flipped(body)
        if now.startswith("skew:"):
            text = b"<Error><Code>RequestTimeTooSkewed</Code><Message>made up</Message></Error>"
            date = email.utils.formatdate(time.time() + int(now[5:]), usegmt=True)
            answer(connection, 403, [("Content-Type", "application/xml"), ("Date", date)], text, method != "HEAD")
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


def guarded(connection):
    try:
        serve(connection)
    except OSError:
        pass
    finally:
        connection.close()


def accept(listener):
    try:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=guarded, args=(connection,), daemon=True).start()
    except OSError:
        pass


def listen(port=0):
    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
    return listener


listener = listen()
port = listener.getsockname()[1]
print(port, flush=True)
for line in sys.stdin:
    words = line.split()
    with state:
        if words[0] == "do":
            if words[1] == "closed":
                listener.shutdown(socket.SHUT_RDWR)
                listener.close()
            elif mode == "closed":
                listener = listen(port)
            mode = words[1]
            state.notify_all()
            print("ok", flush=True)
        else:
            print(uploads, answered, held, flush=True)
os._exit(0)
