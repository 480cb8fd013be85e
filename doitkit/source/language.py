"""In what language, or at least in what script, texts are written."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_MAX_CHARS = 200_000
_MIN_WORDS = 30
_MIN_SHARE = 0.12
"""Share of a text's words that are among its language's commonest."""
_KINDS = 5
"""How many of these must occur: a name or a mark repeated is no language."""
_LEAD = 1.5
"""How much more often these must stand there than those of the next language."""
_MAIN = 0.75
_BESIDE = 0.2

_SCRIPTS = {"CJK": "Han", "FULLWIDTH": "Latin", "HALFWIDTH": "Katakana"}
_JAPANESE = ("Hiragana", "Katakana")

_COMMONEST = {
    "English": "the of and to in is that it was for on are with as at be this have from by not "
    "or an you what how which i my me he she they we your his her their but if so because when "
    "would can will do has had",
    "German": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als "
    "auch es an werden aus er hat dass sie wie ich mein du wir aber wenn so weil einen einer "
    "wird kann haben sind",
    "French": "le de la et les des en un une du est que pour dans qui par sur au pas plus ne se "
    "ce avec sont il vous quel quelle je mon elle nous mais si parce être cette ces son sa ont "
    "aux ou",
    "Spanish": "el de la que y en un los se del las por con una para es al lo como más su no qué "
    "cómo cuál son este yo mi ella pero si porque ha sus le ser está esta entre cuando muy sin",
    "Portuguese": "o de a que e do da em um para é com não uma os no se na por mais as dos como "
    "mas foi ao qual são você eu meu ela se porque pelo pela até isso entre era ser quando muito "
    "nos",
    "Italian": "di che e il la un a per in è una del non sono con si da come le dei nel alla più "
    "ha della gli i qual cosa io mio lei ma se perché anche dal al lo questo quando essere molto "
    "su",
    "Dutch": "de van het een en in is dat op te zijn met voor niet aan er om ook als dan maar bij "
    "uit naar hoe wat deze wordt ik mijn hij ze wij omdat kan zou heeft had worden die door over "
    "of",
}
_VOCABULARIES = {language: frozenset(words.split()) for language, words in _COMMONEST.items()}


def language_of(texts: Iterable[str]) -> str:
    """Return a language where that is plain, such as `English`, otherwise the script or scripts.

    Scripts are told by the letters' Unicode names; languages in the Latin script by their
    commonest words, and only among a handful of them.
    """
    text = _joined(texts)
    scripts = _scripts(text)
    letters = scripts.total()
    if not letters:
        return "no letters"
    kana = sum(scripts[script] for script in _JAPANESE)
    if kana > _BESIDE * (kana + scripts["Han"]) and kana + scripts["Han"] > _MAIN * letters:
        return "Japanese script"
    (first, count), *others = scripts.most_common(2)
    if first == "Latin" and count > _MAIN * letters:
        return _latin(text)
    if others and others[0][1] > _BESIDE * letters:
        return f"{first} and {others[0][0]} script"
    return f"{first} script"


def _joined(texts: Iterable[str]) -> str:
    parts: list[str] = []
    length = 0
    for text in texts:
        parts.append(text[: _MAX_CHARS - length])
        length += len(parts[-1])
        if length >= _MAX_CHARS:
            break
    return "\n".join(parts)


def _scripts(text: str) -> Counter[str]:
    scripts: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if character.isalpha():
            word = unicodedata.name(character, "unnamed").split()[0].split("-")[0]
            scripts[_SCRIPTS.get(word, word.capitalize())] += count
    return scripts


def _latin(text: str) -> str:
    words = re.findall(r"[^\W\d_]+", text.lower())
    if len(words) < _MIN_WORDS:
        return "Latin script"
    counts = Counter(words)
    found = {
        language: [counts[word] for word in vocabulary if word in counts]
        for language, vocabulary in _VOCABULARIES.items()
    }
    first, second = sorted(found, key=lambda language: sum(found[language]), reverse=True)[:2]
    best = sum(found[first])
    plain = best >= _MIN_SHARE * len(words) and best >= _LEAD * sum(found[second])
    return first if plain and len(found[first]) >= _KINDS else "Latin script"
