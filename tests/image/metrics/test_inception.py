"""FID by the published tools: what it is where they are, and one line where they are not. Never a download."""

import hashlib
import sys
import types

import pytest
import torch

from cyclekit.image.metrics import frechet_distance, inception, saved_levels
from cyclekit.image.metrics.inception import _clean_fid, _torch_fidelity, checked_weights
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import build
from tests.image.textures import between, textures

NAMES = ["fid_legacy", "fid_clean"]


def tool_of(name):
    return {"fid_legacy": _torch_fidelity, "fid_clean": _clean_fid}[name]()


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whoever opens a connection fails the test."""

    def refuse(*given, **options):
        raise AssertionError(f"a metric opened a connection: {given}")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    inception._features.cache_clear()
    yield
    inception._features.cache_clear()


def installed(monkeypatch, *packages):
    monkeypatch.setattr(inception, "find_spec", lambda package: object() if package in packages else None)


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A file that takes the place of the published one, by its name and its checksum."""

    def put(name, content):
        path = tmp_path / tool_of(name).weights
        torch.save(content, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        builder = {"fid_legacy": "_torch_fidelity", "fid_clean": "_clean_fid"}[name]
        changed = tool_of(name)._replace(sha256=digest)
        monkeypatch.setattr(inception, builder, lambda: changed)
        return path

    return put


@pytest.mark.parametrize("name", NAMES)
def test_without_the_package_one_line_says_what_to_install(name, monkeypatch):
    installed(monkeypatch)
    with pytest.raises(MetricUnavailable) as error:
        build("metric", name)(between(textures(3, 0), textures(3, 1)))
    assert str(error.value) == f"needs the package {tool_of(name).distribution}: pip install 'cyclekit[inception]'"


@pytest.mark.parametrize("name", NAMES)
def test_without_weights_one_line_says_which_and_how(name, monkeypatch, tmp_path):
    installed(monkeypatch, tool_of(name).package)
    for given in (tmp_path / "no.pth", tmp_path):
        with pytest.raises(MetricUnavailable) as error:
            build("metric", name, options={"inception_weights": str(given)})(between(textures(3, 0), textures(3, 1)))
        missing = tmp_path / tool_of(name).weights if given == tmp_path else given
        assert str(error.value) == (
            f"needs the weights {tool_of(name).weights}, which are never downloaded, and {missing} is no file: name "
            "the file or its folder: set metrics.inception_weights=PATH"
        )


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_looked_for_where_the_tool_keeps_them(name, monkeypatch, tmp_path):
    installed(monkeypatch, tool_of(name).package)
    elsewhere = tool_of(name)._replace(kept=tmp_path / "kept.pth")
    with pytest.raises(MetricUnavailable, match=r"kept.pth is no file"):
        checked_weights(elsewhere, None)


@pytest.mark.parametrize("name", NAMES)
def test_another_file_is_refused_by_its_content(name, monkeypatch, tmp_path):
    installed(monkeypatch, tool_of(name).package)
    other = tmp_path / tool_of(name).weights
    other.write_bytes(b"other weights")
    with pytest.raises(MetricUnavailable, match=r"is another file \([0-9a-f]{8}\.\.\.\)"):
        build("metric", name, options={"inception_weights": str(tmp_path)})(between(textures(3, 0), textures(3, 1)))


def test_legacy_is_the_distance_in_torch_fidelitys_features(weights, monkeypatch):
    """With a network that is small and known in place of Inception."""
    installed(monkeypatch, "torch_fidelity")
    made = []

    class Extractor(torch.nn.Module):
        def __init__(self, name, features_list, feature_extractor_weights_path):
            super().__init__()
            made.append((name, features_list))
            # As torch-fidelity does it; what it gets must be safe to be read so.
            self.weight = torch.load(feature_extractor_weights_path, weights_only=False)["weight"]

        def forward(self, pictures):
            assert pictures.dtype == torch.uint8
            assert pictures.shape[1] == 3
            return (pictures.float().mean((2, 3)) @ self.weight,)

    module = types.ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    module.FeatureExtractorInceptionV3 = Extractor
    monkeypatch.setitem(sys.modules, "torch_fidelity", types.ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", module)
    weight = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))
    path = weights("fid_legacy", {"weight": weight})
    sets = between(textures(9, 0), textures(8, 1))
    metric = build("metric", "fid_legacy", options={"inception_weights": str(path)})
    measured = metric(sets)
    features = [(saved_levels(batch).float().mean((2, 3)) @ weight).double() for batch in (sets.fake, sets.real)]
    assert measured.value == pytest.approx(frechet_distance(*features), rel=1e-4)
    assert measured.interval[0] < measured.value < measured.interval[1]
    assert made == [("inception-v3-compat", ["2048"])]
    assert metric.name == "FID (Inception, legacy)"
    assert metric.protocol["input"] == "299 x 299, bilinear as in TensorFlow 1, not antialiased"
    grey = between(textures(9, 0)[:, :1], textures(8, 1)[:, :1])
    assert metric(grey).value > 0
    with pytest.raises(MetricUnavailable, match="needs at least 2 pictures of each domain; got 1"):
        metric(between(textures(1, 0), textures(8, 1)))


def test_a_file_that_would_run_code_is_not_unpickled(weights, monkeypatch):
    installed(monkeypatch, "torch_fidelity")
    pytest.importorskip("torch_fidelity")
    path = weights("fid_legacy", {"weight": types.SimpleNamespace(anything=1)})
    with pytest.raises(Exception, match=r"Weights only load failed"):
        build("metric", "fid_legacy", options={"inception_weights": str(path)})(between(textures(3, 0), textures(3, 1)))


def test_clean_is_the_distance_in_clean_fids_features(weights, monkeypatch):
    installed(monkeypatch, "cleanfid")
    opened = []

    class Network(torch.nn.Module):
        def __init__(self, path, download=True):
            super().__init__()
            opened.append((path, download))

        def forward(self, pictures):
            assert pictures.shape[1:] == (3, 4, 4)
            return pictures.mean((2, 3))

    def resizer(mode):
        assert mode == "clean"
        return lambda picture: picture[:4, :4].astype("float32") + 0.25

    network, resize = types.ModuleType("cleanfid.inception_torchscript"), types.ModuleType("cleanfid.resize")
    network.InceptionV3W, resize.build_resizer = Network, resizer
    for module in (types.ModuleType("cleanfid"), network, resize):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    path = weights("fid_clean", {})
    sets = between(textures(9, 0), textures(8, 1))
    metric = build("metric", "fid_clean", options={"inception_weights": str(path.parent)})
    features = [saved_levels(batch)[:, :, :4, :4].double().mean((2, 3)) for batch in (sets.fake, sets.real)]
    assert metric(sets).value == pytest.approx(frechet_distance(*features), rel=1e-4)
    assert opened == [(str(path.parent), False)]
    renamed = path.rename(path.with_name("mine.pt"))
    with pytest.raises(MetricUnavailable, match=r"under their own name, inception-2015-12-05.pt"):
        build("metric", "fid_clean", options={"inception_weights": str(renamed)})(sets)
