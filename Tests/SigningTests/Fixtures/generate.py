#!/usr/bin/env python3
"""Writes sigv4.json: what botocore signs for a set of awkward requests. All keys in it are made up.

Run again only to add cases: python3 generate.py > sigv4.json
"""
import datetime
import json
from unittest import mock

import botocore.auth
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

NOW = datetime.datetime(2024, 2, 29, 23, 59, 58, tzinfo=datetime.timezone.utc)
ACCESS, SECRET, TOKEN = "AKIDMADEUPEXAMPLE", "made/up+Secret0123456789", "made//up==token+with/odd=characters"
HOST = "bucket.s3.eu-central-1.example.com"

PATHS = [
    "/", "/plain.webp", "/with space", "/two  spaces", "/unicode-\u00fc\u00df", "/\u4e16\u754c/\U0001fa91.webp", "/a+b",
    "//double//slash", "/percent%20literal", "/100%", "/hash#mark", "/question?mark", "/dots/./and/../up", "/~tilde",
    "/quote'and\"double", "/(parens)[brackets]{braces}", "/a&b=c", "/colon:at@semi;comma,", "/dollar$bang!star*",
    "/back\\slash", "/pipe|caret^tick`", "/trailing/", "/line\nbreak", "/\u007f", "/e\u0301-decomposed",
]
QUERIES = [
    [["list-type", "2"], ["prefix", "images/"]],
    [["prefix", "a b+c&d=e/f"], ["list-type", "2"], ["continuation-token", "1/xY+z=="]],
    [["uploads", ""]],
    [["partNumber", "10"], ["uploadId", "2~abc.DEF_-"]],
    [["b", "2"], ["B", "1"], ["a", "\u00fc"], ["A~", "*"]],
    [["response-content-disposition", "attachment; filename=\"a b.webp\""]],
    [["delete", ""]],
    [["a-b", "1"], ["a", "2"], ["a.b", "3"]],
]
HEADERS = [
    [["Content-Type", "image/webp"], ["Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="]],
    [["Cache-Control", "public,  max-age=31536000,   immutable"]],
    [["x-amz-meta-note", "  padded   inside and out  "], ["X-Amz-Meta-Upper", "Value"]],
    [["x-amz-server-side-encryption", "aws:kms"], ["x-amz-storage-class", "STANDARD_IA"], ["If-None-Match", "*"]],
    [["User-Agent", "any/1"], ["Expect", "100-continue"], ["Range", "bytes=0-9"]],
]


def cases():
    for path in PATHS:
        yield "GET", path, [], [], ""
    for query in QUERIES:
        yield "GET", "/", query, [], ""
    for headers in HEADERS:
        yield "PUT", "/key", [], headers, "the body"
    yield "DELETE", "/gone", [], [], ""
    yield "HEAD", "/there", [], [], ""
    yield "POST", "/", [["delete", ""]], [["Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="]], "<Delete/>"


def url(path, host):
    return "https://" + host + percent_encode(path, safe="/~")


def main():
    fixed = mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: NOW)
    out = []
    with fixed:
        for number, (method, path, query, headers, body) in enumerate(cases()):
            token = TOKEN if number % 3 == 0 else None
            host = HOST if number % 2 == 0 else "127.0.0.1:9000"
            credentials = Credentials(ACCESS, SECRET, token)
            request = AWSRequest(method, url(path, host), dict(headers), body.encode(), dict(query))
            request.context["payload_signing_enabled"] = True
            S3SigV4Auth(credentials, "s3", "eu-central-1").add_auth(request)
            presigned = AWSRequest(method, url(path, host), {}, b"", dict(query))
            S3SigV4QueryAuth(credentials, "s3", "eu-central-1", expires=3600).add_auth(presigned)
            out.append({
                "method": method, "path": path, "query": query, "headers": headers, "body": body, "host": host,
                "token": token, "authorization": request.headers["Authorization"],
                "contentSHA256": request.headers["X-Amz-Content-SHA256"], "presigned": presigned.url,
            })
    print(json.dumps({
        "accessKey": ACCESS, "secretKey": SECRET, "region": "eu-central-1", "time": int(NOW.timestamp()), "cases": out,
    }, indent=1))


main()
