"""A worker process; the connection to its caller is its standard input."""

from logitbench.launchers.worker import main

if __name__ == "__main__":
    main()
