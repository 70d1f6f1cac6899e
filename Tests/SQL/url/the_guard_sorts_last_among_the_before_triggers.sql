select test.shop();
select test.holds(tgname > 'zz_offload', tgname) from pg_trigger
where tgrelid = 'products'::regclass and tgtype & 2 = 2;
select test.holds(bool_and(tgname ~ '^zz_offload_(admit|guard|capture|change|truncate)_[0-9]+$'), 'names hold the id of the managed table, no OID')
from pg_trigger where tgrelid = 'products'::regclass and not tgisinternal;
