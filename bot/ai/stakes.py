"""How much hangs on a text: phrases of high and low stakes, and of a customer who is leaving."""

import re

HIGH_STAKES = re.compile(
    r"\b(?:urgent(?:ly)?|asap|blocker|blocking|blocked|critical|emergency|show[- ]?stopper"
    r"|data (?:loss|leak|breach)|security|vulnerab\w+|gdpr|hipaa|compliance|legal|lawyers?"
    r"|auditors?"
    r"|outage|production|prod|deal[- ]?breaker|renew(?:al|ing)?|churn\w*|contract|lost (?:all"
    r"|our|my)"
    r"|cancel(?:l?ing|led)? (?:our|my|the) (?:account|plan|contract|subscription)|can(?:'t"
    r"|not) (?:log"
    r"|sign) in|locked out|before we can|all (?:of )?(?:our|my) (?:users|customers|data|clients)"
    r"|(?:entire|whole) (?:team|company|organi[sz]ation)|every(?:one|body) (?:is|in)|unusable"
    r"|(?:can't|cannot|unable to) (?:pay|work|sell|ship|invoice)|charged (?:twice|double)"
    r"|completely (?:down|broken)|is down|losing (?:money|customers|deals|data|sales))\b"
    r"(?<!not urgent)(?<!not critical)(?<!not blocking)(?<!not a blocker)",
    re.IGNORECASE,
)
LOW_STAKES = re.compile(
    r"\b(?:nice[- ]to[- ]have|minor|typo|cosmetic|no (?:rush|hurry)|some ?day|nit(?:pick)?|tiny"
    r"|(?:small|little) (?:thing|detail|wish|request|suggestion|one)|low priority"
    r"|when you have time"
    r"|not (?:urgent|critical|important|blocking|a big deal|a blocker)|just (?:a thought|an idea"
    r"|curious)"
    r"|by the way|btw|if you ever)\b",
    re.IGNORECASE,
)
LEAVING = re.compile(
    r"\b(?:switch|mov|migrat)(?:ing|ed|es?)\b|\bwent with\b|\breplac(?:e|ed|ing) you\b"
    r"|\bleav(?:e|ing)\b"
    r"|\bover you\b|\binstead\b|\bcancel\w*",
    re.IGNORECASE,
)
