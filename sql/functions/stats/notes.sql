-- What a person looking at the pictures should know, row by row.

create or replace view offload.notes as
select t.relation, i.key, c.column_name, i.position, i.detail as note, i.seen_at as at
from offload.item i
join offload.managed_column c on c.id = i.managed_column
join offload.managed_table t on t.id = c.managed_table
where i.refusal is null and i.detail is not null and c.detached_at is null;

comment on view offload.notes is 'What a person looking at the pictures should know, row by row: where transparency was kept, or a damaged file accepted.';
comment on column offload.notes.key is 'The row''s primary key, as text.';
revoke all on offload.notes from public;
