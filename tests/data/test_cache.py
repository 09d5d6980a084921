import importlib
import multiprocessing
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from logitbench.catalogue import shipped
from logitbench.compare.power import fewest_seeds
from logitbench.data import SOURCES, dataset
from logitbench.data.cache import Obtained, cache_root, obtain, open_dataset, source, with_path
from logitbench.data.cldr import Cldr
from logitbench.data.dataset import Source, let_go
from logitbench.errors import DataError, UsageError
from logitbench.spec import DataSpec, read

SPEC = DataSpec(source="digits")


def test_every_source_in_the_table_is_there_and_has_defaults() -> None:
    for place in SOURCES.values():
        module, _, name = place.partition(":")
        found = getattr(importlib.import_module(module), name)
        assert issubclass(found, Source)
        assert isinstance(found(), Source)


def test_a_dataset_is_built_once_and_described_alike_ever_after(cache: Path, said: list[str]) -> None:
    built = obtain(SPEC, said.append)
    written = sorted((path, path.stat().st_mtime_ns) for path in cache.rglob("*"))
    assert obtain(SPEC, said.append) == built
    assert sorted((path, path.stat().st_mtime_ns) for path in cache.rglob("*")) == written
    opened = open_dataset(built.folder)
    assert (len(opened.y_train), len(opened.y_val), opened.input_shape) == (1438, 359, (64,))
    assert built.folder.parent == cache / "datasets"
    assert said == []


def test_workers_get_the_bytes_that_were_loaded(said: list[str]) -> None:
    spec = DataSpec(source="cldr", task="language", sequence_length=8)
    loaded = Cldr(task="language", sequence_length=8).load(said.append)
    obtained = obtain(spec, said.append)
    opened = open_dataset(obtained.folder)
    assert opened.digest() == loaded.digest() == obtained.digest
    assert (opened.classes, opened.vocabulary_size, opened.notes) == (
        loaded.classes,
        loaded.vocabulary_size,
        loaded.notes,
    )
    assert isinstance(opened.x_train, np.memmap)
    assert not opened.x_train.flags.writeable


def test_every_key_but_the_path_makes_a_dataset_of_its_own(tmp_path: Path, said: list[str]) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x,label\n" + "1,a\n2,b\n" * 5, encoding="utf-8")

    def folder(name: str, **options: object) -> Path:
        return obtain(DataSpec(source="file", path=str(tmp_path / name), **options), said.append).folder

    first = folder("a.csv")
    assert folder("b.csv") == first
    assert folder("a.csv", standardise=True) == first  # the default, written out
    assert folder("a.csv", standardise=False) != first
    (tmp_path / "a.csv").write_text("x,label\n" + "1,a\n3,b\n" * 5, encoding="utf-8")
    assert folder("a.csv") != first


