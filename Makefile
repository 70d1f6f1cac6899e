# The extension, by PGXS: make && make install. The Swift program is built by swift build.
EXTENSION = pg_offload
EXTVERSION = $(shell tail -n 1 sql/releases | cut -d ' ' -f 1)
DATA_built = build/pg_offload--$(EXTVERSION).sql
EXTRA_CLEAN = build

# The program, its manual and what lets shells finish its command lines.
PREFIX ?= /usr/local
SWIFT_BUILD = swift build -c release --static-swift-stdlib --product offload
.PHONY: tool install-tool uninstall-tool

PG_CONFIG ?= pg_config
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))
ifeq ($(PGXS),)
.PHONY: all install
all install:
	@echo 'there is no PGXS: install postgresql-server-dev-15, or name another server: PG_CONFIG=/…/bin/pg_config' >&2; exit 1
else
include $(PGXS)
endif

build/pg_offload--$(EXTVERSION).sql: scripts/build-extension sql/releases sql/extension.sql $(wildcard sql/migrations/*.sql sql/functions/*.sql sql/functions/*/*.sql)
	scripts/build-extension build

tool:
	$(SWIFT_BUILD)

install-tool: tool
	mkdir -p build/tool
	built=$$($(SWIFT_BUILD) --show-bin-path)/offload && \
	  $$built manual >build/tool/offload.1 && \
	  $$built completion bash >build/tool/offload.bash && \
	  $$built completion zsh >build/tool/_offload && \
	  install -D -m 755 -s $$built $(DESTDIR)$(PREFIX)/bin/offload
	install -D -m 644 build/tool/offload.1 $(DESTDIR)$(PREFIX)/share/man/man1/offload.1
	install -D -m 644 build/tool/offload.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/offload
	install -D -m 644 build/tool/_offload $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_offload

uninstall-tool:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/offload share/man/man1/offload.1 share/bash-completion/completions/offload share/zsh/site-functions/_offload)
