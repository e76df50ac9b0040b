# SPDX-License-Identifier: GPL-3.0-or-later
#
# The commands that a newcomer needs. `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

# What a Debian 12 machine needs besides Swift: to build, to prepare storage, to measure against.
PACKAGES := git libnuma-dev r-mathlib gcc libc6-dev e2fsprogs xfsprogs util-linux kmod \
  mount fio stress-ng coreutils openssh-client
# The store of experiments, and plots in pages.
PACKAGES += libsqlite3-dev gnuplot-nox
# To build guest kernels, and to boot them.
PACKAGES += make binutils flex bison bc patch xz-utils cpio gzip perl libelf-dev libssl-dev \
  qemu-system-x86
# What the tests need beside these: shells that complete, machines over ssh and their networks, a
# guest that reboots, a cluster, mails, a package; a browser, a checker of XML, other benchmarks.
TEST_PACKAGES := zsh fish openssh-server sudo kexec-tools grub-common busybox-static slurm-wlm \
  munge b4 dpkg-dev iproute2 chromium libxml2-utils poppler-utils strace rt-tests linux-perf

# Swift's libraries are linked statically, so that the binaries run on machines without Swift.
RELEASE := -c release --static-swift-stdlib -Xswiftc -use-ld=lld
BIN := .build/release
# Cgroups and zram need root. Nothing else here does.
ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# Exit codes 3 (regressed) and 4 (inconclusive) are results. The demo does not fail for them.
VERDICT = || { code=$$?; [ $$code = 3 ] || [ $$code = 4 ]; }
# Debug kernels on which `make lab-test` checks the patches' error paths.
DEBUG_KERNELS ?= $(addsuffix +debug,$(addprefix 6.12+pipe-prealloc+dio-,cache kmemcache))
PATCHED := 6.12+pipe-prealloc+dio-cache
DEMO = $(addprefix .build/demo-,kernels.jsonl pipe.jsonl dio.jsonl instructions.jsonl)
TOGGLE := $(BIN)/plumbline toggle demo --kernel $(PATCHED) --switch

# What `make calibrate` compares with itself.
CALIBRATE := $(BIN)/plumbline doctor --calibrate
AA := .build/calibration

.PHONY: help setup build demo smoke calibrate test lab-test fault-test check fmt docs bench results install deb deb-test fuzz clean

help: ## list the targets
	@echo "Plumbline: make TARGET"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables:"
	@echo "  PREFIX         where install puts files (now $(PREFIX)); DESTDIR is put before it"
	@echo "  SWIFT          the swift command (now $(SWIFT))"
	@echo "  ARGS           options of fuzz; of bench, such as ARGS='--only report/html';"
	@echo "                 of results: ARGS=table prints the tables and measures nothing"
	@echo "  DEBUG_KERNELS  debug kernels for lab-test; those of Linux 7.2 are"
	@echo "                 7.2+pipe-prealloc+dio-cache+debug 7.2+pipe-prealloc+dio-kmemcache+debug"

test lab-test fault-test deb-test: PACKAGES += $(TEST_PACKAGES)
setup: ## install missing Debian packages (with sudo if not root)
	@missing=(); \
	if ! command -v dpkg-query >/dev/null; then \
	  echo "This is not Debian. Install what these packages contain: $(PACKAGES)" >&2; \
	  echo "(libnuma and R's libRmath need headers and static libraries)" >&2; \
	  [ -e /usr/include/numa.h ]; exit; \
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
	  echo "Swift 6.2 or later is missing. Install it: https://www.swift.org/install/linux" >&2; exit 1; }

build: setup ## build .build/release/plumbline and plumbline-agent
	$(SWIFT) build $(RELEASE)

demo: build ## build Linux 6.12 without and with our patches, boot and compare them in four ways
	@rm -f $(DEMO)
	$(BIN)/plumbline kernel build 6.12 $(PATCHED)
	@echo "1 of 4: two kernels, by time" >&2
	@$(BIN)/plumbline ab demo --a 6.12 --b $(PATCHED) --budget 24s --output .build/demo-kernels.jsonl >/dev/null $(VERDICT)
	@echo "2 of 4: one kernel, the switch of pipe-prealloc flipped, by time" >&2
	@$(TOGGLE) pipe-prealloc --cells 'pipe/*' --budget 32s --output .build/demo-pipe.jsonl >/dev/null $(VERDICT)
	@echo "3 of 4: one kernel, the switch of dio-cache flipped, by time" >&2
	@$(TOGGLE) dio-cache --cells 'dio/*' --budget 32s --output .build/demo-dio.jsonl >/dev/null $(VERDICT)
	@echo "4 of 4: one kernel, the switch of dio-cache flipped, by instructions" >&2
	@$(TOGGLE) dio-cache --cells 'dio/*' --metric instructions --slice 0.1s --output .build/demo-instructions.jsonl >/dev/null $(VERDICT)
	@echo
	@$(BIN)/plumbline report $(DEMO) --row cell,journal $(VERDICT)
	@echo
	@echo "One journal's whole report: $(BIN)/plumbline report .build/demo-pipe.jsonl"
	@echo "Next, try $(BIN)/plumbline ab --help and $(BIN)/plumbline toggle --help"

