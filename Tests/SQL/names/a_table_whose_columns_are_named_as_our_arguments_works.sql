create table things (
  key text, keys text, inline_limit text, after text, until text, batch text, rows text, contents bytea, n text, outcome text,
  row_xmin text, managed_column text, "position" text, length text, v_locked text, v_fresh text, leaf text, wish text, r text,
  t text, e text, k text, urls text[], pictures bytea[], primary key (key, after, until, batch, "position", length, n));
select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
select offload.attach('things', 'contents', url_column => 'rows', stores => '{media}');
select offload.attach('things', 'pictures', url_column => 'urls', stores => '{media}');
select offload.attach('things', 'inline_limit', url_column => 'managed_column', stores => '{media}', source_policy => 'replace',
  originals => 'discard');
insert into things (key, after, until, batch, "position", length, n, contents, pictures, inline_limit)
select g, 'a', 'b', 'c', 'd', 'e', 'f', test.png(g), array[test.png(g + 10)], test.base64(g + 20) from generate_series(1, 3) g;
select test.work(1);
select test.equal((select count(*) from things where rows = test.url(contents) and urls = array[test.url(pictures[1])]
  and managed_column = test.url(key::int + 20)), 3);
select offload.sweep('things');
select test.equal(test.work(1), 'nothing');
select test.claim() as lease \gset
update things set contents = test.png(7) where key = '1';
select lease, job from offload.claim() \gset
select test.equal(offload.read_part(:job, :'lease', 1, 0, 4, 3), substr(test.png(7), 5, 3));
