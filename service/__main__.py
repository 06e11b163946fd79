"""`python -m service` is `tocsin`."""

from service.cli import main

if __name__ == "__main__":
    main()
