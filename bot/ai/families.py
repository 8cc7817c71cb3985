"""The families of cues from which `bot.ai.classify` adds up evidence for a kind.

Looked at with the tuning half of an invented labelled set only, and kept to ideas rather than to
sentences: each should be said of any product by any customer.
"""

from bot.ai.complaints import COMPLAINTS
from bot.ai.cues import BUG, MAKE, PRAISE, QUESTION, REQUEST, Family, family
from bot.ai.rivals import RIVALS

FAMILIES: tuple[Family, ...] = (
    *COMPLAINTS,
    # -- request --------------------------------------------------------------------------------
    family(
        REQUEST,
        2.2,
        rf"\b(?:please|pls|plz|kindly)(?: also| just| do| consider)* {MAKE}\b",
        rf"\b(?:can|could|would|will) (?:you|u|we|they|someone)(?: guys| all| please| also"
        rf"| possibly"
        rf"| maybe| just| be able to| at least)* (?:{MAKE}|have|get)\b",
    ),
    family(
        REQUEST,
        2.5,
        r"\bfeature[- ](?:request|suggestion|idea|proposal)\b|\benhancement\b|\b(?:suggest"
        r"|suggestion"
        r"|proposal|idea|wish|wishlist)s?\b:?|\[(?:feature|enhancement|request|fr)\w*\]"
        r"|\bpropos(?:e|ing)\b",
    ),
    family(
        REQUEST,
        1.5,
        r"\b(?:i|we|they|you|it|users?|customers?|people|clients?|really|team|also)(?: really"
        r"| badly| also"
        r"| still| just| do| only)* (?:need|needs|want|wants|require|requires)\b(?! (?:help"
        r"|some help|a hand"
        r"|assistance|to (?:know|understand)|advice))",
        r"\b(?:ask|asked|asking|beg|begging|waiting|wait|crying|longing|hoping|hope) (?:for|you"
        r"|that|to see)\b"
        r"|\blooking forward to\b|\bin need of\b|\bcould use\b",
    ),
    family(
        REQUEST,
        1.8,
        r"\bno (?:easy |real |proper |obvious |simple |good )?(?:way|option|possibility|ability"
        r"|setting"
        r"|support|built-in \w+) (?:to|for|of)\b|\black(?:s|ing|ed)?\b|\bmiss(?:ing)? (?:is"
        r"|feature|most|an?)\b",
        r"\b(?:does|do|did|is|are)(?:n't| not)(?: \w+ly| yet)? (?:support|allow|let|offer"
        r"|provide|include)"
        r"\w*|\b(?:can't|cannot) (?:currently|yet)\b|\bnot (?:currently |yet )?(?:possible"
        r"|supported)\b",
    ),
    family(
        REQUEST,
        1.5,
        r"\b(?:ability|possibility|capability|opportunity|option)s? (?:to|for|of)\b|\ban option\b"
        r"|\bbeing able to\b|\bto be able to\b|\bsupport for\b|\ba way (?:to|of)\b"
        r"|\bshould be possible\b",
        r"\b(?:should|must|ought to) (?:be able|have|allow|let|support|include|provide|offer|add)\b"
        r"|\byou should\b|\bhow about\b|\bwhat about (?:add|a|an|hav|mak)|\bwhy not\b"
        r"|\bconsider \w+ing\b",
        r"\bwould (?:really |also |definitely |certainly )?(?:help|save|make|let|allow|solve|fix"
        r"|enable"
        r"|benefit|improve|simplify|reduce|be)\b",
        r"\bany (?:plans?|chance|eta)\b|\broad ?map\b|\bbring(?:ing)? (?:it |this )?back\b"
        r"|\bmore options\b"
        r"|\bneeds? (?:more|better|an?)\b|\bplans? (?:to|for)\b|\binstead,? (?:it|you) (?:could"
        r"|should)\b",
    ),
    # -- praise ---------------------------------------------------------------------------------
    family(
        PRAISE,
        1.6,
        r"\blov(?:e|es|ed|ing|ely)\b|\bamazing(?:ly)?\b|\bawesome\b|\bexcellent\b|\bfantastic\b"
        r"|\bsuperb\b"
        r"|\bbrilliant\b|\bwonderful\w*|\bperfect(?:ly)?\b|\bgreat(?:est)?\b|\boutstanding\b"
        r"|\bincredibl[ey]"
        r"|\bimpress(?:ed|ive)\b|\bdelight\w*|\bfavou?rite\b|\bflawless\w*|\bstellar\b|\bgorgeous\b"
        r"|\bbeautiful\w*|\bphenomenal\b|\bterrific\b|\badore\w*|\bbest\b|\benjoy\w*"
        r"|\bfab(?:ulous)?\b",
    ),
    family(
        PRAISE,
        0.8,
        r"\bgood\b|\bnice(?:ly)?\b|\bcool\b|\bhappy\b|\bhappier\b|\bsmooth(?:ly)?\b|\bfast(?:er"
        r"|est)?\b"
        r"|\beas(?:y|ily|ier|iest)\b|\bsimple\b|\bclean\b|\bintuitive\b|\bhelpful\b|\buseful\b"
        r"|\bhandy\b"
        r"|\breliable\b|\bsolid\b|\bconvenient\b|\bfun\b|\bneat\b|\bfriendly\b|\belegant\b"
        r"|\bsleek\b"
        r"|\bpleased\b|\bsatisfied\b|\bpleasant\b|\bokay?\b|\blike (?:it|this|the|that|how)\b"
        r"|\bwow\b",
    ),
    family(
        PRAISE,
        1.4,
        r"\bthank(?:s| you)\b|\bthx\b|\bkudos\b|\bwell done\b|\b(?:good|nice|great) (?:job|work)\b"
        r"|\bhats off\b|\bprops to\b|\bbravo\b|\bcongrat\w*|\bgrateful\b|\bappreciate\b"
        r"|\bthumbs up\b",
        "[👍❤😍🎉🙌👏🥰😀😊💯🔥⭐]",
    ),
    family(
        PRAISE,
        1.8,
        r"\bwork(?:s|ed|ing)? (?:like a charm|great|perfectly|fine|well|flawlessly|as expected"
        r"|beautifully"
        r"|wonders)|\bjust works\b|\bdoes (?:exactly |just )?(?:what|the job|its job)\b"
        r"|\bgame[- ]changer\b"
        r"|\blife ?saver\b|\bsav(?:es|ed|ing) (?:me|us|my|our) (?:\w+ ){0,3}(?:time|hours?|day"
        r"|money|work)\b",
        r"(?:\b[5]|\bfive)[ -]?stars?\b|\b10 ?/ ?10\b|\brecommend(?:ed)?\b|\bworth (?:it|every"
        r"|the)\b"
        r"|\bmust[- ]have\b|\b(?:so|much|way|far) (?:\w+ )?(?:easier|better|faster|nicer)\b"
        r"|\bexceeded\b"
        r"|\bkeep (?:it )?up\b|\bthan (?:i |we )?expected\b|\bfinally (?:does|works|a|an"
        r"|understands?)\b",
    ),
    # -- question -------------------------------------------------------------------------------
    family(QUESTION, 1.5, r"\?"),
    family(
        QUESTION,
        1.5,
        r"(?:^|[.!?\n,:;-] *)(?:and |so |but |hi |hello |hey )?(?:how (?:do|can|to|would|should"
        r"|does|did"
        r"|many|much|long|often|is|are)|where|when (?:will|do|does|is|can|did)|which|who|whose"
        r"|what(?:'s| is| are| does| do| did| would| happens| kind)?)\b",
    ),
    family(
        QUESTION,
        1.2,
        r"(?:^|[.!?\n,:;] *)(?:and |so |but |hi |hello |hey )?(?:is|are|am|do|does|did|has|have"
        r"|can|could"
        rf"|will|should|may|was|would|why)\b(?! (?:you|u|we|they)(?: please| also)* (?:{MAKE}"
        rf"|get)\b)"
        r"(?= [^.!\n]*\?)",
    ),
    family(
        QUESTION,
        2.0,
        r"\bhow (?:do|can|to|should|would) (?:i|we|you|one)\b|\bhow to\b|\bwhere (?:can|do"
        r"|could) (?:i|we)\b"
        r"|\b(?:is|if) (?:it|this) (?:is )?possible\b|\bis there (?:a|any|an)\b"
        r"|\bdifference between\b",
        r"\b(?:not sure|unsure|wonder(?:ing|ed)?|curious|not clear|unclear|puzzled)\b"
        r"|\b(?:don't|do not|can't|cannot|didn't|trying to|want to|hard to|need to"
        r"|like to) (?:quite |really )?"
        r"(?:understand|know|figure|find out|tell if|learn)\b",
        r"\b(?:some|any|need|for|me|us) (?:help|assistance|guidance|advice|pointers?"
        r"|clarification)\b"
        r"|\bneed a hand\b|\bpoint me\b|\bexplain(?:ed)?\b|\bclarif\w+|\b(?:tell|advise) (?:me"
        r"|us|on|how)\b"
        r"|\bany (?:docs|documentation|examples?|guides?|ideas?|tutorials?|pointers?)\b"
        r"|\bquestions?\b"
        r"|\blooking for (?:an example|examples|docs|documentation|information|info|guidance"
        r"|a guide)\b"
        r"|\bwhere (?:do|should) (?:i|we) start\b|\bplease advise\b|\bsupposed to\b",
        r"\b(?:anyone|anybody|someone|somebody) (?:know|knows|tell|explain|help|point|have|has"
        r"|got|tried)\b",
    ),
    *RIVALS,
)

# The first word of a text gives its shape away when nothing else does: "Add ...", "Crash in ...".
OPENINGS: tuple[Family, ...] = (
    family(
        REQUEST,
        1.6,
        rf"^\W*(?:\w+: |\[\w+\] )?(?:{MAKE}|ability|option|support|integration|integrate|more"
        rf"|better)\b"
        r"(?!\w*\?)",
    ),
    family(
        BUG,
        1.0,
        r"^\W*(?:\[bug\]|bug|error|crash|exception|cannot|can't|unable|broken|regression)\b",
    ),
    family(
        PRAISE, 1.0, r"^\W*(?:great|love|awesome|amazing|excellent|perfect|best|nice|thanks?)\b"
    ),
)
