"""Voices from a catalogue: whole and checked in their place, or not at all, whatever happens."""

from __future__ import annotations

import hashlib
import resource
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.tts.piper_voice import CONFIG, JOE, MODEL
from tests.voice_catalogue import FOLDER, PIECE, VoiceCatalogue
from tests.worker import running_worker, wait_until
from tts import tasks
from tts.engines import hibari
from tts.getting import catalogues, downloads, installed, transfer
from tts.getting.catalogues import offer_named
from tts.getting.transfer import Source, TransferFailed
from tts.models import SpeechModel, Voice, VoiceDownload
from tts.voices.catalogue import sync_voices

pytestmark = pytest.mark.django_db(transaction=True)
MODEL_PATH = f"{FOLDER}/{JOE}.onnx"
Status = VoiceDownload.Status


@pytest.fixture
def catalogue(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    catalogues._known.clear()
    with VoiceCatalogue() as catalogue:
        settings.PIPER_VOICES_URL = settings.HIBARI_VOICES_URL = catalogue.address
        yield catalogue


@pytest.fixture
def files(catalogue, tmp_path):
    """What lies in the folder of voices, with hidden folders."""
    root = tmp_path / "voices"
    return lambda: sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def got(name: str = JOE) -> VoiceDownload:
    """Ask for a voice and run as workers do, until that leads no further."""
    download = downloads.ask_for(offer_named(name))
    while downloads.run(download):
        pass
    download.refresh_from_db()
    return download


PLACED = [f"piper/{JOE}.MODEL_CARD", f"piper/{JOE}.onnx", f"piper/{JOE}.onnx.json"]


def test_a_voice_is_got_by_its_name_and_is_in_the_picker(catalogue, files):
    told = StringIO()
    call_command("add_voice", JOE, stdout=told)
    assert files() == PLACED
    voice = Voice.objects.usable().get(voice_slug=JOE)
    assert (voice.speech_model.model_slug, voice.language) == ("piper", "en-US")
    assert "is here, and in everyone's picker" in told.getvalue()
    call_command("add_voice", JOE, stdout=told)
    assert "is here already" in told.getvalue()
    assert [path for path, _ in catalogue.asked].count(MODEL_PATH) == 1


def test_an_alias_names_the_same_voice(catalogue):
    catalogue.listed[JOE]["aliases"] = ["en-us-joe"]
    assert offer_named("en-us-joe").name == JOE


def test_a_name_that_nobody_has_is_told(catalogue):
    with pytest.raises(CommandError, match="No catalogue has a voice 'xx_XX-nobody-low'"):
        call_command("add_voice", "xx_XX-nobody-low")


def test_hibaris_voices_are_got_the_same_way(catalogue, files, monkeypatch):
    model = SpeechModel.objects.create(model_slug="hibari", name="Hibari", engine="hibari")
    sync_voices(model)
    content = b"a voice" * 1000
    known = hibari.registry()["emma"]
    stand_in = type(known)(
        "emma", "en-GB", known.file, False, True, hashlib.sha256(content).hexdigest(), len(content)
    )
    monkeypatch.setitem(hibari.registry(), "emma", stand_in)
    catalogue.files[known.file] = content
    assert got("emma").status == Status.DONE
    assert files() == [f"hibari/{known.file}"]
    assert Voice.objects.usable().filter(voice_slug="emma").exists()
    assert downloads.delete("hibari", "emma")
    assert files() == []
    assert not Voice.objects.usable().filter(voice_slug="emma").exists()


def test_it_is_deleted_again_and_gone_from_the_picker(catalogue, files):
    got()
    assert downloads.delete("piper", JOE)
    assert files() == []
    assert not Voice.objects.usable().exists()
    assert not downloads.delete("piper", JOE)


# --- what goes wrong ------------------------------------------------------------------------------


def wrong_digest(catalogue: VoiceCatalogue) -> None:
    catalogue.listed[JOE]["files"][MODEL_PATH]["md5_digest"] = "0" * 32


def wrong_size(catalogue: VoiceCatalogue) -> None:
    catalogue.listed[JOE]["files"][MODEL_PATH]["size_bytes"] -= 1000


def no_file(catalogue: VoiceCatalogue) -> None:
    catalogue.missing.add(MODEL_PATH)


def another_file(catalogue: VoiceCatalogue) -> None:
    catalogue.files[MODEL_PATH] = b"<html>Sign in</html>"
    catalogue.list_voice(JOE, FOLDER)


def not_usable(catalogue: VoiceCatalogue) -> None:
    path = f"{FOLDER}/{JOE}.onnx.json"
    catalogue.files[path] = catalogue.files[path].replace(b'"espeak"', b'"pinyin"', 2)
    catalogue.list_voice(JOE, FOLDER)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (wrong_digest, "is not what the catalogue says: its MD5 differs"),
        (wrong_size, "larger than the catalogue says"),
        (no_file, f"does not have {JOE}.onnx"),
        (another_file, "came whole, but cannot be used"),
        (not_usable, "came whole, but cannot be used"),
    ],
)
def test_what_will_not_pass_is_told_and_leaves_nothing(catalogue, files, spoil, words):
    spoil(catalogue)
    download = got()
    assert download.status == Status.FAILED
    assert words in download.error
    assert [name for name in files() if name.endswith((".onnx", ".part"))] == []
    assert not Voice.objects.usable().exists()
    with pytest.raises(CommandError, match="copy its files by hand"):
        call_command("add_voice", JOE, stdout=StringIO())


