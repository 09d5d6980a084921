"""One rule a file, ``lb101.py``: its docstring is the user's page, ``SEVERITY`` and ``check`` are the rule."""
