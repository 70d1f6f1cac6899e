select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select max(lease::text) as l, array_agg(job) as j from offload.claim(100,'1 minute',0) \gset
select offload.finish(:'j', :'l') \g /dev/null
select count(*) as left from offload.job
