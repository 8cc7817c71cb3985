"""What a cue is, the phrases that mean something else than their words, and shared word lists.

A family is one idea said in several ways. Its hits in a text are damped together, so a long text
that says "error" nine times weighs little more than one that says it twice. Weights are in units
of evidence; 1 is a hint, 2 is enough to decide when nothing speaks against it.

`MASKS` are read first, in order, and each hit is blanked out before the next: what they match means
something else than its words do alone ("no problems", "it would be great if", "thanks in advance").
"""

import re
from dataclasses import dataclass

BUG, REQUEST, PRAISE, QUESTION, COMPETITOR = "bug", "request", "praise", "question", "competitor"
KINDS = (BUG, REQUEST, PRAISE, QUESTION, COMPETITOR)


@dataclass(frozen=True)
class Family:
    """One idea: the kind it speaks for (None: for nothing), its weight, and how it is said."""

    kind: str | None
    weight: float
    pattern: re.Pattern[str]


def family(kind: str | None, weight: float, *ways: str, cased: bool = False) -> Family:
    """A family whose ways are regular expressions; ``cased`` when capitals carry meaning."""
    flags = re.NOFLAG if cased else re.IGNORECASE
    return Family(kind, weight, re.compile("|".join(f"(?:{way})" for way in ways), flags))


NOT = r"(?:n't|nt| not)"
AUX_NOT = (
    rf"\b(?:(?:do|does|did|is|are|was|were|has|have|had|could|would|ca|can|should){NOT}"
    r"|cannot|won't|wont|will not|unable to|fail(?:s|ed|ing)? to|refus(?:es|ed|ing) to|never)"
)
TROUBLE = (
    r"(?:problem|issue|bug|crash|complaint|error|glitch|hiccup|trouble|fuss|hassle|downtime"
    r"|drama|lag|complain)(?:e?s)?"
)
GOOD = (
    r"(?:great|nice|awesome|cool|helpful|useful|good|better|perfect|amazing|fantastic|lovely|handy"
    r"|ideal|wonderful|excellent|brilliant|sweet|happier|super|best|neat|welcome|appreciated"
    r"|a (?:great|nice|good|useful|welcome|big|huge)|convenient|valuable|interesting)"
)
MAKE = (
    r"(?:add|make|let|allow|include|support|enable|provide|bring|give|implement|consider|offer"
    r"|introduce|integrate|create|improve|change|increase|extend|expose|build|put|show|remove"
    r"|rename|reduce|open up|expand|update it so)"
)
WORK = (
    r"(?:work|load|open|start|save|sync|connect|show|display|appear|update|respond|play|print|log"
    r"|login|sign|install|download|upload|render|send|receive|match|refresh|scroll|close|launch|run"
    r"|register|recogni[sz]e|bring|reset|delete|return|finish|complete|trigger|fire|build|compile"
    r"|parse|import|export|type|click|submit|arrive|stay|remember|accept|apply|stop|access|boot"
    r"|rotate|paste|copy|attach|read|write|get|go|turn|even|seem|detect|resolve|propagate)\w{0,3}"
)
MASKS: tuple[Family, ...] = (
    family(
        BUG,
        1.5,
        r"\b(?:was|were|worked|had no \w+|used to (?:love|like|be|work|run))\b[^.!?\n]{0,40}"
        r"\b(?:until|till|but (?:now|since)|before (?:the|this))\b",
        r"\bused to (?:love|like|work|be able|run|be (?:great|good|fast|able))\b",
    ),
    family(
        PRAISE,
        2.0,
        rf"\b(?:no|zero|without(?: an?| any)?|not (?:a single|one|any)|free of)(?: \w+)?"
        rf" {TROUBLE}\b(?! (?:message|code|log|report|handling|is shown|number))",
        rf"\b(?:never|(?:have|has|had)(?:n't| not| never)|didn't|did not)(?: yet)?"
        rf"(?: had| seen| have| run into| found| hit| noticed| experienced| encountered)+"
        rf"(?: an?| any)?(?: single)?(?: \w+)? {TROUBLE}\b",
        r"\bnever (?:crash|fail|break|freez|lag|broke|let (?:me|us) down|disappoint|miss(?:es"
        r"|ed) a)"
        r"\w*",
        r"\b(?:did|does|has|have)(?:n't| not) (?:crash|fail|br[eo]ak|fr[eo]e?z|lag)\w*"
        r"(?: \w+)? (?:once|at all|yet|a single)",
        r"\b(?:can't|cannot|couldn't|could not)\b(?: [\w'-]+){1,7} without (?:it|this|you|them"
        r"|the)",
        r"\b(?:can't|cannot|couldn't) (?:live without|recommend|fault|praise|thank|complain"
        r"|be happier"
        r"|ask for|get enough|stress enough how|believe how)",
        r"\b(?:problem|issue|bug|crash)(?:e?s)? (?:was |were |is |are |has been |got |now )*"
        r"(?:solved|resolved|fixed|gone)\b",
        r"\b(?:solved|resolved|fixed) (?:my|our|the|all|every) (?:problem|issue|bug)s?\b",
        r"\b(?:great|nice|quick|fast|good|thanks for the|for the) fix(?:es)?\b",
    ),
    family(
        REQUEST,
        2.5,
        rf"\b(?:would|it'd|that'd|'d|could|should|might|will) (?:also |really |just |even |only )*"
        rf"be (?:so |very |really |super |even |much |absolutely |more |pretty |quite "
        rf"|truly )*{GOOD}",
        r"\b(?:would|i'd|we'd|'d) (?:also |really |absolutely )*(?:love|like|prefer|appreciate)\b",
        r"\blov(?:e|ing) (?:it if|to (?:see|have|get|be able))|\blike to (?:see|have|be able)\b",
        r"\b(?:nice|good|great)[- ]to[- ]have\b",
        r"\b(?:\d|five|four|more|full|another) stars? (?:if|once|when|after)\b",
        rf"\b{GOOD} if (?:i|we|you|it|there|the|one|they|users?)\b",
    ),
    family(
        BUG,
        1.0,
        r"\b(?:not|isn't|wasn't|aren't|less|hardly|far from|never)(?: \w+)? (?:good|great|nice"
        r"|happy"
        r"|helpful|useful|easy|intuitive|impressed|friendly|reliable|perfect|smooth|stable|ideal"
        r"|recommended|fun|amazing|acceptable|usable|satisfied|pleased|worth)\b",
        r"\b(?:can't|don't|wouldn't|do not|not) (?:recommend|like|love|enjoy|trust|rely)\b",
    ),
    family(
        None,
        0.0,
        r"\bgood (?:morning|afternoon|evening|day)\b|\b(?:great|good|nice|cool|best) "
        r"(?:question|idea|practice|way|luck|regards|wishes)\w*",
        r"\b(?:thanks|thank you|thx|cheers)(?: \w+)? (?:in advance|for (?:your|any) (?:help|time"
        r"|assistance|support|attention|answer|reply))|\b(?:many |kind )?thanks[.!]*\s*$",
        r"\bbest regards\b|\bhappy to (?:help|provide|share|open|submit|send|give)\b",
        r"\bwhat (?:happens|would happen)\b(?= [^.!\n]*\?)",
    ),
)
