#!/usr/bin/env python3
"""Stands between a client and an S3 server and breaks what it is told to.

faulty_relay.py HOST:PORT FAULT... relays each request, the first with the first fault, and so on; after the last fault it
only relays. It prints its plain port, its TLS port and the certificate's path, and ends with its standard input.

Faults: ok, status:CODE[:ERROR[:RETRY_AFTER]] (answers without asking the server), reset (in the middle of the upload),
lost (the server does it, the answer never comes), etag (a wrong one), truncate (the answer's body), upload (one byte of
it changed), checksum (a wrong one told), download (one byte of it changed), redirect:REGION[:STATUS], silent, error-in-200. With the first one
checksums the server seems to check x-amz-checksum-sha256, with refusing-checksums not to know it and to mind.
"""
import base64
import hashlib
import http.client
import sys
import tempfile
import threading

from wire import answer, certificate, flipped, head, listen, port_of, reset, s3_error

target = sys.argv[1]
faults = sys.argv[2:]
checksums = faults.pop(0) if faults and faults[0].endswith("checksums") else ""
lock = threading.Lock()


def next_fault():
    with lock:
        return faults.pop(0) if faults else "ok"


def serve(connection):
    buffer = b""
    while True:
        request = head(connection, buffer)
        if not request:
            return
        method, path, headers, buffer = request
        values = {name.lower(): value for name, value in headers}
        fault, *words = next_fault().split(":")
        if "expect" in values:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(values.get("content-length", 0))
        while len(buffer) < length:
            piece = connection.recv(1 << 20)
            if not piece:
                return
            buffer += piece
            if fault == "reset" and len(buffer) > length // 2:
                return reset(connection)
        body, buffer = buffer[:length], buffer[length:]
        if fault == "reset":
            return reset(connection)
        if fault == "silent":
            connection.recv(1)
            return
        if fault in ("status", "redirect", "error-in-200"):
            extra = []
            if fault == "redirect":
                status = int(words[1]) if len(words) > 1 else 301
                code = "AuthorizationHeaderMalformed" if status == 400 else "PermanentRedirect"
                extra = [("x-amz-bucket-region", words[0])]
            elif fault == "error-in-200":
                status, code = 200, "InternalError"
            else:
                status, code = int(words[0]), words[1] if len(words) > 1 else ""
                if len(words) > 2:
                    extra = [("Retry-After", words[2])]
            text = s3_error(code) if code else b""
            answer(connection, status, extra + [("Content-Type", "application/xml")], text, method != "HEAD")
            continue
        checksum = values.get("x-amz-checksum-sha256")
        if checksums and checksum:
            right = base64.b64encode(hashlib.sha256(body).digest()).decode()
            code = "NotImplemented" if checksums.startswith("refusing") else "BadDigest" if checksum != right else ""
            if code:
                answer(connection, 501 if code == "NotImplemented" else 400, [], s3_error(code))
                continue
        if fault == "upload":
            body = flipped(body)
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
        if fault == "lost":
            return reset(connection)
        if checksums and checksum:
            found.append(("x-amz-checksum-sha256", checksum if fault != "checksum" else "AAAA"))
        if fault == "etag":
            found = [(n, '"00000000000000000000000000000000"' if n.lower() == "etag" else v) for n, v in found]
        if fault == "truncate":
            answer(connection, response.status, found, content[:len(content) // 2])
            return
        if fault == "download":
            content = flipped(content)
        answer(connection, response.status, found, content, method != "HEAD")


with tempfile.TemporaryDirectory() as directory:
    cert, context = certificate(directory, "IP:127.0.0.1", "DNS:*.s3.localhost")
    print(port_of(listen(serve)), port_of(listen(serve, context)), cert, flush=True)
    sys.stdin.read()
