"""What loop.c is to put, with the signatures made by botocore: plan.py ENDPOINT BUCKET PREFIX BYTES COUNT PLAN BLOCK."""
import base64
import hashlib
import os
import sys

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

endpoint, bucket, prefix = sys.argv[1:4]
size, count = map(int, sys.argv[4:6])
credentials = Credentials(os.environ["S3_ACCESS_KEY_ID"], os.environ["S3_SECRET_ACCESS_KEY"])
signer = S3SigV4Auth(credentials, "s3", "us-east-1")
# The digest is ours already: botocore need not make it again.
signer.payload = lambda request: digest
block = bytearray(os.urandom(size))
with open(sys.argv[7], "wb") as out:
    out.write(block)
with open(sys.argv[6], "w", encoding="utf-8") as out:
    for number in range(count):
        block[:8] = number.to_bytes(8, "little")[:size]
        digest = hashlib.sha256(block).hexdigest()
        url = f"{endpoint}/{bucket}/{prefix}{digest[:2]}/{digest[2:4]}/{digest}.webp"
        request = AWSRequest("PUT", url, {
            "Content-Type": "image/webp", "Cache-Control": "public, max-age=31536000, immutable",
            "Content-MD5": base64.b64encode(hashlib.md5(block).digest()).decode()}, b"")
        signer.add_auth(request)
        headers = [f"{name}: {value}" for name, value in request.headers.items()]
        out.write("\t".join([url, str(number), *headers]) + "\n")
