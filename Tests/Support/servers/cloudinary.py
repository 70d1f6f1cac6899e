#!/usr/bin/env python3
"""Answers as Cloudinary documents that it does: signed uploads (whole or in chunks), destroy, the Admin API's lists,
and delivery. Signatures are checked by the published rule, written here anew.

cloudinary.py CLOUD KEY SECRET [sha1|sha256] prints its port, and then obeys lines on its standard input, answering each
with one line:
  do MODE    what happens to uploads from now on: ok; status:CODE[*TIMES][;NAME=VALUE]... (answered so, with these
             headers); stall (no answer until another mode comes); signature (the answer's is wrong); etag, bytes (the
             answer's are another asset's); alter (other bytes are stored); composite (the ETag of an asset that came in
             chunks is no MD5); elsewhere (secure_url lies at another host); broken (the answer is no JSON)
  admin MODE the same for the Admin API: ok or status:...
  secret S   the secret that signatures are checked with
  calls      what was asked so far: [[method, path, parameters, headers of interest]...]
  assets     what is there: {"image/public_id": [bytes, version, uploads]}
  seed TYPE PUBLIC_ID BASE64   makes an asset
It ends with its standard input.
"""
import base64
import hashlib
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse

cloud, key, secret = sys.argv[1:4]
digest = hashlib.sha256 if sys.argv[4:] == ["sha256"] else hashlib.sha1
state = threading.Condition()
mode = {"upload": "ok", "admin": "ok"}
calls, assets, pending = [], {}, {}
versions = int(time.time())
PORT = 0


class Refused(Exception):
    def __init__(self, status, message, headers=()):
        super().__init__(message)
        self.status, self.headers = status, dict(headers)


class Silent(Exception):
    pass


def format_of(kind, content):
    """As the service does, it looks into images and videos."""
    if kind == "raw":
        return None
    known = {"image": [(b"RIFF", "webp"), (b"\xff\xd8\xff", "jpg"), (b"\x89PNG", "png"), (b"GIF8", "gif")],
             "video": [(b"\x1aE\xdf\xa3", "webm")]}[kind]
    for magic, name in known:
        if content.startswith(magic):
            return name
    if kind == "video" and content[4:8] == b"ftyp":
        return "mov" if content[8:10] == b"qt" else "mp4"
    raise Refused(400, "Invalid image file" if kind == "image" else "Unsupported video format or file")


def check_signature(parameters):
    signed = {k: v for k, v in parameters.items()
              if k not in ("file", "cloud_name", "resource_type", "api_key", "signature") and v != ""}
    text = "&".join("%s=%s" % (k, signed[k].replace("&", "%26")) for k in sorted(signed))
    if parameters.get("api_key") != key:
        raise Refused(401, "Unknown API key " + str(parameters.get("api_key")))
    given = parameters.get("signature")
    if given not in (h((text + secret).encode()).hexdigest() for h in (hashlib.sha1, hashlib.sha256)):
        raise Refused(401, "Invalid Signature %s. String to sign - '%s'." % (given, text))
    told = int(parameters.get("timestamp", "0"))
    if abs(time.time() - told) > 3600:
        raise Refused(400, "Stale request - reported time is %s which is more than 1 hour ago" % told)


def parse_form(content_type, body):
    """The fields, and the file's bytes."""
    boundary = re.search('boundary="?([^";]+)', content_type).group(1).encode()
    fields, content = {}, None
    position = body.index(b"--" + boundary)
    while True:
        position += len(boundary) + 2
        if body[position:position + 2] == b"--":
            return fields, content
        head_end = body.index(b"\r\n\r\n", position)
        head = body[position:head_end].decode().lower()
        end = body.index(b"\r\n--" + boundary, head_end + 2)
        value = body[head_end + 4:end]
        name = re.search('name="([^"]+)"', head).group(1)
        if name == "file":
            content = value
        else:
            fields[name] = value.decode()
        position = end + 2


