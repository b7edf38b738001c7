"""The result of a conversion: its attributes and keys, and the files it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ionworks import ucp

REST = "steps: [{Rest: {duration: 60}}]"


def test_the_result_has_attributes_and_keys(tmp_path: Path) -> None:
    result = ucp.convert(REST, "maccor", filename_stem="my rest")

    assert result["content"] == result.text() == result.primary_bytes.decode()
    assert result["filename"] == result.primary_filename == "my rest.000"
    assert result["target"] == result.target == "maccor"
    assert dict(result)["media_type"] == result.media_type == "application/xml"
    assert (len(result), result.assets, result["assets"]) == (6, (), ())
    with pytest.raises(KeyError, match="valid keys: content, filename"):
        result["bytes"]
    assert repr(result).startswith("ConvertedProtocol('maccor', 'my rest.000', ")


def test_a_result_is_saved_with_its_assets(tmp_path: Path) -> None:
    text = """
safety_limits: {voltage_min: 2.5, voltage_max: 4.25}
steps: [{Drive: {drive_cycle: US06, mode: Power}}]
"""
    result = ucp.convert(text, "maccor", drive_cycles={"US06": [[0, 1.0], [1, 2.0], [2, 2.0]]})

    path = result.save(tmp_path / "new" / "folder")

    assert path == tmp_path / "new" / "folder" / "protocol.000"
    assert path.read_bytes() == result.primary_bytes
    [(name, content)] = result.assets
    assert (path.parent / name).read_bytes() == content
    assert {each.name for each in path.parent.iterdir()} == {"protocol.000", name}


def test_saving_does_not_replace_another_file_unless_told_to(tmp_path: Path) -> None:
    result = ucp.ConvertedProtocol("maccor", "a.000", b"new", assets=(("US06.MWF", b"samples"),))
    (tmp_path / "US06.MWF").write_bytes(b"samples of another protocol")

    with pytest.raises(FileExistsError, match=r"US06\.MWF.*overwrite=True"):
        result.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["US06.MWF"]

    result.save(tmp_path, overwrite=True)
    assert (tmp_path / "US06.MWF").read_bytes() == b"samples"
    # The same content again is no conflict.
    assert result.save(tmp_path).read_bytes() == b"new"


@pytest.mark.parametrize(
    "name",
    ["../out.000", "a/b.000", "a\\b.000", "..", "", "...", "C:out.000", "NUL.000", "con", "a.000."],
)
def test_a_name_that_leaves_the_folder_is_not_written(name: str, tmp_path: Path) -> None:
    for result in (
        ucp.ConvertedProtocol("maccor", name, b"x"),
        ucp.ConvertedProtocol("maccor", "fine.000", b"x", assets=((name, b"y"),)),
    ):
        with pytest.raises(ValueError, match="must be a plain file name"):
            result.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_text_is_decoded_with_the_encoding_of_the_file() -> None:
    result = ucp.convert(REST, "biologic")

    assert "cm\u00b2\r\n" in result.text()
    assert b"cm\xb2\r\n" in result.primary_bytes


def test_the_content_is_meant_for_text_mode_on_this_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ucp.convert(REST, "maccor")
    path = tmp_path / "protocol.000"

    # As in the guide. On Windows text mode writes \n as \r\n, so the content must not have \r yet.
    for linesep, newline in (("\n", None), ("\r\n", "\r\n")):
        monkeypatch.setattr("os.linesep", linesep)
        with path.open("w", newline=newline) as file:
            file.write(result["content"])
        assert path.read_bytes() == result.primary_bytes


def test_a_note_says_how_to_write_a_file_that_is_not_ascii() -> None:
    notes = " ".join(ucp.convert(REST, "biologic").notes)

    assert "in the encoding cp1252: write it with save()" in notes
    assert "encoding" not in " ".join(ucp.convert(REST, "maccor").notes)