def test_what_breaks_off_is_tried_again_from_where_it_was(catalogue, files):
    catalogue.cut_at = catalogue_cut = 20_000_000
    download = got()
    assert (download.status, download.bytes_done > 0) == (Status.WAITING, True)
    assert "broke off" in download.error
    assert not any(name.startswith("piper/") for name in files())
    catalogue.cut_at = None
    assert got().status == Status.DONE
    assert files() == PLACED
    ranges = [asked for path, asked in catalogue.asked if path == MODEL_PATH]
    assert ranges[0] == ""
    assert abs(int(ranges[1].removeprefix("bytes=").rstrip("-")) - catalogue_cut) <= PIECE


def test_a_server_that_knows_no_ranges_sends_all_again(catalogue, files):
    catalogue.takes_ranges = False
    catalogue.cut_at = 5_000_000
    got()
    catalogue.cut_at = None
    assert got().status == Status.DONE
    assert files() == PLACED


def test_what_breaks_off_every_time_ends_as_a_failure(catalogue, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_ATTEMPTS", 2)
    catalogue.cut_at = 0
    download = got()
    assert download.status == Status.WAITING
    downloads.run(download)
    assert VoiceDownload.objects.get().status == Status.FAILED


def test_a_slow_server_takes_several_stretches(catalogue, files, monkeypatch):
    monkeypatch.setattr(downloads, "STRETCH_SECONDS", 0.7)
    catalogue.piece_seconds = 0.002
    download = downloads.ask_for(offer_named(JOE))
    stretches = 1
    while downloads.run(download):
        stretches += 1
    assert VoiceDownload.objects.get().status == Status.DONE
    assert stretches >= 2
    assert files() == PLACED


def test_a_slow_server_that_knows_no_ranges_gets_the_time_to_send_all(catalogue, monkeypatch):
    monkeypatch.setattr(downloads, "STRETCH_SECONDS", 0.2)
    catalogue.piece_seconds, catalogue.takes_ranges = 0.001, False
    assert got().status == Status.DONE
    assert len([path for path, _ in catalogue.asked if path == MODEL_PATH]) == 2


def test_a_server_that_hardly_sends_anything_is_given_up_in_time(catalogue, monkeypatch):
    monkeypatch.setattr(transfer, "PACE_SECONDS", 0.3)
    monkeypatch.setattr(transfer, "PACE_BYTES", 10_000_000)
    catalogue.piece_seconds = 0.1
    download = got()
    assert (download.status, download.error) == (
        Status.WAITING, "It comes too slowly. Try again later.",
    )  # fmt: skip


def test_a_server_that_falls_silent_is_given_up_in_time(catalogue, monkeypatch):
    monkeypatch.setattr(transfer, "SILENT_SECONDS", 0.3)
    catalogue.piece_seconds = 2.0
    assert "Nothing comes any more" in got().error


def test_a_full_disk_is_told_and_what_came_makes_room_again(catalogue, files):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000_000, hard))
    try:
        download = got()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert download.status == Status.FAILED
    assert "not enough room on the disk for 63 MB" in download.error
    assert files() == []
    assert got().status == Status.DONE


def test_too_little_room_is_told_before_anything_is_fetched(catalogue, monkeypatch):
    monkeypatch.setattr(downloads, "ROOM_BYTES", 10**17)
    assert "not enough room on the disk" in got().error
    assert MODEL_PATH not in [path for path, _ in catalogue.asked]


def test_who_stops_it_leaves_nothing(catalogue, files, monkeypatch):
    monkeypatch.setattr(downloads, "TOLD_SECONDS", 0.0)
    download = downloads.ask_for(offer_named(JOE))
    downloads.run(download, on_progress=lambda: downloads.stop(JOE))
    assert not VoiceDownload.objects.exists()
    assert not any(name.startswith("piper/") for name in files())


def test_two_workers_do_not_fetch_the_same(catalogue):
    download = downloads.ask_for(offer_named(JOE))
    other = VoiceDownload.objects.get()
    assert download.claim()
    assert not downloads.run(other)
    assert MODEL_PATH not in [path for path, _ in catalogue.asked]