def act(what):
    """Does what this kind of call shall suffer; returns the mode that the answer is to follow."""
    with state:
        now = mode[what]
        if now.startswith("status:"):
            first, *headers = now[7:].split(";")
            status, _, times = first.partition("*")
            if times:
                mode[what] = "status:%s*%d" % (status, int(times) - 1) if int(times) > 1 else "ok"
            raise Refused(int(status), "it was told to fail", [header.split("=", 1) for header in headers])
        if now == "stall":
            while mode[what] == "stall":
                state.wait()
            raise Silent
        return now


def describe(name, asset, base):
    kind, public_id = name.split("/", 1)
    form = asset["format"]
    url = "%s/%s/upload/v%d/%s%s" % (
        base, kind, asset["version"], urllib.parse.quote(public_id), "." + form if form else "")
    answer = {
        "asset_id": hashlib.md5(name.encode()).hexdigest(), "public_id": public_id, "version": asset["version"],
        "signature": digest(("public_id=%s&version=%d%s" % (public_id, asset["version"], secret)).encode()).hexdigest(),
        "resource_type": kind, "created_at": asset["created_at"], "tags": [], "bytes": len(asset["content"]),
        "type": "upload", "etag": asset["etag"], "secure_url": url, "url": url}
    if form:
        answer["format"] = form
    return answer


