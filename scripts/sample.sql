-- A shop's table as an application has it, and pictures that are drawn here: PNG as any program writes it, uncompressed.

create table if not exists products (
  id bigint generated always as identity primary key,
  name text not null,
  image text
);

create function pg_temp.drawing(seed int, width int, height int) returns bytea language sql as $$
  select pg_catalog.string_agg(
    case when x = -1 then '\x00'::bytea else pg_catalog.decode(
      lpad(to_hex((128 + 90 * sin(x * (seed + 2) / 61.0) + 30 * cos(y / 17.0))::int), 2, '0')
      || lpad(to_hex((127 + 100 * cos(((x - width / 2) ^ 2 + (y - height / 2) ^ 2) / (3000 + 400 * seed)))::int), 2, '0')
      || lpad(to_hex((x * 96 / width + y * 96 / height + seed * 7) % 256), 2, '0'), 'hex') end, '' order by y, x)
  from generate_series(0, height - 1) y, generate_series(-1, width - 1) x
$$;

create function pg_temp.crc_and_adler(data bytea, out crc bigint, out adler bigint) language plpgsql as $$
declare
  v_table bigint[];
  v_entry bigint;
  v_byte int;
  v_a bigint := 1;
  v_b bigint := 0;
begin
  for n in 0..255 loop
    v_entry := n;
    for k in 1..8 loop
      v_entry := case when v_entry & 1 = 1 then 3988292384 # (v_entry >> 1) else v_entry >> 1 end;
    end loop;
    v_table[n] := v_entry;
  end loop;
  crc := 4294967295;
  for i in 0..length(data) - 1 loop
    v_byte := get_byte(data, i);
    crc := v_table[(crc # v_byte) & 255] # (crc >> 8);
    v_a := (v_a + v_byte) % 65521;
    v_b := (v_b + v_a) % 65521;
  end loop;
  crc := crc # 4294967295;
  adler := (v_b << 16) | v_a;
end;
$$;

create function pg_temp.chunk(kind text, data bytea) returns bytea language sql as $$
  select int4send(length(data)) || kind::bytea || data
    || substr(int8send((pg_temp.crc_and_adler(kind::bytea || data)).crc), 5)
$$;

create function pg_temp.png(seed int, width int, height int) returns bytea language plpgsql as $$
declare
  v_rows bytea := pg_temp.drawing(seed, width, height);
  v_blocks bytea := '\x7801';
  v_part bytea;
begin
  -- Blocks that are stored as they are: 65,535 bytes at most, their length in little-endian order, twice.
  for start in 0..length(v_rows) - 1 by 65535 loop
    v_part := substr(v_rows, start + 1, 65535);
    v_blocks := v_blocks || case when start + 65535 >= length(v_rows) then '\x01'::bytea else '\x00'::bytea end
      || set_byte(set_byte('\x0000', 0, length(v_part) & 255), 1, length(v_part) >> 8)
      || set_byte(set_byte('\x0000', 0, ~length(v_part) & 255), 1, (~length(v_part) >> 8) & 255)
      || v_part;
  end loop;
  v_blocks := v_blocks || substr(int8send((pg_temp.crc_and_adler(v_rows)).adler), 5);
  return '\x89504e470d0a1a0a'::bytea
    || pg_temp.chunk('IHDR', int4send(width) || int4send(height) || '\x0802000000'::bytea)
    || pg_temp.chunk('IDAT', v_blocks) || pg_temp.chunk('IEND', '');
end;
$$;
