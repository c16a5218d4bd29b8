# `make` alone lists the targets.
LINT_VERSION  = 2.15.0
ADDR         ?= 127.0.0.1:8080
FUZZTIME     ?= 1m
# Runs of each load fault: make fault SEEDS=20. RACE=1 make fault: the instances with the race detector
SEEDS        ?= 2
# For the test targets: make test TESTFLAGS='-run Position -v'
TESTFLAGS    ?=

.DEFAULT_GOAL := help
.PHONY: help run build servers test test-containers fault e2e image compose lint bench fuzz clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## everything up on this machine, with sample contacts; ADDR=host:port for another address
	@ADDR=$(ADDR) exec bin/grapevine dev

build: ## bin/grapevine
	@go build -trimpath -o bin/grapevine ./cmd/grapevine

servers: ## mongod and redis-server: found, or fetched once into the user's cache
	@go run ./internal/servers/cmd/fetch >/dev/null

test: servers ## all tests, on real servers, with the race detector
	@.ci/need gcc gcc libc6-dev # for the race detector
	@go test -race -shuffle=on -timeout 10m $(TESTFLAGS) ./...

test-containers: ## the same tests (those that use servers) on the official images, by a Docker engine
	@.ci/need gcc gcc libc6-dev
	@GRAPEVINE_TEST_SERVERS=containers go test -race -shuffle=on -timeout 15m -count=1 $(TESTFLAGS) \
	  $$(grep -rl --include='*_test.go' 'grapevine/internal/realtest' . | xargs -n1 dirname | sort -u)

fault: servers ## processes killed, stopped, cut off and rolled back: nothing lost, nothing stale
	@SEEDS=$(SEEDS) go test -tags fault -shuffle=on -parallel 4 -timeout 90m -count=1 $(TESTFLAGS) ./internal/fault/...
	@[ -n "$$CI" ] || .ci/fuzz $(FUZZTIME) # CI has a step of its own for it

e2e: servers chromium ## the page in a real browser
	@go test -tags e2e -race -shuffle=on -timeout 15m -count=1 $(TESTFLAGS) ./internal/e2e/...

.PHONY: chromium
chromium:
	@.ci/need chromium chromium
	@.ci/need node nodejs

image: ## the container image `grapevine`, trusting what this machine trusts (for docker-compose up)
	@if [ -f /etc/ssl/certs/ca-certificates.crt ]; then cp /etc/ssl/certs/ca-certificates.crt build-ca.crt; fi
	@docker build --quiet --tag grapevine . ; status=$$?; rm -f build-ca.crt; exit $$status

compose: ## docker-compose.yml tried: a contact inserted in MongoDB's container, read over HTTP, all restarted
	@.ci/compose

lint: ## golangci-lint (vet, staticcheck, gofumpt and more), pinned
	@if golangci-lint version 2>/dev/null | grep -qF 'version $(LINT_VERSION) '; then golangci-lint run ./...; \
	else go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINT_VERSION) run ./...; fi

bench: servers ## the benchmarks
	@go test -run '^$$' -bench . -benchmem $(TESTFLAGS) ./...

fuzz: ## every fuzz target for FUZZTIME each (1m)
	@.ci/fuzz $(FUZZTIME)

clean: ## removes bin and .data, the data of `make run`
	@rm -rf bin .data
