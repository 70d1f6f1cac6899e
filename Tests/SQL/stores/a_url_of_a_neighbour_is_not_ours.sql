select offload.add_store('media', 's3', bucket => 'shop', region => 'eu-central-1', prefix => 'img/');
select test.rows($$select u, offload.lies_in_store(u) from unnest(array['https://shop.s3.eu-central-1.amazonaws.com/img/a',
  'https://shop.s3.eu-central-1.amazonaws.com/img2/a', 'https://shop.s3.eu-central-1.amazonaws.com/', 'https://shop.s3.eu-central-1.amazonaws.com.evil.example/img/a',
  'http://shop.s3.eu-central-1.amazonaws.com/img/a', null]) u$$, array['https://shop.s3.eu-central-1.amazonaws.com/img/a|true',
  'https://shop.s3.eu-central-1.amazonaws.com/img2/a|false', 'https://shop.s3.eu-central-1.amazonaws.com/|false',
  'https://shop.s3.eu-central-1.amazonaws.com.evil.example/img/a|false', 'http://shop.s3.eu-central-1.amazonaws.com/img/a|false', '|false']);
select test.equal(offload.lies_in_store(array['https://elsewhere.example/a', null, 'https://shop.s3.eu-central-1.amazonaws.com/img/a']), true);
select test.equal(offload.lies_in_store(null::text[]), false);