def test_a_killed_worker_is_followed_by_another_that_goes_on(
    catalogue, files, tmp_path, monkeypatch
):
    catalogue.piece_seconds = 0.005
    monkeypatch.setenv("PIPER_VOICES_URL", catalogue.address)
    with running_worker(
        data_dir=tmp_path, tone_log=tmp_path / "log", queues="jobs", concurrency=1
    ) as worker:
        download = downloads.ask_for(offer_named(JOE))
        tasks.get_voice.delay(download.pk)
        wait_until(lambda: VoiceDownload.objects.get().bytes_done > 5_000_000, 30)
        worker.kill_pool_children()
        catalogue.piece_seconds = 0.0

        def is_done() -> bool:
            # Its lease is over; beat notices.
            VoiceDownload.objects.filter(status=Status.RUNNING, attempt=1).update(
                lease_until="2020-01-01T00:00Z"
            )
            tasks.resume_downloads()
            return VoiceDownload.objects.get().status == Status.DONE

        wait_until(is_done, 40)
    assert files() == PLACED
    assert any(asked for path, asked in catalogue.asked if path == MODEL_PATH)


# --- catalogues -----------------------------------------------------------------------------------


def test_without_a_network_it_is_told_at_once(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.PIPER_VOICES_URL = "http://127.0.0.1:1/"
    catalogues._known.clear()
    with pytest.raises(CommandError, match=r"There is no connection to 127\.0\.0\.1"):
        call_command("add_voice", JOE)


@pytest.mark.parametrize("listed", [b"", b"[]", b"<html>", b"[" * 100_000, b"\xff\xfe", b"null"])
def test_what_is_no_catalogue_is_told(catalogue, monkeypatch, listed):
    monkeypatch.setattr(transfer, "read", lambda *_, **__: listed)
    with pytest.raises(TransferFailed, match="is not a catalogue of voices"):
        catalogues.piper_offers()


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {}}, {"files": None}, {"language": {}}, {"language": "en"},
        {"language": {"code": "../../etc"}}, {"num_speakers": "many"},
    ],
)  # fmt: skip
def test_an_odd_entry_takes_no_other_away(catalogue, changes):
    catalogue.list_voice("de_DE-odd-low", FOLDER)
    catalogue.listed["de_DE-odd-low"] |= changes
    catalogue.listed["../../evil"] = catalogue.listed[JOE]
    catalogue.listed["en_US-bare-low"] = None
    assert [offer.name for offer in catalogues.piper_offers()] == [JOE]


def test_offers_say_what_the_catalogue_says(catalogue):
    (offer,) = catalogues.with_cards(catalogues.piper_offers())
    assert (offer.title, offer.language, offer.language_name, offer.quality, offer.licence) == (
        "Joe", "en-US", "English (United States)", "medium", "CC0",
    )  # fmt: skip
    assert offer.sample_url.endswith("/samples/speaker_0.mp3")
    assert offer.size == MODEL.stat().st_size + CONFIG.stat().st_size


def test_the_addresses_come_from_the_packages(settings):
    settings.PIPER_VOICES_URL = settings.HIBARI_VOICES_URL = ""
    for source in (catalogues.piper_source(), catalogues.hibari_source()):
        assert source.base.startswith("https://")
        assert source.base.endswith("/")
        assert not source.is_own


@pytest.mark.parametrize(
    ("base", "is_own"), [("http://127.0.0.1:9/", False), ("http://localhost:9/", False)]
)
def test_a_private_address_that_nobody_named_is_not_reached(base, is_own):
    with pytest.raises(TransferFailed, match="not on the public internet"):
        transfer.read(Source(base, is_own=is_own), base, most_bytes=10, seconds=2)


def test_a_public_mirror_cannot_lead_to_a_private_address(catalogue, monkeypatch):
    source = Source("https://mirror.example/", is_own=True)
    monkeypatch.setattr(transfer, "_is_public_host", lambda base: True)
    with pytest.raises(TransferFailed, match="not on the public internet"):
        transfer.read(source, catalogue.address, most_bytes=10, seconds=2)


def test_redirects_are_followed_but_not_for_ever(catalogue, files):
    catalogue.files["cdn/blob"] = catalogue.files[MODEL_PATH]
    catalogue.redirects[MODEL_PATH] = "/voices/cdn/blob"
    assert got().status == Status.DONE
    catalogue.redirects["cdn/blob"] = "/voices/cdn/blob"
    with pytest.raises(TransferFailed, match="without end"):
        transfer.read(
            catalogues.piper_source(), f"{catalogue.address}cdn/blob", most_bytes=10, seconds=5
        )


def test_what_is_got_lies_below_the_data_folder(catalogue, tmp_path):
    assert installed.workshop(JOE).is_relative_to(tmp_path)
    assert installed.files_of("piper", "../../etc/passwd") == []
    assert installed.files_of("hibari", "heart") == []
