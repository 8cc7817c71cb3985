"""Slack's limits, in one table (Block Kit reference; the message sum is measured, undocumented)."""

BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100
VIEW_CHARACTERS = 240_000  # of a view's blocks as JSON; Slack refuses views over 250 kB
CHARACTERS_PER_MESSAGE = 13_000  # of blocks in sum; Slack refuses at about 13,200
SECTION_TEXT = 3_000
FIELD_TEXT = 2_000
FIELDS = 10
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTION_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
VIEW_TITLE = 24
PRIVATE_METADATA = 3_000
ALT_TEXT = 2_000
INPUT_LABEL = 2_000
MESSAGE_TEXT = 40_000
TYPED_TEXT = 3_000  # what an input of ours takes
