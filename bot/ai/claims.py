"""Words that claim an amount or a cause; a model may say none that the facts do not hold."""

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

CAUSE_WORDS = re.compile(
    r"\b(?:because|due to|thanks to|caus(?:e|es|ed|ing)|led to|leads? to|driv(?:en|es|ing)|drove"
    r"|owing to"
    r"|as a result|result(?:s|ed|ing)? (?:of|from|in)|therefore|hence|so that|explains?"
    r"|explained by"
    r"|attribut\w+|significan\w+|proves?|proven|proof|contribut\w+)\b",
    re.IGNORECASE,
)
