-- One value of 512 MiB and a byte, made once.
select test.rows($$
  select offload.media_source(v.source, null), offload.media_url(v.source, null), offload.media_url(v.source, 'https://elsewhere.example/1')
  from (select repeat('A', 536870913) as source offset 0) v$$,
  array['too_large||https://elsewhere.example/1'], 'where it lies elsewhere it has its URL');
