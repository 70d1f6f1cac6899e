select offload.add_store('media', 's3', bucket => 'shop-media', region => 'eu-central-1');
create table galleries (id int primary key, pictures text[]);
select offload.attach('galleries', 'pictures', stores => '{media}', source_policy => 'replace', originals => 'discard');
insert into galleries values (1, array[test.data_uri(1), null, 'no image', test.base64(2)]);
select test.equal(test.work(), 'written 1');
select test.equal(pictures, array[
  'data:image/webp;base64,' || encode(test.object_of(test.png(1)), 'base64'), null, 'no image',
  encode(test.object_of(test.png(2)), 'base64')]) from galleries;
select test.equal(pictures_remote_urls, array[test.url(1), null, null, test.url(2)]) from galleries;
select test.equal((select count(*) from offload.arrival), 0, 'our own write queues nothing');
select offload.configure('galleries', 'pictures', grace => '1 day');
select test.equal(test.work(), 'unchanged 1', 'what was replaced is its own object');
