#!/usr/bin/env python3
"""Takes uploads in parts and keeps none of it. Prints its port; ends with its standard input."""
import hashlib
import base64
import os
import socketserver
import sys
import threading

digests = {}
size = [0]


class Sink(socketserver.StreamRequestHandler):
    def answer(self, body="", headers=""):
        self.wfile.write(f"HTTP/1.1 200 OK\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    def handle(self):
        while True:
            line = self.rfile.readline().decode()
            if not line:
                return
            method, path, _ = line.split()
            headers = {}
            while (line := self.rfile.readline().strip()):
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            if "expect" in headers:
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            left = int(headers.get("content-length", 0))
            if method == "PUT":
                size[0] += left
            buffer = memoryview(bytearray(1 << 18))
            while left:
                count = self.rfile.readinto1(buffer[:min(left, len(buffer))])
                if not count:
                    return
                left -= count
            if method == "PUT":
                number = int(path.partition("partNumber=")[2].partition("&")[0])
                digests[number] = base64.b64decode(headers["content-md5"])
                self.answer(headers=f'ETag: "{digests[number].hex()}"\r\n')
            elif path.endswith("?uploads="):
                self.answer("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
            else:
                joined = hashlib.md5(b"".join(digests[number] for number in sorted(digests))).hexdigest()
                self.answer(f"<CompleteMultipartUploadResult><ETag>&quot;{joined}-{len(digests)}&quot;</ETag>"
                            "</CompleteMultipartUploadResult>")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Sink)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
