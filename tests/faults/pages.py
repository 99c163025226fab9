"""Where results are written: docs/reliability.md, between the marks of their name."""

from pathlib import Path

PAGE = Path("docs/reliability.md")


def insert(name: str, table: str) -> None:
    """Replace what stands between `<!-- name: … -->` and `<!-- /name -->`."""
    text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(f"<!-- {name}:")
    comment, _, rest = rest.partition("-->")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    PAGE.write_text(f"{before}{begin}{comment}-->\n\n{table}\n\n{end}{after}", encoding="utf-8")
