"""``python -m bot`` is ``daybook``."""

from bot.cli import main

if __name__ == "__main__":
    main()
