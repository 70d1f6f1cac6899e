"""boto3 in the protocol of the driver: boto.py ENDPOINT BUCKET PREFIX BYTES COUNT AT-ONCE, by threads and one client."""
import concurrent.futures
import hashlib
import json
import os
import resource
import sys
import time

import boto3
import botocore.config

endpoint, bucket, prefix = sys.argv[1:4]
size, count, at_once = map(int, sys.argv[4:])
client = boto3.client(
    "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=os.environ["S3_ACCESS_KEY_ID"],
    aws_secret_access_key=os.environ["S3_SECRET_ACCESS_KEY"],
    # Without the checksum that a server such as this one ignores, which only costs: the best setting found.
    config=botocore.config.Config(s3={"addressing_style": "path"}, max_pool_connections=max(at_once, 10) + 20,
                                  request_checksum_calculation="when_required"))
HEADERS = {"ContentType": "image/webp", "CacheControl": "public, max-age=31536000, immutable"}
block = bytearray(os.urandom(size))


def made(number):
    block[:8] = number.to_bytes(8, "little")[:size]
    name = hashlib.sha256(block).hexdigest()
    return f"{prefix}{name[:2]}/{name[2:4]}/{name}.webp", bytes(block)


def put(key, content):
    client.put_object(Bucket=bucket, Key=key, Body=content, **HEADERS)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


objects = [made(number) for number in range(count)]
start, before = time.monotonic(), cpu()
with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
    for done in [pool.submit(put, *each) for each in objects]:
        done.result()
print(json.dumps({"seconds": time.monotonic() - start, "cpu": cpu() - before}))
