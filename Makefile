# make run    builds everything and starts a server with a sample case; its data is in ./data
# make test   installs what the tests need, and runs every check there is

HEJIE := target/release/hejie

.PHONY: run build web test clean

run: build
	@$(HEJIE) demo

build: web
	@command -v cc >/dev/null || { echo "A C compiler is missing. On Debian or Ubuntu: apt install gcc libc6-dev" >&2; exit 1; }
	cargo build --release --locked

# What web/dist holds is embedded in the server.
web: web/node_modules/.package-lock.json
	@cd web && npm run --silent build -- --logLevel warn

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js with npm is missing (20.19 or later)." >&2; exit 1; }
	cd web && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
	@touch $@

test:
	@tests/run

clean:
	rm -rf target web/dist web/node_modules
