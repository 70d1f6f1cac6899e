# The extension, by PGXS: make && make install. The Swift program is built by swift build.
EXTENSION = pg_offload
EXTVERSION = $(shell tail -n 1 sql/releases | cut -d ' ' -f 1)
DATA_built = build/pg_offload--$(EXTVERSION).sql
EXTRA_CLEAN = build

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

build/pg_offload--$(EXTVERSION).sql: scripts/build-extension sql/releases sql/extension.sql $(wildcard sql/migrations/*.sql sql/functions/*.sql sql/functions/*/*.sql)
	scripts/build-extension build
