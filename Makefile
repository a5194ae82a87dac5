# The engine of SQLite is left out of the race detector: it would be 30 times slower.
RACE = -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false

.PHONY: run test check bench

run: ## serve the API on :8080
	go run ./cmd/vitrine serve

test: ## run all tests on SQLite and PostgreSQL
	scripts/postgres.sh with test go test ./...

check: ## formatting, vet and the race detector
	test -z "$$(gofmt -l .)"
	go vet ./...
	scripts/postgres.sh with test go test $(RACE) ./...

bench: ## measure against the floors, on a PostgreSQL with full durability
	scripts/postgres.sh with bench go run ./bench > bench/README.md
