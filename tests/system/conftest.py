# SPDX-License-Identifier: Apache-2.0
"""What the system tests share. A run that a test has started ends with the test."""

import pytest

from harness import images, kernel, session


@pytest.fixture(scope="session", autouse=True)
def platform():
    """The board, with all that takes long to build: no test's time is spent on it."""
    board = session.versatilepb()
    for variant in (kernel.NATIVE, kernel.GUEST):
        images.linux(board, variant)
    return board


@pytest.fixture(scope="session")
def default_bundle(platform):
    """One Linux guest as ./run boots it."""
    return images.default_bundle(platform)


@pytest.fixture
def start():
    """Starts ./run with options on a terminal."""
    sessions = []

    def starter(*options):
        sessions.append(session.run(*options))
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
    return images.output(platform) / "host.dtb"


@pytest.fixture(scope="session")
def image(platform):
    return images.output(platform) / "vambrace.bin"
