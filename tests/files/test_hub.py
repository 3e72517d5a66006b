"""The hub: known to be out of reach within seconds, and without importing what is slow."""

from __future__ import annotations

import http.server
import socket
import subprocess
import sys
import threading

import pytest

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.files.hub import classes_of, load_data_set, reach
from cyclekit.registry import RecipeError


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({"known": 200, "gone": 404, "private": 401}.get(self.path.split("/")[-1], 503))
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield
    server.shutdown()
    server.server_close()


def test_a_hub_that_answers(hub):
    reach("some/known")
    reach("some/private")  # `datasets` may hold a token for it
    with pytest.raises(SourceMissing, match="cannot give it: no such data set"):
        reach("some/gone")
    with pytest.raises(SourceMissing, match="cannot give it: it answers 503"):
        reach("some/busy")


def test_a_hub_that_never_answers_is_given_up_in_time(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with pytest.raises(SourceMissing, match=r"not in the local cache, and http.* cannot give it: no"):
            reach("some/body", patience=0.3)


def test_no_network_is_known_without_importing_datasets():
    program = (
        "import sys; from cyclekit.files.hub import load_data_set\n"
        "try: load_data_set('huggan/monet2photo')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "assert 'datasets' not in sys.modules\n"
    )
    environment = {"HF_ENDPOINT": "http://127.0.0.1:9", "no_proxy": "127.0.0.1", "HF_HOME": "/nonexistent"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "SourceMissing not in the local cache, and http://127.0.0.1:9 cannot give it: no connection" in done.stdout


def test_offline_by_wish(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(SourceMissing, match="HF_HUB_OFFLINE is set, and it is not in the local cache"):
        load_data_set("some/body")


def test_a_malformed_name():
    with pytest.raises(RecipeError, match=r"hub:monet2photo is no data set's name; write hub:OWNER/NAME"):
        load_data_set("monet2photo")


def test_classes_go_by_the_names_of_the_domains_or_by_their_order():
    assert classes_of(["Zebra", "horse", "cow"], "hub:x/y", Pair("horse", "zebra")) == (1, 0)
    assert classes_of(["1", "2"], "hub:x/y", Pair("negative", "positive")) == (0, 1)
    with pytest.raises(RecipeError, match="has the classes 1, 2, 3; name the domains after two of them"):
        classes_of(["1", "2", "3"], "hub:x/y", Pair("negative", "positive"))
