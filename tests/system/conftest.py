# SPDX-License-Identifier: Apache-2.0
"""What the system tests share. A run that a test has started ends with the test.

A test that uses a board runs on all of FULL, with the mark `everywhere` on every board and each of its
processors, with the mark `boards(name, ...)` on those. With `in_hyp_mode` it runs on every board that has HYP
mode, or on those that it names: what no board has a part in is tried on one.
"""

import pytest

from harness import images, kernel, qemu, session

FULL = ["versatilepb", "vexpress-a9"]  # one board for each of the two kernels
LONG = "paste hyp restarts ciphers shell two_guests options small_pool smp boards".split()


# Of each parameter one object: with an equal one pytest makes what is shared anew.
SAME = {}


def pytest_configure(config):
    config.addinivalue_line("markers", "everywhere: the test runs on every board")
    config.addinivalue_line("markers", "in_hyp_mode(*names): it runs on boards with HYP mode, or on those")
    config.addinivalue_line("markers", "boards(*names): the test runs on these boards")


def chosen(metafunc):
    """[(board, processor, HYP mode or not)] that a test is for."""
    if metafunc.definition.get_closest_marker("everywhere"):
        return qemu.boards()
    if in_hyp_mode := metafunc.definition.get_closest_marker("in_hyp_mode"):
        names = in_hyp_mode.args
        return [(name, cpu, hyp) for name, cpu, hyp in qemu.boards() if hyp and (not names or name in names)]
    own = metafunc.definition.get_closest_marker("boards")
    return [(name, None, False) for name in (own.args if own else FULL)]


def pytest_generate_tests(metafunc):
    if "platform" in metafunc.fixturenames:
        found = [SAME.setdefault(each, each) for each in chosen(metafunc)]
        names = ["-".join(filter(None, [name, cpu, "hyp" if hyp else None])) for name, cpu, hyp in found]
        metafunc.parametrize("platform", found, ids=names, indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in its own
def pytest_collection_modifyitems(items):
    """A file's tests on a board go to one worker, which then has what they share; the longest begin first."""
    for item in items:
        if hasattr(item, "callspec") and "platform" in item.callspec.params:
            name = item.callspec.params["platform"][0]
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{name}"))
    place = {name: n for n, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.parent.name, len(LONG)))


@pytest.fixture(scope="session")
def platform(request):
    """The board, with all that takes long to build: no test's time is spent on it."""
    board = session.board(*request.param)
    for variant in (kernel.native(board), kernel.guest(board)):
        images.linux(board, variant)
    return board


@pytest.fixture(scope="session")
def default_bundle(platform):
    """One Linux guest as ./run boots it."""
    return images.default_bundle(platform)


@pytest.fixture
def start(platform):
    """Starts ./run for the board with options on a terminal."""
    sessions = []

    def starter(*options):
        sessions.append(session.run(*session.arguments(platform, options), *options))
        return sessions[-1]

    yield starter
    for one in sessions:
        one.close()


@pytest.fixture
def start_qemu(platform):
    """Starts QEMU itself on a terminal."""
    sessions = []

    def starter(**options):
        sessions.append(session.qemu_alone(platform, **options))
        return sessions[-1]

    yield starter
    for one in sessions:
        one.close()


@pytest.fixture(scope="session")
def host_dtb(platform):
    return images.device_tree(platform)


@pytest.fixture(scope="session")
def image(platform):
    return images.output(platform) / "vambrace.bin"
