"""Words that claim an amount, a direction or a cause, as `bot.ai.guard` reads them."""

import re


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


NUMBER_WORDS = _listed("""
    zero nil none nought naught one two three four five six seven eight nine ten eleven twelve
    thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fourty fifty
    sixty seventy eighty ninety hundred hundreds hundredth thousand thousands thousandth k m bn
    first second third thirds fourth fourths fifth fifths sixth seventh eighth eighths ninth tenth
    tenths eleventh twelfth twentieth
    half halves halve halved halving quarter quarters quartered double doubles doubled doubling
    triple triples tripled tripling treble trebled quadruple quadrupled quadrupling quintuple
    quintupled sextuple once twice thrice dozen dozens score scores couple pair pairs trio duo
    single solo both percent percentage percentages pct percentile cent cents
    minus plus times x
    i ii iii iv v vi vii viii ix x xi xii
    uno dos tres ein eins zwei drei un deux trois
""") - {"i"}

# The same inside longer or run-together words: "redoubled", "two-thirds", "upsdoubled".
NUMBER_STEMS = re.compile(
    r"doubl|tripl|trebl|quadrupl|quintupl|dozen|hundred|thousand|illion|halv|half|twice|thrice|third"
    r"|quarter|twent|thirt|fift|sixt|sevent|eight|ninet|percent"
)

VAGUE_AMOUNTS = _listed("""
    most majority minority many several few handful lots plenty numerous countless all every
    everyone everybody nobody nothing average mean median total twofold multiple multiples record
    nearly almost approximately roughly
""")

UP_WORDS = _listed("""
    up rise rises rose risen rising increase increases increased increasing increasingly grow grows
    grew grown growing growth climb climbs climbed climbing gain gains gained gaining jump jumps
    jumped jumping surge surges surged surging soar soars soared soaring spike spikes spiked spiking
    higher highest high more above over exceed exceeds exceeded exceeding beyond peak peaks peaked
    upward upwards uptick upturn upswing rally rallied expand expanded expanding accelerate
    accelerated accelerating boost boosted boosting bump bumped lift lifted swell swelled ahead
    outpaced bigger larger greater top topped topping added adding rebound rebounded recover
    recovered recovering ascend ascended raised raise raises raising mushroomed ballooned shot
    skyrocketed rocketed leap leapt leaped boomed booming inched ticked crept
""")

DOWN_WORDS = _listed("""
    down fall falls fell fallen falling drop drops dropped dropping decrease decreases decreased
    decreasing decline declines declined declining dip dips dipped dipping slip slips slipped
    slipping shrink shrinks shrank shrunk shrinking sink sinks sank sunk sinking plunge plunges
    plunged plunging plummet plummeted plummeting slump slumps slumped slumping tumble tumbled
    lower lowest low less fewer below under lose loses lost losing loss losses reduce reduces
    reduced reducing reduction cut cuts downward downwards downturn behind smaller slid slide slides
    sliding crash crashed crashing collapse collapsed collapsing sag sagged ebb ebbed dwindle
    dwindled dwindling halved trail trailed trailing weaken weakened softened cooled eased retreated
    contracted contracting trough missed short shortfall
""")

FLAT_WORDS = _listed("""
    flat steady stable unchanged same level constant static plateau plateaued plateaus stagnant
    stagnated equal equals even stayed stays remained remains held holds hold
""")

BETTER_WORDS = _listed("""
    better best improve improves improved improving improvement improvements stronger strongest
    healthier win wins won winning great good excellent impressive success successful nicely well
    encouraging promising positive favourable favorable strong
""")

WORSE_WORDS = _listed("""
    worse worst worsen worsened worsening deteriorate deteriorated deteriorating weaker weakest bad
    badly poor poorly negative alarming concerning worrying disappointing unhealthy degraded
    degrading regress regressed regression suffer suffered suffering
""")

NEGATIONS = _listed("""
    not no never neither nor without hardly barely scarcely cannot nothing nobody stopped stops
    failed fails fail instead rather unlikely
""")

CAUSE_WORDS = re.compile(
    r"\b(?:because|due to|thanks to|caus(?:e|es|ed|ing)|led to|leads? to|driv(?:en|es|ing)|drove"
    r"|owing to"
    r"|as a result|result(?:s|ed|ing)? (?:of|from|in)|therefore|hence|so that|explains?"
    r"|explained by"
    r"|attribut\w+|significan\w+|proves?|proven|proof|contribut\w+)\b",
    re.IGNORECASE,
)

# Hyphenated words whose parts are no claim.
HARMLESS = _listed("sign-up start-up set-up follow-up back-up top-up check-up pop-up log-in opt-in")
