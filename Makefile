# `make` alone lists the targets.
LINT_VERSION  = 2.15.0
ADDR         ?= 127.0.0.1:8080
# Inputs for each fuzz target.
INPUTS       ?= 100000
# Runs of each fault under load, each with another random seed. RACE=1 builds the instances with the race detector.
SEEDS        ?= 1
# Flags of `go test` for the test targets: make test TESTFLAGS='-run Position -v'
TESTFLAGS    ?=
# Packages of `make test`.
PKG          ?= ./...
# Servers of the tests: found = from the PATH, or else pinned ones; latest = the newest pinned ones (Linux on x86-64).
SERVERS      ?= found

comma := ,

# $(call with-servers,COMMAND): the command finds the servers on its PATH.
with-servers = path=$$(go run ./internal/servers/cmd/fetch $(SERVERS)) && PATH="$$path" $(1)

.DEFAULT_GOAL := help
.PHONY: help run build servers test test-containers fault e2e engines image compose check lint fmt bench fuzz nightly clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## everything on this machine, with sample contacts; ADDR=host:port for another address
	@ADDR=$(ADDR) exec bin/grapevine dev

build: ## bin/grapevine
	@go build -trimpath -o bin/grapevine ./cmd/grapevine

servers: ## mongod and redis-server: found, or fetched once into the user's cache
	@go run ./internal/servers/cmd/fetch $(SERVERS) >/dev/null

check: lint test ## lint and test: what a change needs before a review

test: ## all tests of PKG on real servers, with the race detector; the page's modules too, if node is installed
	@$(call with-servers,go test $$(.ci/race) -shuffle=on -timeout 10m $(TESTFLAGS) $(PKG))

test-containers: ## the tests that use servers, or those of PKG, on the official images; needs a Docker engine
	@GRAPEVINE_TEST_SERVERS=containers go test -tags docker $$(.ci/race) -shuffle=on -timeout 15m -count=1 $(TESTFLAGS) \
	  $(if $(filter ./...,$(PKG)),$$(grep -rl --include='*_test.go' 'grapevine/internal/realtest' . | xargs -n1 dirname | sort -u),$(PKG))

fault: ## kill, stop, cut off and roll back processes: nothing may be lost or stale; SEEDS=n repeats
	@for proxy in nginx caddy haproxy; do .ci/need $$proxy $$proxy || true; done
	@$(call with-servers,SEEDS=$(SEEDS) go test -tags fault -shuffle=on -parallel 4 -timeout 90m -count=1 $(TESTFLAGS) ./internal/fault/...)

e2e: chromium ## the page in Chromium
	@$(call with-servers,go test -tags e2e -shuffle=on -timeout 15m -count=1 $(TESTFLAGS) ./internal/e2e/...)

engines: chromium ## the main part of the page's tests in Chromium, Firefox and WebKit
	@.ci/need chromedriver chromium-driver
	@.ci/need firefox-esr firefox-esr
	@.ci/need WebKitWebDriver webkit2gtk-driver
	@.ci/need Xvfb xvfb
	@$(call with-servers,go test -tags e2e$(comma)engines $$(.ci/race) -timeout 15m -count=1 -run 'TestEngines|TestLargestFontInFirefox' $(TESTFLAGS) ./internal/e2e)

.PHONY: chromium
chromium:
	@.ci/need chromium chromium

image: ## the container image `grapevine`; the build trusts the certificates that this machine trusts
	@if [ -f /etc/ssl/certs/ca-certificates.crt ]; then cp /etc/ssl/certs/ca-certificates.crt build-ca.crt; fi
	@docker build --quiet --tag grapevine . ; status=$$?; rm -f build-ca.crt; exit $$status

compose: ## docker-compose.yml: insert a contact in MongoDB's container, read it over HTTP, restart everything
	@.ci/compose

lint: ## golangci-lint; for the page, types, eslint and prettier, if node is installed
	@if golangci-lint version 2>/dev/null | grep -qF 'version $(LINT_VERSION) '; then golangci-lint run ./...; \
	else go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINT_VERSION) run ./...; fi
	@.ci/web-lint

fmt: ## format the Go code, and the page if node is installed
	@if golangci-lint version 2>/dev/null | grep -qF 'version $(LINT_VERSION) '; then golangci-lint fmt ./...; \
	else go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINT_VERSION) fmt ./...; fi
	@.ci/web-lint format

bench: ## the benchmarks
	@$(call with-servers,go test -run '^$$' -bench . -benchmem $(TESTFLAGS) ./...)

fuzz: ## every fuzz target with INPUTS (100,000) inputs
	@.ci/fuzz $(INPUTS)

nightly: ## hours of repetition: every fault with 20 seeds and the race detector, 100,000 direct inserts, an upgrade beside the program before, every fuzz target with a million inputs, the page in three engines, the product for arm64
	@$(MAKE) fault SEEDS=20 RACE=1 TESTFLAGS='-timeout 8h'
	@FORMED=100000 $(MAKE) fault TESTFLAGS='-run TestInsertsAreFormedUnderLoad'
	@$(MAKE) fault TESTFLAGS='-tags fault,upgrade -run TestUpgradeBesideTheProgramBefore'
	@$(MAKE) fuzz INPUTS=1000000
	@$(MAKE) engines
	@.ci/arm64

clean: ## remove bin, and .data with the data of `make run`
	@rm -rf bin .data
