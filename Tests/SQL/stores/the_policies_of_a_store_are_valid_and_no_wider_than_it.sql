select offload.add_store('media', 's3', bucket => 'shop-media', prefix => 'img/', region => 'eu-central-1');
select offload.add_store('china', 's3', bucket => 'b', region => 'cn-north-1', options => '{"kms_key": "arn:aws-cn:kms:x", "acl": "public-read"}');
select offload.add_store('disk', 'directory', path => '/srv/media');
select test.equal((select string_agg(document, ' ') from offload.store_policy('media')), 'iam bucket cors lifecycle');
select test.rows($$select s -> 'Resource', s -> 'Condition', s -> 'Action' from offload.store_policy('media') p, json_array_elements(p.policy -> 'Statement') s where p.document = 'iam'$$, array[
  'arn:aws:s3:::shop-media/img/*||["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]',
  'arn:aws:s3:::shop-media|{"StringLike": {"s3:prefix": "img/*"}}|["s3:ListBucket", "s3:ListBucketMultipartUploads"]']);
select test.equal((select policy #>> '{Statement,0,Resource}' from offload.store_policy('media') where document = 'bucket'), 'arn:aws:s3:::shop-media/img/*');
select test.equal((select policy #>> '{Rules,0,AbortIncompleteMultipartUpload,DaysAfterInitiation}' from offload.store_policy('media') where document = 'lifecycle'), '7');
select test.equal((select policy #>> '{Rules,0,Filter,Prefix}' from offload.store_policy('media') where document = 'lifecycle'), 'img/');
select test.holds(policy::text like '%arn:aws-cn:s3:::b/*%' and policy::text like '%kms:GenerateDataKey%' and policy::text like '%PutObjectAcl%') from offload.store_policy('china') where document = 'iam';
select test.raises($$select * from offload.store_policy('disk')$$, 'OF016', 'needs no policy');
select test.raises($$select * from offload.store_policy('mdia')$$, 'OF008', 'does not exist', 'media');
