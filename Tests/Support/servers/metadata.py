#!/usr/bin/env python3
"""Lends made-up credentials as a container's agent and an instance's metadata service do, and counts how often.

metadata.py prints its port, and ends with its standard input. /set?expires=SECONDS&status=CODE&key=KEY&secret=SECRET
changes what it lends from now on, /count says how often it lent or refused to.
"""
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

lent = {"expires": "4102444800", "status": "200", "key": "", "secret": "made-up-secret"}
counts = {"lent": 0}
lock = threading.Lock()


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def lend(self, code):
        with lock:
            counts["lent"] += 1
            if lent["status"] != "200":
                return self.answer(int(lent["status"]), "made-up-secret is not to be told")
            expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(lent["expires"])))
            document = {"AccessKeyId": lent["key"] or "key-%d" % counts["lent"], "SecretAccessKey": lent["secret"],
                        "Expiration": expires, **code}
            if not lent["key"]:
                document["Token"] = "made-up-token"
            return self.answer(200, json.dumps(document))

    def do_PUT(self):
        if self.path == "/latest/api/token" and self.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600":
            return self.answer(200, "session-1\n")
        return self.answer(400, "")

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/set":
            with lock:
                lent.update(urllib.parse.parse_qsl(query))
            return self.answer(200, "")
        if path == "/count":
            return self.answer(200, str(counts["lent"]))
        if path == "/silent":
            return self.rfile.read(1)
        if path == "/container":
            if self.headers["authorization"] != "container-token":
                return self.answer(401, "")
            return self.lend({})
        if not path.startswith("/latest/") or self.headers["x-aws-ec2-metadata-token"] != "session-1":
            return self.answer(401, "")
        if path == "/latest/meta-data/iam/security-credentials/":
            return self.answer(200, "shop-role\nanother")
        if path == "/latest/meta-data/iam/security-credentials/shop-role":
            return self.lend({"Code": "Success"})
        return self.answer(404, "")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
