# weir: the targets; `make` lists them.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME    ?= 4s
LDFLAGS     := -s -w -X main.version=$(VERSION)

.PHONY: help build demo test check format vet staticcheck floors race fuzz vuln bench accuracy bench-peers bench-redact peers soak profile tidy clean needs needs-peers

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build the static binary bin/weir
	@mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/weir ./cmd/weir

demo: build ## a small shop, its third parties and its visitors behind weir; Ctrl-C ends it
	@./bin/weir demo

test: needs ## run the tests, after installing what they need
	go test ./...

check: needs format vet staticcheck floors race fuzz vuln ## format, vet, staticcheck, floors, race tests, short fuzz

format: ## fail where gofmt or go mod tidy would change something
	@out=$$(gofmt -l cmd proxy redact policy bench); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	go mod tidy -diff

vet: ## go vet, what `peers` runs too; the command builds where developers work
	go vet ./...
	go vet -tags peers ./bench/peers/...
	GOOS=darwin go build -pgo=off -o /dev/null ./cmd/weir

staticcheck: ## staticcheck, at a fixed version
	go run $(STATICCHECK) ./...

floors: ## hold the imports against the house table in README.md
	go test -count=1 -run 'TestFloors' ./cmd/weir

race: ## the tests under the race detector
	go test -race ./...

fuzz: ## each fuzzer for FUZZTIME (4s)
	@.ci/fuzz $(FUZZTIME)

vuln: ## govulncheck, where its database can be reached
	@.ci/vuln $(GOVULNCHECK)

bench: ## what redaction costs: walk, detect, decide, transform, encode, whole exchange
	go test -run '^$$' -bench . -benchmem ./redact/... ./policy ./proxy/accesslog ./proxy/telemetry ./bench

accuracy: ## how much of a made-up corpus is found, beside another open detector: bench/accuracy
	@mkdir -p bin
	go build -o bin/accuracy ./bench/accuracy
	bin/accuracy --generate 50000 --seed $(or $(SEED),1) > bin/corpus.jsonl
	bin/accuracy --corpus bin/corpus.jsonl --kinds --beside alcatraz

bench-peers: needs-peers ## what weir costs beside nginx, HAProxy, Caddy, Squid and goproxy: bench/cost/result.md
	go run ./bench/cost -out bench/cost

bench-redact: ## what redacting an access log costs beside sed, perl and Go's regexp
	go run ./bench/redact

peers: needs needs-peers ## what is too slow for `test`: conformance, hostility and faults beside real peers
	go test -tags peers -count=1 -timeout 60m -v ./bench/peers/...

soak: ## an hour of mixed load on one weir: flat memory, descriptors and goroutines, one entry for each exchange
	go run ./bench/soak -for 1h

profile: ## make the profile by which weir is built (PGO): cmd/weir/default.pgo
	@mkdir -p bin
	go test -run '^$$' -bench 'Serve/(plain|tls)' -benchtime 20s -cpuprofile bin/serve.prof -o bin/bench.test ./bench
	go tool pprof -proto -output cmd/weir/default.pgo bin/serve.prof

tidy: ## gofmt and go mod tidy
	gofmt -w cmd proxy redact policy bench
	go mod tidy

clean: ## remove what was built
	rm -rf bin

needs:
	@.ci/needs

needs-peers:
	@.ci/needs-peers
