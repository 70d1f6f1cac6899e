-- A line for each fact of the schema: what two installs, an upgrade and a restored dump must have in common.
--
--   psql -XAtq -f sql/fingerprint.sql
--
-- Names stand for OIDs, and nothing is said of extensions: both routes must give the same lines. What was generated
-- for attached tables belongs to it, wherever it lies: triggers that call functions of ours, views that do.

set search_path = pg_catalog, pg_temp;
with relation as (
  select c.*, n.nspname, pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
    case c.relkind
      when 'r' then 'table' when 'p' then 'table' when 'v' then 'view' when 'm' then 'materialized view'
      when 'S' then 'sequence' when 'f' then 'foreign table' when 'c' then 'composite type' when 'i' then 'index'
      when 'I' then 'index'
    end as kind
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'offload' or c.oid in (
    select w.ev_class
    from pg_catalog.pg_rewrite w
    join pg_catalog.pg_depend d
      on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
      and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    join pg_catalog.pg_proc p on p.oid = d.refobjid
    join pg_catalog.pg_namespace m on m.oid = p.pronamespace and m.nspname = 'offload')
), routine as (
  select p.*, p.oid::pg_catalog.regprocedure::text as name
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace and n.nspname = 'offload'
), type_ as (
  select t.*, t.oid::pg_catalog.regtype::text as name
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace and n.nspname = 'offload'
  where t.typcategory <> 'A'
    and (t.typrelid = 0 or exists (select from pg_catalog.pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
), attribute as (
  select
    r.kind, r.name as relation, a.*, r.name || '.' || pg_catalog.quote_ident(a.attname) as name,
    row_number() over (partition by a.attrelid order by a.attnum) as place
  from relation r
  join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  where r.kind not in ('index', 'sequence')
), trigger_ as (
  select t.*, pg_catalog.format('%I on %s', t.tgname, t.tgrelid::pg_catalog.regclass) as name
  from pg_catalog.pg_trigger t
  where not t.tgisinternal
    and (t.tgrelid in (select r.oid from relation r) or t.tgfoid in (select f.oid from routine f))
), constraint_ as (
  select
    k.*,
    pg_catalog.format('%I on %s', k.conname, case when k.conrelid <> 0 then k.conrelid::pg_catalog.regclass::text
      else k.contypid::pg_catalog.regtype::text end) as name
  from pg_catalog.pg_constraint k
  where k.conrelid in (select r.oid from relation r) or k.contypid in (select t.oid from type_ t)
), privilege (on_what, acl) as (
  select 'schema offload', coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))
  from pg_catalog.pg_namespace n where n.nspname = 'offload'
  union all
  select r.kind || ' ' || r.name,
    coalesce(r.relacl, pg_catalog.acldefault(case r.kind when 'sequence' then 's' else 'r' end::"char", r.relowner))
  from relation r where r.kind not in ('index', 'composite type')
  union all
  select 'column ' || a.name, a.attacl from attribute a
  union all
  select 'function ' || f.name, coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner)) from routine f
  union all
  select 'type ' || t.name, coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner)) from type_ t
  union all
  select pg_catalog.format('default for %s in schema offload', d.defaclobjtype), d.defaclacl
  from pg_catalog.pg_default_acl d
  join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace and n.nspname = 'offload'
), comment_ (on_what, classid, objid, objsubid) as (
  select 'schema offload', 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, 0
  from pg_catalog.pg_namespace n where n.nspname = 'offload'
  union all
  select r.kind || ' ' || r.name, 'pg_catalog.pg_class'::pg_catalog.regclass, r.oid, 0 from relation r
  union all
  select 'column ' || a.name, 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum::int from attribute a
  union all
  select 'function ' || f.name, 'pg_catalog.pg_proc'::pg_catalog.regclass, f.oid, 0 from routine f
  union all
  select 'type ' || t.name, 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 0 from type_ t
  union all
  select 'trigger ' || t.name, 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid, 0 from trigger_ t
  union all
  select 'constraint ' || k.name, 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 0 from constraint_ k
), fact (what, fact) as (
  select 'schema offload', 'owner ' || pg_catalog.pg_get_userbyid(n.nspowner)
  from pg_catalog.pg_namespace n where n.nspname = 'offload'

  union all
  select r.kind || ' ' || r.name, pg_catalog.concat_ws(', ',
    'owner ' || pg_catalog.pg_get_userbyid(r.relowner),
    'persistence ' || r.relpersistence::text,
    'options ' || coalesce((select pg_catalog.string_agg(o.name, ' ' order by o.name)
      from pg_catalog.unnest(r.reloptions) o (name)), 'none'),
    'access method ' || (select m.amname from pg_catalog.pg_am m where m.oid = r.relam),
    'replica identity ' || r.relreplident::text,
    case when r.relrowsecurity then 'row security' end,
    case when r.relforcerowsecurity then 'row security forced' end,
    case when r.relispartition then 'partition ' || pg_catalog.pg_get_expr(r.relpartbound, r.oid) end,
    'partitioned ' || pg_catalog.pg_get_partkeydef(r.oid))
  from relation r

  union all
  select 'column ' || a.name, pg_catalog.concat_ws(', ',
    'place ' || a.place,
    'type ' || pg_catalog.format_type(a.atttypid, a.atttypmod),
    'collation ' || nullif(a.attcollation, 0)::pg_catalog.regcollation::text,
    case when a.attnotnull then 'not null' end,
    case when a.attgenerated <> '' then 'generated ' || a.attgenerated::text end,
    case when a.attidentity <> '' then 'identity ' || a.attidentity::text end,
    'default ' || (
      select pg_catalog.pg_get_expr(d.adbin, d.adrelid)
      from pg_catalog.pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum),
    'storage ' || a.attstorage::text,
    'compression ' || nullif(a.attcompression::text, ''),
    -- pg_attver is the server's own count, not a setting; some minor releases have it, and pg_dump leaves it out.
    'options ' || (
      select pg_catalog.string_agg(o.name, ' ' order by o.name)
      from pg_catalog.unnest(a.attoptions) o (name) where o.name !~ '^pg_attver='))
  from attribute a

  union all
  select 'constraint ' || k.name, pg_catalog.pg_get_constraintdef(k.oid)
  from constraint_ k

  union all
  select 'index ' || r.name, pg_catalog.concat_ws(', ',
    pg_catalog.pg_get_indexdef(r.oid),
    case when not i.indisvalid then 'not valid' end, case when i.indisclustered then 'clustered' end)
  from relation r
  join pg_catalog.pg_index i on i.indexrelid = r.oid

  union all
  select 'sequence ' || r.name, pg_catalog.format('%s from %s to %s, start %s, step %s, cache %s, cycle %s, of %s',
    s.seqtypid::pg_catalog.regtype, s.seqmin, s.seqmax, s.seqstart, s.seqincrement, s.seqcache, s.seqcycle,
    coalesce((
      select pg_catalog.format('%s.%I', d.refobjid::pg_catalog.regclass, a.attname)
      from pg_catalog.pg_depend d
      join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = r.oid and d.deptype in ('a', 'i')),
      'nothing'))
  from relation r
  join pg_catalog.pg_sequence s on s.seqrelid = r.oid

  union all
  -- The server sets blanks beside parentheses in another way once it has read its own text.
  select r.kind || ' ' || r.name,
    'as' || pg_catalog.regexp_replace(pg_catalog.pg_get_viewdef(r.oid), '\s*([()])\s*', '\1', 'g')
  from relation r where r.kind in ('view', 'materialized view')

  union all
  select 'rule ' || w.rulename || ' on ' || r.name, w.ev_enabled::text || ' ' || pg_catalog.pg_get_ruledef(w.oid)
  from relation r
  join pg_catalog.pg_rewrite w on w.ev_class = r.oid and w.rulename <> '_RETURN'

  union all
  select 'policy ' || p.polname || ' on ' || r.name, pg_catalog.format('%s, permissive %s, to %s, using %s, check %s',
    p.polcmd, p.polpermissive,
    array(
      select case when o.oid = 0 then 'public' else pg_catalog.pg_get_userbyid(o.oid) end
      from pg_catalog.unnest(p.polroles) o (oid) order by 1),
    pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
  from relation r
  join pg_catalog.pg_policy p on p.polrelid = r.oid

  union all
  select 'trigger ' || t.name, pg_catalog.format('%s, enabled %s%s', pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled,
    case when t.tgparentid <> 0 then ', of the parent' else '' end)
  from trigger_ t

  union all
  select 'function ' || f.name, 'owner ' || pg_catalog.pg_get_userbyid(f.proowner) from routine f
  union all
  select 'function ' || f.name, case when f.prokind = 'a' then 'aggregate' else pg_catalog.pg_get_functiondef(f.oid) end
  from routine f

  union all
  select 'type ' || t.name, pg_catalog.concat_ws(', ',
    'kind ' || t.typtype::text,
    'owner ' || pg_catalog.pg_get_userbyid(t.typowner),
    'of ' || nullif(t.typbasetype, 0)::pg_catalog.regtype::text,
    case when t.typnotnull then 'not null' end,
    'default ' || t.typdefault,
    'labels ' || (
      select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ' ' order by e.enumsortorder)
      from pg_catalog.pg_enum e where e.enumtypid = t.oid))
  from type_ t

  union all
  select 'statistics ' || s.stxname, pg_catalog.pg_get_statisticsobjdef(s.oid)
  from pg_catalog.pg_statistic_ext s
  join relation r on r.oid = s.stxrelid

  union all
  select p.on_what, pg_catalog.format('%s may %s%s, granted by %s',
    case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end, a.privilege_type,
    case when a.is_grantable then ' and grant it' else '' end, pg_catalog.pg_get_userbyid(a.grantor))
  from privilege p
  cross join lateral pg_catalog.aclexplode(p.acl) a

  union all
  select c.on_what, 'comment ' || d.description
  from comment_ c
  join pg_catalog.pg_description d on d.classoid = c.classid and d.objoid = c.objid and d.objsubid = c.objsubid

  union all
  select 'migration ' || m.number, m.name from offload.migration m
)
select pg_catalog.replace(f.what || ': ' || f.fact, E'\n', '\n') as line
from fact f
order by f.what collate "C", f.fact collate "C";
