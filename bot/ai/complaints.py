"""How people say that something does not work: malfunction, negated ability, onset, annoyance."""

from bot.ai.cues import AUX_NOT, BUG, WORK, Family, family

COMPLAINTS: tuple[Family, ...] = (
    family(
        BUG,
        2.0,
        r"\bcrash\w*|\bfr(?:eez(?:e|es|ing)|oze|ozen)\b|\b(?:hangs|hanging|hung)\b",
        r"\b(?:broken|broke|breaks|breaking)\b|\bglitch\w*|\bbug(?:s|gy)?\b|\bregression\b",
        r"\bfail(?:s|ed|ing|ure|ures)?\b|\bcorrupt\w*|\bmalfunction\w*|\bunusable\b|\bdefect\w*",
        r"\b(?:not|isn't|aren't|stopped|stops|quit) (?:\w+ly |even )?(?:work|load|sync|respond|open"
        r"|show|display|updat|send|function|appear)\w*",
    ),
    family(
        BUG,
        1.5,
        r"\berrors?\b|\bexceptions?\b|\btraceback\b|\bstack ?trace\b|\bsegfault\b|\bpanic(?:s"
        r"|ked)?\b",
        r"\btim(?:es|ed|ing) out\b|\binvalid\b|\bdeadlock\w*|\bmemory leak\w*|\bexit code\b",
    ),
    family(
        BUG,
        2.0,
        r"\b[A-Za-z]{0,60}(?:Error|Exception)\b(?=\W)|\b(?:HTTP )?5\d\ds?\b|\b0x[0-9a-fA-F]{4,}",
        r"\.(?:java|py|js|ts|go|rb|cs|cpp|rs|kt):\d+",
        cased=True,
    ),
    family(BUG, 1.8, rf"{AUX_NOT}(?: \w+ly| even| be| actually| always| properly)* {WORK}\b"),
    family(
        BUG,
        1.5,
        r"\bwrong(?:ly)?\b|\bincorrect(?:ly)?\b|\bdisappear\w*|\bvanish\w*|\b(?:are|is|was"
        r"|were) gone"
        r"|\b(?:are|is|went|go) missing\b|\blost (?:all|my|our|the|every)\b|\bstuck\b|\bspin(?:s"
        r"|ning)\b"
        r"|\b(?:blank|black|white|empty) (?:page|screen)|\b(?:is|are|goes|stays"
        r"|comes up) (?:blank|empty)",
        r"\b(?:does|did|do) nothing\b|\bnothing (?:happens|happened)\b|\breturns? nothing\b",
        r"\bunreadable\b|\bgarbled\b|\boverlap\w*|\bcuts? (?:off|out)\b|\bunresponsive\b"
        r"|\binfinite\w*",
        r"\b(?:log|logs|logged|logging|kick|kicks|kicked|sign|signs|signed|throws|threw) (?:me"
        r"|us|them"
        r"|people|users|everyone) (?:out|back|off)",
        r"\b(?:fires?|sent|sends|posts?|charged?|appears?|shows?|billed|created)(?: \w+)? "
        r"(?:twice|double|two times|three times)\b|\bdoubled up\b|\bduplicates?d? \w+",
    ),
    family(
        BUG,
        1.2,
        r"\bslow(?:ly|er|ness)?\b|\blag(?:s|gy|ging)?\b|\bsluggish\b|\bjerky\b|\bchoppy\b"
        r"|\bdrain\w*"
        r"|\bforever\b|\bhours late\b|\bdelayed\b|\b(?:takes?|taking) (?:ages|\d+ (?:sec|min)\w*)",
    ),
    family(
        BUG,
        1.5,
        r"\bsteps to reproduce\b|\bto reproduce\b|\brepro(?:duc\w+)?\b|\bactual(?: behaviou?r"
        r"| result)?:"
        r"|\bexpected(?: behaviou?r| result)?:|\b(?:actual|expected|current) (?:behaviou?r"
        r"|results?)\b",
        r"\binstead of\b|\beven (?:though|if|when)\b|\b(?:should not|shouldn't)\b"
        r"|\bcan't be right\b",
        r"\bworked (?:fine |well |ok )?(?:before|yesterday|until|last|in)\b|\bunexpected\w*",
    ),
    family(
        BUG,
        0.8,
        r"\bsince (?:the |this |last |my |our )*(?:yesterday|update|upgrade|release|version|week"
        r"|month"
        r"|mon|tues|wednes|thurs|fri|satur|sun|this|morning|v?\d)\w*",
        r"\bafter (?:i |we )?(?:the |this |my |your |last |latest |recent |new )*(?:updat|upgrad"
        r"|releas)\w*",
        r"\bevery (?:single )?time\b|\bkeeps? (?!up)\w+ing\b|\bno longer\b|\brandomly\b"
        r"|\bintermittent\w*"
        r"|\bconstantly\b|\bany ?more\b|\bsuddenly\b|\bstopp(?:ed|ing)\b|\bstops\b",
    ),
    family(
        BUG,
        1.2,
        r"\bwhy (?:do|does|is|are|can't|won't|doesn't|did)(?: [\w']+){1,4} (?:keep|still|always"
        r"|so)\b",
    ),
    family(BUG, 1.5, r"\b(?:please|pls|must|to) fix\b|\bfix (?:this|it|that|asap|your|ur|the)\b"),
    family(
        BUG, 1.2, r"\brefund\w*|\bmoney back\b|\bovercharg\w*|\bcharged (?:me|us|my)\b|\bscam\b"
    ),
    family(
        BUG,
        0.9,
        r"\bterribl[ey]|\bhorribl[ey]|\bawful(?:ly)?\b|\bworst\b|\buseless\b|\bannoy\w*"
        r"|\bfrustrat\w*"
        r"|\bdisappoint\w*|\bhate\b|\bugly\b|\bwaste\b|\bgarbage\b|\btrash\b|\bsucks?\b|\bcrap\w*"
        r"|\bridiculous\w*|\bunacceptable\b|\bpainful\w*|\bpathetic\b|\bjunk\b|\bembarrassing\b"
        r"|\bsadly\b"
        r"|\bunfortunately\b|\bbad(?:ly)?\b|\bpoor(?:ly)?\b|\bclunky\b|\bconfusing\b"
        r"|\buninstall\w*",
    ),
    family(BUG, 0.6, r"\bissues?\b|\bproblems?\b|\btrouble\b|\bcode-block\b|\bdebug\w*|\blogs?:"),
)
