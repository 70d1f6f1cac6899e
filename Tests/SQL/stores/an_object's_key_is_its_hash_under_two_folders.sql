select test.shop();
select test.rows(format('select key from offload.begin_upload(sha256(%L), 1, %L, ''media'')', t, t), array[
  format('%s/%s/%s.%s', left(h, 2), substr(h, 3, 2), h, e)])
from (values ('image/webp', 'webp'), ('image/jpeg', 'jpg'), ('image/png', 'png'), ('image/gif', 'gif'), ('video/mp4', 'mp4'),
  ('application/pdf', 'pdf'), ('anything/else', 'bin')) v (t, e), encode(sha256(convert_to(t, 'UTF8')), 'hex') h;
