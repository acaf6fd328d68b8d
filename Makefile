# Heed: `make run` shows it, `make test` proves it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export CGO_ENABLED := 1
GO ?= go
BIN := bin/heed
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
PG := .cache/postgres

.PHONY: help run build compiler test test-go test-web e2e check fuzz bench timing deps deps-go deps-web deps-servers postgres postgres-stop fmt generate screenshots clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Build and serve the demo brand on http://localhost:8686
	./$(BIN) demo

build: compiler web/dist/index.html ## Build bin/heed with the console inside
	$(GO) build -ldflags "-X main.version=$(VERSION)" -o $(BIN) ./cmd/heed

# The engines are C++ inside: g++ brings what links them.
compiler:
	@command -v g++ >/dev/null || scripts/deps build

web/dist/index.html: web/package-lock.json $(shell find web/src web/index.html web/vite.config.ts -type f 2>/dev/null)
	cd web && npm ci --no-audit --no-fund --loglevel=error && npm run build

test: deps postgres check test-go test-web e2e ## Everything that must pass: what CI runs
	@echo "all tests passed"

# The faults come first and beside two others: they take longest, and wait most of that time.
test-go: build ## Go tests, on SQLite and PostgreSQL, with real servers
	HEED_TEST_POSTGRES="$$(scripts/postgres url)" HEED_TEST_BIN="$(CURDIR)/$(BIN)" $(GO) test -timeout 20m -p 3 ./test/faults ./...

test-web: ## The console's unit tests
	cd web && npm test --silent

e2e: build ## Every page of the console in a real browser, against the real binary
	test -d web/node_modules || (cd web && npm ci --no-audit --no-fund --loglevel=error)
	cd web && HEED_TEST_BIN="$(CURDIR)/$(BIN)" npm run e2e

screenshots: build ## Store a picture of every page in .cache/screenshots, and those of the docs
	test -d web/node_modules || (cd web && npm ci --no-audit --no-fund --loglevel=error)
	cd web && HEED_TEST_BIN="$(CURDIR)/$(BIN)" npm run screenshots

check: deps-go ## Formatting, vet, staticcheck, tidy modules
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt'ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) mod tidy -diff
	@$(GO) run ./cmd/heed openapi | diff -q - api/openapi.json >/dev/null || { echo "api/openapi.json is not what the code says: run HEED_UPDATE=1 go test ./api"; exit 1; }

deps: deps-servers deps-go deps-web ## Install what the tests need: Debian packages, Go and npm modules

deps-servers: ## Install Debian packages: PostgreSQL, Chromium and the like
	scripts/deps

deps-go: ## Download the Go modules
	$(GO) mod download

deps-web: test/clickhouse/node_modules/.package-lock.json ## Install what the tests need from npm
	cd test/sdk && npm ci --no-audit --no-fund --loglevel=error

# ClickHouse's engine for tests: half a gigabyte, so only when it has changed.
test/clickhouse/node_modules/.package-lock.json: test/clickhouse/package-lock.json
	cd test/clickhouse && npm ci --no-audit --no-fund --loglevel=error

postgres: ## Start a PostgreSQL for the tests
	scripts/postgres start

postgres-stop: ## Stop it
	scripts/postgres stop

timing: ## Run every benchmark of the hot path
	$(GO) test -run '^$$' -bench . -benchtime 2s ./collect/... ./stream ./identity ./profile ./rule ./segment ./journey ./decide/... ./channel/... ./insight/...

bench: build ## Load the real binary and print what it holds
	./$(BIN) bench

fuzz: ## Fuzz each target for 30 s
	scripts/fuzz 30s

fmt: ## Format
	gofmt -w $$(git ls-files '*.go')

clean: ## Remove what was built
	rm -rf bin .cache web/dist