def test_notes_survive_the_cache(tmp_path: Path, said: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,label\n" + "1,a\n2,b\n" * 5 + ",a\n", encoding="utf-8")
    spec = DataSpec(source="file", path=str(path))
    notes = obtain(spec, said.append).notes
    assert len(notes) == 2
    assert obtain(spec, said.append).notes == notes


@pytest.mark.parametrize("damage", ["flip", "truncate", "empty", "remove", "meta", "newer", "file"])
def test_a_damaged_dataset_is_built_again_with_a_word(damage: str, said: list[str]) -> None:
    good = obtain(SPEC, said.append)
    array, meta = good.folder / "x_train.npy", good.folder / "meta.json"
    content = bytearray(array.read_bytes())
    if damage == "flip":
        content[-3] ^= 1
        array.write_bytes(content)
    elif damage == "truncate":
        array.write_bytes(content[:-10])
    elif damage == "empty":
        array.write_bytes(b"")
    elif damage == "remove":
        array.unlink()
    elif damage == "meta":
        meta.write_text("{", encoding="utf-8")
    elif damage == "newer":
        meta.write_text(meta.read_text(encoding="utf-8").replace('"format": 1', '"format": 2'), encoding="utf-8")
    else:
        shutil.rmtree(good.folder)
        good.folder.write_text("not a folder", encoding="utf-8")
    assert obtain(SPEC, said.append) == good
    assert open_dataset(good.folder).digest() == good.digest
    assert said == [f"The cached dataset {good.folder} is damaged; it is replaced."]
    assert [path.name for path in good.folder.parent.iterdir()] == [good.folder.name]  # nothing is left behind


def test_a_folder_that_is_no_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read") as caught:
        open_dataset(tmp_path)
    assert "Delete the folder" in caught.value.hint


def test_pickled_arrays_are_never_loaded(said: list[str]) -> None:
    folder = obtain(SPEC, said.append).folder
    np.save(folder / "x_val.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="cannot be read"):
        open_dataset(folder)


def test_a_cache_that_cannot_be_written_is_replaced_for_this_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("LOGITBENCH_CACHE", str(tmp_path / "file" / "below"))
    obtained = obtain(SPEC, said.append)
    assert open_dataset(obtained.folder).digest() == obtained.digest
    assert len(said) == 1
    assert said[0].startswith("Cannot write to ")
    assert "temporary folder" in said[0]
    shutil.rmtree(obtained.folder)


def test_the_temporary_folder_goes_with_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    script = (
        "from logitbench.data.cache import obtain; from logitbench.spec import DataSpec;"
        "print(obtain(DataSpec(source='digits'), lambda line: None).folder)"
    )
    environment = {"LOGITBENCH_CACHE": str(tmp_path / "file"), "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).parent == tmp_path
    assert not Path(done.stdout.strip()).exists()


def test_nowhere_to_write_is_an_error(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    def fail(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", fail)
    with pytest.raises(DataError, match="No space left on device") as caught:
        obtain(SPEC, said.append)
    assert "LOGITBENCH_CACHE" in caught.value.hint


@pytest.mark.parametrize("chosen", [None, "~nosuch/cache"])
def test_without_a_home_folder_the_cache_asks_for_one(chosen: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: object) -> object:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    for name in ("HOME", "XDG_CACHE_HOME", "LOGITBENCH_CACHE"):
        monkeypatch.delenv(name, raising=False)
    if chosen:
        monkeypatch.setenv("LOGITBENCH_CACHE", chosen)
    with pytest.raises(DataError, match="there is no home folder for the cache") as caught:
        cache_root()
    assert caught.value.hint == "Set LOGITBENCH_CACHE to a folder."


def _obtain(_: int) -> Obtained:
    return obtain(DataSpec(source="cldr", sequence_length=4), lambda line: None)


def test_processes_that_race_end_up_with_one_dataset(cache: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.map(_obtain, range(6), chunksize=1)
    assert len(set(found)) == 1
    assert list((cache / "datasets").iterdir()) == [found[0].folder]


def test_whoever_finishes_second_takes_the_first_ones_dataset(
    cache: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    from logitbench.data.bundled import Digits

    original = Digits.load

    def overtaken(self: Digits, notify: object) -> object:
        monkeypatch.setattr(Digits, "load", original)
        obtain(SPEC, said.append)  # another process, faster
        return original(self, said.append)

    monkeypatch.setattr(Digits, "load", overtaken)
    second = obtain(SPEC, said.append)
    assert second == obtain(SPEC, said.append)
    assert list((cache / "datasets").iterdir()) == [second.folder]
    assert said == []


def test_an_unknown_source_has_a_neighbour() -> None:
    with pytest.raises(UsageError, match="there is no data source 'imbd'") as caught:
        source(DataSpec(source="imbd"))
    assert caught.value.hint == "Did you mean 'imdb'?"


def test_a_sources_keys_are_validated_without_reading(said: list[str]) -> None:
    with pytest.raises(UsageError, match=r"\[data\]: unknown key 'ngrams'") as caught:
        source(DataSpec(source="cldr", ngrams=2))
    assert caught.value.hint == "Did you mean 'ngram'?"
    with pytest.raises(UsageError, match="vocabulary_size should be greater than or equal to 3, got 2"):
        source(DataSpec(source="imdb", vocabulary_size=2))


def test_a_path_is_laid_over_a_source_that_reads_one() -> None:
    spec = with_path(DataSpec(source="imdb", path="old", split_seed=7), "new")
    assert spec.options == {"path": "new", "split_seed": 7}


@pytest.mark.parametrize("name", ["cldr", "digits", "breast-cancer"])
def test_a_path_for_data_that_comes_with_the_packages_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="this experiment's data comes with the packages") as caught:
        with_path(DataSpec(source=name), "somewhere")
    assert "Leave --data out" in caught.value.hint


@pytest.mark.parametrize("name", ["cldr", "imdb", "file"])
def test_naming_a_source_imports_neither_tensorflow_nor_pandas(name: str) -> None:
    script = (
        "import sys; from logitbench.data.cache import source; from logitbench.spec import DataSpec;"
        f"source(DataSpec(source={name!r}));"
        "print(*{'tensorflow', 'keras', 'pandas', 'sklearn'}.intersection(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_experiment_has_valid_data_and_says_what_it_asks(name: str) -> None:
    experiment = read(name)
    assert isinstance(source(experiment.data), Source)
    assert experiment.asks.endswith("?")
    assert isinstance(experiment.pairs.seeds, int)
    assert experiment.pairs.seeds >= fewest_seeds(len(experiment.pairs.arms) - 1)  # fewer can never reach p = .05


def test_a_large_dataset_gives_back_its_memory_and_then_the_same_numbers(
    cache: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    obtained = obtain(SPEC, said.append)
    x = open_dataset(obtained.folder).x_train
    before = np.array(x)
    monkeypatch.setattr(dataset, "LARGE", 1000)

    assert open_dataset(obtained.folder).digest() == obtained.digest
    let_go(x)

    assert mapped_kilobytes(obtained.folder / "x_train.npy") == 0
    np.testing.assert_array_equal(x, before)
    assert mapped_kilobytes(obtained.folder / "x_train.npy") > 0


def mapped_kilobytes(path: Path) -> int:
    """Return how much of a mapped file this process has in memory, as Linux counts it."""
    lines = Path("/proc/self/smaps").read_text().splitlines()
    starts = [number for number, line in enumerate(lines) if line.endswith(str(path))]
    if not starts:
        pytest.skip("needs a file that is mapped, and /proc/self/smaps")
    return sum(int(next(line for line in lines[start:] if line.startswith("Rss:")).split()[1]) for start in starts)
