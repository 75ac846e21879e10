"""``python -m actdsl``: the command line."""

from actdsl.cli import main

if __name__ == "__main__":
    main()
