-- The public list of what the stores' URLs begin with: all that the views and triggers know of stores.
--
-- A view with its owner's rights: it shows three harmless columns of a table that nobody else may read.

create or replace view offload.url_prefix as
select u.prefix, s.kind, s.access
from offload.store_url u
join offload.store s on s.id = u.store;

comment on view offload.url_prefix is 'What the URLs of each store begin with; readable by everyone.';
grant select on offload.url_prefix to public;
