"""Records for tests: made plainly, and drawn by Hypothesis."""

from hypothesis import strategies as st

from doitkit.core.origins import ORIGINS, Origin
from doitkit.core.records import Record


def record(
    prompt: str = "What is 2 + 2?",
    reply: str = "4",
    *,
    ability: str = "math",
    origin: Origin = "human",
    source: str = "people",
    line: int = 1,
    system: str | None = None,
) -> Record:
    opening = ({"role": "system", "content": system},) if system else ()
    return Record(
        messages=(
            *opening,
            {"role": "user", "content": prompt},
            {"role": "assistant", "content": reply},
        ),
        ability=ability,
        origin=origin,
        source=source,
        file=f"{source}.jsonl",
        line=line,
        answer=reply,
    )


# Few distinct texts, in several spellings, so that rows collide in every way they can.
texts = st.sampled_from(["a", "b", "A", " a ", "e\u0301", "\u00e9", "\ufeff", "a\r\nb", "a \nb"])


@st.composite
def record_lists(draw: st.DrawFn, max_size: int = 30) -> list[Record]:
    """Return records of three sources, one for each origin, many of them equal or nearly so."""
    rows = draw(st.lists(st.tuples(texts, texts, st.sampled_from(ORIGINS)), max_size=max_size))
    return [
        record(prompt, reply, origin=origin, source=f"{origin}-rows", line=line)
        for line, (prompt, reply, origin) in enumerate(rows, 1)
    ]
