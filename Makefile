# Every target is a line that can be typed as well.

# What only computes is left out of the race detector: the engine of SQLite, hashes
# and pictures would be 10 to 30 times slower. So is nonsense in requests, which comes
# one after the other.
RACE = -race -skip=^TestNonsense $(foreach package,modernc.org/sqlite/lib modernc.org/libc golang.org/x/crypto/argon2 \
	golang.org/x/crypto/blake2b github.com/deepteams/webp/... golang.org/x/image/...,-gcflags=$(package)=-race=false)

TOOL = go tool -modfile=tools/go.mod

.PHONY: help run test e2e lint generate generated race check fuzz accept bench soak pictures dist

help: ## list what can be made
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' Makefile | expand -t 12

run: ## open the demo on http://localhost:8080: three stores to look around in, kept in vitrine.db
	go run ./cmd/vitrine demo

test: ## run all tests on SQLite and PostgreSQL, those in the browser too
	scripts/postgres.sh with test go test ./...
	scripts/postgres.sh with test scripts/e2e.sh

e2e: ## run the browser tests alone, on SQLite and PostgreSQL
	scripts/postgres.sh with test scripts/e2e.sh

lint: ## look for what tools find: formatting, vet, staticcheck, errcheck, gosec, the API's description, what is vendored
	$(TOOL) gofumpt -d .
	go vet ./...
	$(TOOL) staticcheck ./...
	$(TOOL) errcheck -exclude tools/errcheck.txt ./...
	scripts/gosec.sh
	scripts/redocly.sh
	scripts/vendor.sh check

generate: ## write anew what is made from sources
	go generate ./...

generated: ## fail when what is made from sources is not up to date
	scripts/generated.sh

race: ## run all tests with the race detector, on SQLite and PostgreSQL
	scripts/need.sh $$(go env CC) "gcc libc6-dev"
	scripts/postgres.sh with test go test $(RACE) -timeout=20m ./internal/...

check: lint generated race ## everything that a change must pass

fuzz: ## throw random input at everything that reads foreign bytes, FUZZTIME each (30s)
	scripts/fuzz.sh

accept: ## run the long proofs: kills, soaks, large stores and Lighthouse, for up to two hours
	VITRINE_TEST_ACCEPT=1 scripts/postgres.sh with test go test -count=1 -timeout=2h ./...
	scripts/lighthouse.sh

SOAK_TIME = 10m
SOAK_KILLS = 20

soak: ## use one and then two processes for SOAK_TIME (10m), with SOAK_KILLS (20) kills each of Vitrine and of a PostgreSQL of their own; fill a disk
	VITRINE_SOAK=$(SOAK_TIME) VITRINE_SOAK_KILLS=$(SOAK_KILLS) scripts/postgres.sh with test go test ./cmd/vitrine -run=TestSoak -count=1 -v -timeout=2h

pictures: ## take the README's pictures anew, from a demo of their own
	scripts/pictures.sh

bench: ## measure against the floors, on a PostgreSQL with full durability
	scripts/postgres.sh with bench go run ./bench -o bench/README.md

dist: ## build what is released: static binaries, archives, packages for Debian, their checksums
	scripts/dist.sh
