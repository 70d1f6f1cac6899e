#!/usr/bin/env python3
"""Does to a bucket what an administrator does, with Amazon's own library.

bucket.py ENDPOINT BUCKET make | remove
bucket.py ENDPOINT BUCKET apply DIRECTORY    the documents bucket.json, cors.json and lifecycle.json in it; says what the
                                             server then has of them
"""
import json
import pathlib
import sys

import boto3
from botocore.config import Config

endpoint, bucket, what = sys.argv[1:4]
s3 = boto3.client(
    "s3", endpoint_url=endpoint, aws_access_key_id="testaccesskey", aws_secret_access_key="testsecretkey0123456789",
    region_name="us-east-1", config=Config(s3={"addressing_style": "path"}))

if what == "make":
    s3.create_bucket(Bucket=bucket)
elif what == "remove":
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)
else:
    def document(name):
        return json.loads(pathlib.Path(sys.argv[4], name + ".json").read_text())

    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document("bucket")))
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=document("cors"))
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=document("lifecycle"))
    rule = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]
    print("aborts after", rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"], "days")
    print("cors", *s3.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["AllowedMethods"])
