# `make` alone lists the targets.
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
ADDR         ?= 127.0.0.1:8080
FUZZTIME     ?= 30s
# For the test targets: make test TESTFLAGS='-run Position -v'
TESTFLAGS    ?=

.DEFAULT_GOAL := help
.PHONY: help run build servers test test-containers fault e2e compose lint bench fuzz clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## everything up on this machine, with sample contacts; ADDR=host:port for another address
	@ADDR=$(ADDR) exec bin/grapevine dev

build: ## bin/grapevine
	@go build -trimpath -o bin/grapevine ./app

servers: ## mongod and redis-server: found, or fetched once into the user's cache
	@go run ./internal/servers/cmd/fetch >/dev/null

test: servers ## all tests, on real servers, with the race detector
	@go test -race -shuffle=on -timeout 10m $(TESTFLAGS) ./...

test-containers: ## the same tests on the official images, where a Docker engine answers
	@GRAPEVINE_TEST_SERVERS=containers go test -race -shuffle=on -timeout 15m -count=1 $(TESTFLAGS) ./...

fault: servers ## processes killed, stopped, cut off and rolled back: nothing lost, nothing stale
	@go test -tags fault -shuffle=on -timeout 30m -count=1 $(TESTFLAGS) ./internal/fault/...

e2e: servers chromium ## the page in a real browser
	@go test -tags e2e -race -shuffle=on -timeout 15m -count=1 $(TESTFLAGS) ./internal/e2e/...

.PHONY: chromium
chromium:
	@.ci/need chromium chromium

compose: ## docker-compose.yml brought up, a contact inserted in MongoDB and read over HTTP, all taken down
	@.ci/compose

lint: ## golangci-lint (vet, staticcheck, gofumpt and more), pinned
	@go run $(GOLANGCI_LINT) run ./...

bench: servers ## the benchmarks
	@go test -run '^$$' -bench . -benchmem $(TESTFLAGS) ./...

fuzz: ## every fuzz target for FUZZTIME each (30s)
	@.ci/fuzz $(FUZZTIME)

clean: ## removes bin and .data, the data of `make run`
	@rm -rf bin .data
