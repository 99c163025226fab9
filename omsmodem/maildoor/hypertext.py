"""An HTML part as text, and what of it the program that wrote it has marked as signature or quotation, in any language."""

from inscriptis import get_annotated_text
from inscriptis.model.config import ParserConfig
from inscriptis.model.css import CssParse
from inscriptis.model.html_element import HtmlElement

#: Elements whose text is somebody else's or the same in every mail.
_CUT = (
    *("#id=Signature", "#id=ms-outlook-mobile-signature"),  # Outlook on the web, and on phones
    *("#class=gmail_signature", "#class=gmail_signature_prefix", "#class=gmail_attr", "blockquote#class=gmail_quote"),
    *("#id=AppleMailSignature", "blockquote#type=cite"),  # Apple Mail; Thunderbird cites as it does
    *("#class=moz-signature", "#class=moz-cite-prefix"),
    *("#class=protonmail_signature_block", "#class=protonmail_quote", "#class=yahoo_quoted"),
)
#: Where Outlook begins to repeat what it answers.
_END = ("#id=appendonsend", "#id=divRplyFwdMsg", "#id=mail-editor-reference-message-container")
_RULES = ParserConfig(annotation_rules={rule: ["cut"] for rule in _CUT} | {rule: ["end"] for rule in _END})


def _style(style: str, element: HtmlElement) -> None:
    """What a style says, within reason: a margin could be made to fill the memory."""
    CssParse.attr_style(style, element)
    element.margin_before = min(element.margin_before, 2)
    element.margin_after = min(element.margin_after, 2)
    element.padding_inline = min(element.padding_inline, 8)


_RULES.attribute_handler.attribute_mapping["style"] = _style


def read(html: str) -> tuple[str, str]:
    """The text as a browser would show it, and the same without what is marked."""
    found = get_annotated_text(html, _RULES)
    text: str = found.get("text", "")
    labels: list[tuple[int, int, str]] = sorted(found.get("label", []))
    own, done = "", 0
    for start, end, label in labels:
        own += text[done:start]
        done = max(done, len(text) if label == "end" else end)
    return text, own + text[done:]
