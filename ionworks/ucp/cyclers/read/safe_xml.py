"""Reading untrusted XML: no document types, no entities, bounded depth and size."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ionworks.ucp.problems import UCPError

MOST_BYTES: Final = 20_000_000
_DEEPEST: Final = 30
_DECLARED: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9_.-]+)["']""")
# GB18030 contains GB2312 and GBK; Windows writes its characters under either name.
_ENCODINGS: Final = {"utf-8": "utf-8-sig", "gb2312": "gb18030", "gbk": "gb18030"}


def read_xml(content: bytes) -> Element:
    """Return the root element of a document.

    Raises
    ------
    UCPError
        If the document is not XML, is too large or too deep, or has a document type.
    """
    if len(content) > MOST_BYTES:
        raise UCPError(f"the file is larger than {MOST_BYTES} bytes")
    builder = TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise UCPError(f"the file is nested deeper than {_DEEPEST} levels")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise UCPError("the file has a document type, which no cycler writes; it is rejected")

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(_text(content).encode("utf-8"), True)
    except expat.ExpatError as error:
        raise UCPError(f"the file is not XML: {error}") from None
    return builder.close()


def _text(content: bytes) -> str:
    """Return the text in the encoding it declares."""
    declared = _DECLARED.search(content[:200])
    name = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if name not in _ENCODINGS:
        raise UCPError(f"the file declares the encoding {name}, which no cycler writes")
    for encoding in (_ENCODINGS[name], "utf-8-sig"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UCPError(f"the file is not in the encoding {name} that it declares")