def store(kind, public_id, content, etag=None):
    global versions
    with state:
        name = kind + "/" + public_id
        versions += 1
        assets[name] = {
            "content": content, "version": versions, "format": format_of(kind, content),
            "etag": etag or hashlib.md5(content).hexdigest(), "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "uploads": assets.get(name, {}).get("uploads", 0) + 1}
        return assets[name]


def upload(kind, fields, content, headers, base):
    check_signature(fields)
    now = act("upload")
    public_id, name = fields["public_id"], kind + "/" + fields["public_id"]
    etag = None
    content_range = headers.get("Content-Range")
    if content_range:
        first, last, total = map(int, re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", content_range).groups())
        identifier = headers["X-Unique-Upload-Id"]
        parts = pending.setdefault(identifier, [])
        if last - first + 1 != len(content) or first != sum(map(len, parts)):
            raise Refused(400, "Content-Range does not fit")
        if last + 1 < total and len(content) <= 5_000_000:
            raise Refused(400, "All parts except EOF-chunk must be larger than 5mb")
        parts.append(content)
        if last + 1 < total:
            return {"done": False, "public_id": public_id, "bytes": last + 1}
        content = b"".join(pending.pop(identifier))
        if now == "composite":
            etag = hashlib.md5(content[::-1]).hexdigest() + "-%d" % len(parts)
    elif len(content) > 100_000_000:
        raise Refused(413, "File size too large. Got %d. Maximum is 100000000." % len(content))
    if not content:
        raise Refused(400, "Empty file")
    with state:
        there = assets.get(name)
    if there and fields.get("overwrite") == "false":
        answer = describe(name, there, base)
        answer["existing"] = True
    else:
        if now == "alter":
            content += b"\0"
        answer = describe(name, store(kind, public_id, content, etag), base)
    if now == "signature":
        answer["signature"] = "0" * 40
    if now == "etag":
        answer["etag"] = "0" * 32
    if now == "bytes":
        answer["bytes"] += 1
    if now == "elsewhere":
        answer["secure_url"] = "https://elsewhere.example/" + answer["secure_url"].split("/", 3)[3]
    return "no JSON" if now == "broken" else answer


def destroy(kind, fields):
    check_signature(fields)
    with state:
        return {"result": "ok" if assets.pop(kind + "/" + fields["public_id"], None) else "not found"}


def listing(kind, query, base):
    prefix = kind + "/" + query.get("prefix", "")
    start, limit = int(query.get("next_cursor", "0")), min(int(query.get("max_results", "10")), 500)
    with state:
        # In no order that anybody could rely on.
        names = sorted((name for name in assets if name.startswith(prefix)), key=lambda name: name[::-1])
        page = {"resources": [describe(name, assets[name], base) for name in names[start:start + limit]]}
        for resource in page["resources"]:
            del resource["etag"], resource["signature"], resource["tags"]
    if start + limit < len(names):
        page["next_cursor"] = str(start + limit)
    return page


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    @property
    def base(self):
        return "http://127.0.0.1:%d/%s" % (PORT, cloud)

    def note(self, path, parameters):
        headers = {k.lower(): v for k, v in self.headers.items()
                   if k.lower() in ("content-range", "x-unique-upload-id", "range")}
        with state:
            calls.append([self.command, path, parameters, headers])

    def answer(self, status, content, headers=()):
        self.send_response(status)
        for item in dict(headers).items():
            self.send_header(*item)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def guarded(self, serve):
        try:
            serve()
        except Refused as refusal:
            headers = {"X-Cld-Error": str(refusal), "Content-Type": "application/json", **refusal.headers}
            self.answer(refusal.status, json.dumps({"error": {"message": str(refusal)}}).encode(), headers)
        except Silent:
            self.close_connection = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.guarded(lambda: self.post(body))

    def post(self, body):
        match = re.fullmatch("/v1_1/%s/(image|video|raw)/(upload|destroy)" % re.escape(cloud), self.path)
        if not match:
            raise Refused(404, "there is no " + self.path)
        fields, content = parse_form(self.headers["Content-Type"], body)
        self.note(self.path, fields)
        kind, what = match.groups()
        answer = upload(kind, fields, content, self.headers, self.base) if what == "upload" else destroy(kind, fields)
        self.answer(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def do_GET(self):
        self.guarded(self.get)

    def get(self):
        path, _, query = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query))
        self.note(path, query)
        match = re.fullmatch("/v1_1/%s/resources/(image|video|raw)/upload(?:/(.+))?" % re.escape(cloud), path)
        if match:
            self.admin(*match.groups(), query)
            return
        match = re.fullmatch(r"/%s/(image|video|raw)/upload/v\d+/(.+)" % re.escape(cloud), path)
        if not match:
            raise Refused(404, "there is no " + path)
        kind, name = match.group(1), urllib.parse.unquote(match.group(2))
        form = None
        if kind != "raw":
            name, _, form = name.rpartition(".")
        with state:
            asset = assets.get(kind + "/" + name)
        if not asset or asset["format"] != form:
            raise Refused(404, "Resource not found - " + name)
        self.deliver(asset)

    def deliver(self, asset):
        content, headers = asset["content"], {"ETag": '"%s"' % asset["etag"]}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted:
            first, last = map(int, wanted.groups())
            headers["Content-Range"] = "bytes %d-%d/%d" % (first, last, len(content))
            content = content[first:last + 1]
        self.answer(206 if wanted else 200, content, headers)

    def admin(self, kind, public_id, query):
        expected = "Basic " + base64.b64encode(("%s:%s" % (key, secret)).encode()).decode()
        if self.headers.get("Authorization") != expected:
            raise Refused(401, "api_secret mismatch, you sent " + str(self.headers.get("Authorization")))
        act("admin")
        limits = {"X-FeatureRateLimit-Limit": "500", "X-FeatureRateLimit-Remaining": "499",
                  "X-FeatureRateLimit-Reset": time.strftime("%a, %d %b %Y %H:00:00 GMT", time.gmtime(time.time() + 3600))}
        if public_id is None:
            answer = listing(kind, query, self.base)
        else:
            name = kind + "/" + urllib.parse.unquote(public_id)
            with state:
                asset = assets.get(name)
            if not asset:
                raise Refused(404, "Resource not found - " + public_id, limits)
            answer = describe(name, asset, self.base)
        self.answer(200, json.dumps(answer).encode(), {"Content-Type": "application/json", **limits})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        # A client that gave up.
        pass


def obey(line):
    global secret
    command, _, rest = line.partition(" ")
    with state:
        if command in ("do", "admin"):
            mode["upload" if command == "do" else "admin"] = rest
            state.notify_all()
        elif command == "secret":
            secret = rest
        elif command == "calls":
            return json.dumps(calls)
        elif command == "assets":
            return json.dumps({name: [len(a["content"]), a["version"], a["uploads"]] for name, a in assets.items()})
    if command == "seed":
        kind, public_id, content = rest.split(" ")
        store(kind, public_id, base64.b64decode(content))
    return "ok"


server = Server(("127.0.0.1", 0), Handler)
PORT = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()
print(PORT, flush=True)
for line in sys.stdin:
    print(obey(line.rstrip("\n")), flush=True)
