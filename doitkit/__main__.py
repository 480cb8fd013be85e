"""`python -m doitkit`."""

from doitkit.cli import main

if __name__ == "__main__":
    main()
