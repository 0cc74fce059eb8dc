# Every command of the project; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help install demo test check lint audit bench pictures messages
.SUFFIXES:

PY := .venv/bin/python

# What another project left in the shell must not reach this one.
unexport SECRET_KEY TOKEN_KEYS DATABASE_URL REDIS_URL PUBLIC_URL EVOTOR_API_URL EVOTOR_CA_BUNDLE EVOTOR_APP_SECRET
unexport VK_ID_URL VK_API_URL VK_CA_BUNDLE VK_CLIENT_ID SMTP_URL MAIL_FROM METRICS_TOKEN PROMETHEUS_MULTIPROC_DIR
unexport MEDIA_DIR VK_READ_INTERVAL_SECONDS VK_ITEM_LIMIT VK_DAILY_LIMIT VK_ALBUM_LIMIT VK_ALBUM_ITEM_LIMIT
unexport VK_CALLS_PER_SECOND VK_SHOWS_WITHIN_SECONDS
unexport HEALTH_CHECK_INTERVAL_SECONDS CATALOG_REFRESH_INTERVAL_SECONDS CATALOG_DROP_GUARD_PERCENT
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV
unexport FLASK_APP FLASK_DEBUG FLASK_ENV GUNICORN_CMD_ARGS WEB_CONCURRENCY
unexport RQ_REDIS_URL RQ_CONFIG PYTEST_ADDOPTS

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s  %s\n", $$1, $$2 }' Makefile

install: .venv/.installed ## create .venv with everything

demo: .venv/.installed ## run the whole product on http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(PY) run/demo.py

test: .venv/.installed ## run every test: SQLite and PostgreSQL, queue, worker, browser
	@$(PY) run/find_browser.py
	@$(PY) -m pytest -n 4 --dist=worksteal

bench: .venv/.installed ## measure speed and memory into docs/benchmarks.md (FULL=1: a million goods)
	@$(PY) -m bench

pictures: .venv/.installed ## take the pictures of docs/pictures anew, from a demo of their own
	@$(PY) run/find_browser.py
	@$(PY) run/take_pictures.py

messages: .venv/.installed ## bring translations/ up to the sentences of the code
	@$(PY) run/collect_messages.py

lint: .venv/.installed
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m djlint templates sandbox/templates --lint --quiet
	@find app -name '*.py' -exec awk 'FNR == 251 { print FILENAME ": more than 250 lines"; bad = 1 } END { exit bad }' {} +

audit: .venv/.installed
	$(PY) run/audit_dependencies.py

check: lint audit ## lint, types, import contracts, templates, known vulnerabilities, then the tests
	@$(MAKE) --no-print-directory test

.venv/.installed: setup.cfg pyproject.toml constraints.txt run/create_venv.sh
	@sh run/create_venv.sh
	@touch $@
