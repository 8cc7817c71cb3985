"""How people speak of other products: leaving for one, comparing, pointing at what one does."""

from bot.ai.cues import COMPETITOR, Family, family

# A name in the middle of a text: a capital and small letters, and no platform, day or month.
_NAME = (
    r"(?!(?:Windows|Mac|Linux|Ubuntu|Debian|Android|Safari|Chrom|Firefox|Edge|Excel|Word|Google"
    r"|Apple"
    r"|Microsoft|Gmail|Outlook|Slack|Okta|Python|Java|Docker|Postgres|Wednes|Thurs|January|February"
    r"|April|August|September|October|November|December|English|French|German|Spanish|Europe)\w*"
    r"|(?:Mon|Tues|Fri|Satur|Sun)day\b"
    r"|(?:March|May|June?|July?|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|The|This|That|It|My|We|Our|You"
    r"|Your|An?"
    r"|In|On|At|He|She|They|Who|What|How|If|When|Why|Where|Dark|Light|Is|Does|Node|There|One"
    r"|Login)\b)"
    r"[A-Z]{1,4}[a-z][A-Za-z]{0,30}"
)
_RIVAL = (
    rf"(?:{_NAME}|(?:an?other|a different|other|some other) (?:tool|vendor|provider|app|product"
    r"|solution|platform|service|system)s?|(?:a|the|your) competitors?|competing \w+)"
)

RIVALS: tuple[Family, ...] = (
    family(
        COMPETITOR,
        2.6,
        rf"\b(?:[Ss]witch|[Mm]ov|[Mm]igrat|[Jj]ump|[Dd]efect)(?:e|es|ed|ing)?(?: \w+)?(?: over"
        rf"| away)?"
        rf" (?:to|from) {_RIVAL}",
        rf"\b(?:went|gone|going|go|stick|sticking) with (?:{_RIVAL}|[\w -]+ instead)"
        rf"|\b(?:ch[oo]+s|pick|prefer|opt)\w*(?: for)?"
        rf" {_RIVAL}|\breplac(?:e|ed|ing) (?:you|us)\b|\b(?:over|instead of) you\b"
        rf"|\bleav\w+ (?:you )?for\b",
        rf"\b(?:[Ee]valuat|[Tt]riall?|[Cc]onsider|[Cc]ompar|[Tt]est|[Tt]r[yi]|[Ll]ook)\w*(?: at"
        rf"| out|"
        rf" with| to)? (?:{_RIVAL}|both\b)",
        cased=True,
    ),
    family(
        COMPETITOR,
        2.4,
        rf"\b(?:[Cc]ompared (?:with|to)|[Ii]n comparison (?:with|to)|[Cc]ompare(?:s)? (?:with"
        rf"|to)|[Uu]nlike"
        rf"|[Vv]ersus|[Vv]s\.?|[Bb]etter than|[Cc]heaper than|[Ww]orse than|[Jj]ust like|[Ss]ame as"
        rf"|[Tt]he way|[Tt]han) (?:in |on |at )?{_RIVAL}",
        rf"\b{_NAME}(?: \w+ly)?(?: already| also| just)? (?:does|do|did|has|had|have|offers?"
        rf"|lets?|allows?"
        rf"|supports?|gives?|includes?|charges?|is|are|can)(?: \w+)? (?:this|that|it|the same"
        rf"|cheaper|better"
        rf"|for free|half|you|us|more|out of the box|free)\b",
        rf"\b(?:[Ii]n|[Ww]ith|[Oo]n) {_NAME},? (?:this|it|you|we|i|I|that)\b(?! (?:crash|fail"
        rf"|does|do|get))",
        cased=True,
    ),
    family(
        COMPETITOR,
        1.4,
        rf"\b(?:were|was|been|came|coming) (?:on|from|using) {_NAME}"
        rf"|\b[Uu]sed (?:to use )?{_NAME} before"
        rf"|\b(?:use|using|have|had|with|contract with|customers of|demo (?:of|from)) {_NAME}"
        rf"(?: \w+){{0,3}} (?:before|until|today|ends|too|instead|as well)\b",
        cased=True,
    ),
    family(
        COMPETITOR,
        2.6,
        r"\bcompetit(?:ors?|ion)\b|\brivals?\b|\balternatives (?:to|such|like|are)\b|\bcompeting\b"
        r"|\b(?:other|another|different|rival) (?:vendor|provider)s?\b|\bmade the switch\b",
    ),
)
