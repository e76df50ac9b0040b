# SPDX-License-Identifier: GPL-3.0-or-later
#
# Everything a newcomer types. `make help` explains.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

# What a Debian 12 machine needs besides Swift: to build, to prepare storage, to measure against.
PACKAGES := git liburing-dev libnuma-dev r-mathlib gcc libc6-dev e2fsprogs xfsprogs util-linux kmod \
  mount fio
# To build guest kernels, and to boot them.
PACKAGES += make binutils flex bison bc patch xz-utils cpio gzip perl libelf-dev libssl-dev \
  qemu-system-x86

# Static Swift libraries: the binaries run on machines that have no Swift.
RELEASE := -c release --static-swift-stdlib -Xswiftc -use-ld=lld
BIN := .build/release
# Cgroups and zram need root; nothing else of ours does.
ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# A verdict of 3 (regressed) or 4 (inconclusive) is a result, no failure of the demo.
VERDICT = || { code=$$?; [ $$code = 3 ] || [ $$code = 4 ]; }
# On these, which look for their own mistakes, the patches' error paths are taken.
DEBUG_KERNELS ?= 6.12+pipe-prealloc+dio-cache+debug 6.12+pipe-prealloc+dio-kmemcache+debug
DEMO := $(BIN)/plumbline ab demo --a 6.12 --b 6.12+pipe-prealloc+dio-cache

.PHONY: help setup build demo smoke test lab-test check fmt bench install clean

help: ## explain the targets
	@echo "Plumbline: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: PREFIX (now $(PREFIX)), DESTDIR, SWIFT, ARGS (for bench: --pairs 20 --only psync),"
	@echo "  DEBUG_KERNELS (for lab-test: those on which the patches are proved; the other version's:"
	@echo "  7.2-pipe-prealloc+dio-cache+debug 7.2-pipe-prealloc+dio-kmemcache+debug)"

setup: ## install the Debian packages that are missing (sudo when not root)
	@missing=(); \
	if ! command -v dpkg-query >/dev/null; then \
	  echo "This is not Debian. Install the equivalents of: $(PACKAGES)" >&2; \
	  echo "(liburing, libnuma and R's libRmath with headers and static libraries, mkfs.ext4, mkfs.xfs, fio)" >&2; \
	  [ -e /usr/include/liburing.h ] && [ -e /usr/include/numa.h ]; exit; \
	fi; \
	for package in $(PACKAGES); do \
	  dpkg-query -W -f '$${Status}\n' $$package 2>/dev/null | grep -q ' installed$$' \
	    || missing+=($$package); \
	done; \
	if [ $${#missing[@]} -gt 0 ]; then \
	  echo "installing $${missing[*]}" >&2; \
	  { $(ROOT) apt-get update -qq && \
	    $(ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${missing[@]}"; } >&2; \
	fi
	@command -v $(SWIFT) >/dev/null || { \
	  echo "Swift 6.2 or later is missing: see https://www.swift.org/install/linux" >&2; exit 1; }

build: setup ## build .build/release/plumbline and plumbline-agent
	$(SWIFT) build $(RELEASE)

demo: build ## Linux 6.12 against itself with both patches: builds, boots and compares them
	@rm -f .build/demo.jsonl .build/demo-instructions.jsonl
	$(BIN)/plumbline kernel build 6.12 6.12+pipe-prealloc+dio-cache
	$(DEMO) --budget 36s --output .build/demo.jsonl $(VERDICT)
	@echo
	$(DEMO) --lens instructions --cells 'dio/*' --output .build/demo-instructions.jsonl $(VERDICT)
	@echo
	@echo "Journals: .build/demo.jsonl, .build/demo-instructions.jsonl. Next: $(BIN)/plumbline ab --help"

smoke: build ## measure this machine's own kernel, with and without memory pressure
	@rm -f .build/smoke.jsonl
	$(ROOT) $(BIN)/plumbline run smoke --output .build/smoke.jsonl
	@echo
	@echo "The journal is .build/smoke.jsonl. Next: $(BIN)/plumbline run --help, $(BIN)/plumbline doctor"

test: setup ## build and run the tests; prints what was skipped and why
	@.ci/test

lab-test: build ## build kernels, boot them, compare them: minutes, and the first time some more
	$(BIN)/plumbline kernel build 6.12 6.12+pipe-prealloc+dio-cache $(DEBUG_KERNELS)
	@PLUMBLINE_LAB=1 PLUMBLINE_DEBUG_KERNELS='$(DEBUG_KERNELS)' PLUMBLINE_AGENT=$(CURDIR)/$(BIN)/plumbline-agent \
	  .ci/test --filter 'LabExperimentTests|GuestBootTests'

check: ## formatting, licences, no absolute paths
	@.ci/check

fmt: ## format the sources in place
	$(SWIFT) format format -i -r Sources Tests Package.swift

bench: build ## Plumbline against a bare C loop and fio, pair by pair; prints ratios
	$(ROOT) $(BIN)/plumbline-bench $(ARGS)

install: build ## put binaries, man pages and shell completions under PREFIX
	$(SWIFT) build $(RELEASE) --product generate-manual
	.ci/install "$(BIN)" "$(DESTDIR)$(PREFIX)"

clean: ## remove what was built
	rm -rf .build
