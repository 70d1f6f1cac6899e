select test.raises($$select offload.add_store('m', 's3', bucket => 'b', credentials => '{"access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": "S"}')$$, 'OF021', '"m"', 'names');
select test.raises($$select offload.add_store('m', 's3', bucket => 'b', credentials => '{"secret_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}')$$, 'OF021', '"m"');
select test.raises($$select offload.add_store('m', 's3', bucket => 'b', credentials => '{"secret_key": "0123456789abcdef0123456789abcdef01234567"}')$$, 'OF021', '"m"');
select test.raises($$select offload.add_store('m', 's3', bucket => 'b', credentials => '["A"]')$$, 'OF021', '"m"');
select test.raises($$select offload.add_store('m', 's3', bucket => 'b', credentials => '{"a": {"b": "c"}}')$$, 'OF021', '"m"');
do $$
begin
  perform offload.add_store('m', 's3', bucket => 'b', credentials => '{"secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}');
exception when sqlstate 'OF021' then
  raise notice 'refused: %', sqlerrm;
end;
$$;
-- never says: wJalr
-- says: refused: the credentials of store "m" are not names of environment variables
select test.equal((select count(*) from offload.store), 0);
