lock:
	uv pip compile --universal --no-strip-extras --generate-hashes --no-header --no-annotate --extra dev --python-version 3.11 -o requirements.txt pyproject.toml