smoke: build ## measure the running kernel, with and without memory pressure
	@rm -f .build/smoke.jsonl
	$(ROOT) $(BIN)/plumbline run smoke --output .build/smoke.jsonl
	@echo
	@echo "Journal: .build/smoke.jsonl."
	@echo "Next, try $(BIN)/plumbline run --help or $(BIN)/plumbline doctor"

# Exit code 5, too many differences, is a result: the other parts go on, and the target fails at its end.
calibrate: build ## A/A comparisons of this machine, of a kernel and of one linked anew; goes on when repeated
	@echo "3 parts take some 90 minutes: 20 for this machine, and some 35 for each 20" >&2
	@echo "comparisons of kernels, as fast as guests boot. Journals: $(AA)-*.jsonl; remove $(AA)-* to begin anew." >&2
	$(BIN)/plumbline kernel build 6.12
	@failed=0; part() { code=0; "$$@" || code=$$?; case $$code in 0) ;; 5) failed=5 ;; *) exit $$code ;; esac; }; \
	more() { [ ! -s $(AA)-$$1.jsonl ] || echo --resume; }; \
	echo "1 of 3: this machine, by a placebo" >&2; \
	if [ -e $(AA)-machine.done ]; then part $(CALIBRATE) --journals $(AA)-machine-50ms.jsonl; \
	else rm -f $(AA)-machine-*.jsonl; part $(ROOT) $(CALIBRATE) --output $(AA)-machine.jsonl; touch $(AA)-machine.done; fi; \
	echo "2 of 3: Linux 6.12 and itself, in guests" >&2; \
	part $(CALIBRATE) --kernel 6.12 --output $(AA)-kernel.jsonl $$(more kernel); \
	echo "3 of 3: Linux 6.12 and itself, linked with other layouts" >&2; \
	part $(CALIBRATE) --kernel 6.12 --relinks 16 --output $(AA)-relinked.jsonl $$(more relinked); \
	exit $$failed

test: setup ## build and run the tests; list what was skipped and why
	@.ci/test

lab-test: build ## build kernels, boot and compare them; check the patches on debug kernels (slow)
	$(BIN)/plumbline kernel build 6.12 6.12+pipe-prealloc+dio-cache 6.12+eventfd-direct 6.12+full $(DEBUG_KERNELS)
	@PLUMBLINE_LAB=1 PLUMBLINE_DEBUG_KERNELS='$(DEBUG_KERNELS)' PLUMBLINE_AGENT=$(CURDIR)/$(BIN)/plumbline-agent \
	  .ci/test --filter 'LabExperimentTests|LabRelinkTests|LabRebootTests|LabFleetTests|LabPeersTests|AnotherPathTests|GuestBootTests|GuestProgramTests|LongReportTests|FuzzTests'

fault-test: build ## play each fault, such as kill -9 or a cut connection, and see what is left (slow)
	$(BIN)/plumbline kernel build 6.12
	@PLUMBLINE_FAULTS=1 PLUMBLINE_AGENT=$(CURDIR)/$(BIN)/plumbline-agent .ci/test --filter '^FaultTests|FleetOnSlurmTests/aNode|BrokenKernelProbeTests' $(ARGS)

check: ## check formatting, licence lines, absolute paths and the README's length
	@.ci/check

fmt: ## format the sources in place
	$(SWIFT) format format -i -r Sources Tests Package.swift

docs: setup ## build the articles as web pages in .build/docs; a warning is an error
	@mkdir -p .build/docs
	$(SWIFT) package --allow-writing-to-directory .build/docs generate-documentation --target plumbline \
	  --warnings-as-errors --symbol-graph-minimum-access-level public --output-path .build/docs
	@# The articles link to each other's files, as a forge does. DocC does not follow such links.
	@find .build/docs/data -name '*.json' -exec \
	  sed -i -E 's#"url":"([A-Za-z]+)\.md"#"url":"/documentation/plumbline/\L\1"#g' {} +

results: build ## measure what the article Results reports, and print its tables (about three hours)
	@.ci/results $(ARGS)

bench: build ## compare Plumbline's loops with C loops and with fio, and time its reports
	$(ROOT) $(BIN)/plumbline-bench $(ARGS)

install: build ## install binaries, man pages and shell completions under PREFIX
	$(SWIFT) build $(RELEASE) --product generate-manual
	.ci/install "$(BIN)" "$(DESTDIR)$(PREFIX)"

deb: build ## make a Debian package in .build/deb
	$(SWIFT) build $(RELEASE) --product generate-manual
	@.ci/deb

deb-test: build ## make the Debian package twice, install it into an empty system, and remove it
	$(SWIFT) build $(RELEASE) --product generate-manual
	@.ci/deb-test

fuzz: build ## feed every parser of outside input a million changed inputs (ARGS='--seed 1 --only suite')
	$(BIN)/plumbline-fuzz $(ARGS)

clean: ## remove what was built
	rm -rf .build
