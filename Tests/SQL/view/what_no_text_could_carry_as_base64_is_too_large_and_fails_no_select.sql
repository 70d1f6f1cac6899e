select test.equal(offload.media_source(repeat('A', 536870913), null), 'too_large');
select test.equal(offload.media_url(repeat('A', 536870913), null), null);
select test.equal(offload.media_url(repeat('A', 536870913), 'https://elsewhere.example/1'), 'https://elsewhere.example/1', 'where it lies elsewhere it has its URL');
