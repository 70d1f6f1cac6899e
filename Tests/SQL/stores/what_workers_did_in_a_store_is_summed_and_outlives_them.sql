select test.shop();
select offload.heartbeat('00000000-0000-0000-0000-00000000000a', 'a', 1, '1'), offload.heartbeat('00000000-0000-0000-0000-00000000000b', 'b', 1, '1');
select test.rows('select puts, retries, failures, last_error, circuit, circuit_open_until from offload.store_stats', array['0|0|0||closed|']);
select offload.note_store('00000000-0000-0000-0000-00000000000a', 'media', 10, 2, 1, 'SlowDown', null);
select offload.note_store('00000000-0000-0000-0000-00000000000b', 'media', 5, 0, 5, 'it is down', '1 minute');
select offload.note_store('00000000-0000-0000-0000-00000000000a', 'media', 11, 2, 1, 'SlowDown', null);
select test.rows('select puts, retries, failures, last_error, circuit, circuit_open_until > clock_timestamp() from offload.store_stats',
  array['16|2|6|it is down|open|true']);
select offload.note_store('00000000-0000-0000-0000-00000000000b', 'media', 5, 0, 5, null, '-1 second');
select test.rows('select circuit, circuit_open_until, last_error from offload.store_stats', array['half_open||it is down']);
select offload.note_store('00000000-0000-0000-0000-00000000000b', 'media', 6, 0, 5);
select test.rows('select circuit from offload.store_stats', array['closed']);
update offload.store_work set noted_at = noted_at - interval '2 days';
select offload.note_store('00000000-0000-0000-0000-00000000000c', 'media', 1, 0, 0);
select test.rows('select puts, retries, failures, last_error from offload.store_stats', array['18|2|6|it is down']);
select test.equal((select count(*) from offload.store_work), 2, 'one for those that are gone, one for the one that is there');
