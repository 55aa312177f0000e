# What a newcomer types. Everything behind it stands in scripts/ and xtask/.
.DEFAULT_GOAL := help
.PHONY: help run dev test end2end soak fuzz audit bench screenshots fmt lint clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Set up, build in release mode and start MecaPy; ONCE=1 runs the bolt example and ends
	@scripts/run $(if $(ONCE),--once)

dev: ## Set up, build in debug mode, start, and do it again whenever a source file changes
	@scripts/setup && cargo xtask watch

test: ## Set up and run everything that tests the project
	@scripts/test

end2end: ## Only the tests in a browser; ARGS="--grep plot" chooses
	@scripts/test browser $(ARGS)

soak: ## Run calculations for MINUTES (10) and check that none is lost and nothing grows
	@scripts/soak $(or $(MINUTES),10)

fuzz: ## Fuzz every parser of outside input, SECONDS (60) each; TARGET=results chooses
	@scripts/fuzz $(or $(SECONDS),60) $(TARGET)

audit: ## Look for known holes, licences and sources in what ships
	@scripts/audit

bench: ## Measure the figures of the release build
	@bench/all

screenshots: ## Take every page in both themes, widths and languages into OUT (target/screenshots)
	@scripts/screenshots $(or $(OUT),target/screenshots)

fmt: ## Format all sources
	@scripts/setup test && cargo fmt --all && .venv/dev/bin/ruff format worker/python sdk/python examples bench xtask deploy/tests

lint: ## The checks of make test that run nothing
	@scripts/test format lint

clean: ## Remove what was built; data, environments and npm packages stay
	@cargo clean
