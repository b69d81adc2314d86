# SPDX-License-Identifier: Apache-2.0
"""Linux's ciphers and hashes in assembler are right in a guest and natively: the kernel tests them itself."""

import pytest

from harness import images, kernel, programs

AES = __file__.replace("test_ciphers.py", "aes.c")
# Modules and what each has in /proc/crypto. BLAKE2s is built in and tests itself at boot.
EVERYWHERE = {
    "aes-arm": ["aes-arm"],
    "sha1-arm": ["sha1-asm"],
    "sha256-arm": ["sha224-asm", "sha256-asm"],
    "sha512-arm": ["sha384-arm", "sha512-arm"],
    "chacha-neon": ["chacha20-arm", "xchacha12-arm", "xchacha20-arm"],
    "poly1305-arm": ["poly1305-arm"],
}
NEON = {
    "aes-arm-bs": ["cbc-aes-neonbs", "ctr-aes-neonbs", "ecb-aes-neonbs", "xts-aes-neonbs"],
    "sha1-arm-neon": ["sha1-neon"],
    "sha256-arm": ["sha224-neon", "sha256-neon"],
    "sha512-arm": ["sha384-neon", "sha512-neon"],
    "chacha-neon": ["chacha20-neon", "xchacha12-neon", "xchacha20-neon"],
    "poly1305-arm": ["poly1305-neon"],
    "blake2b-neon": ["blake2b-160-neon", "blake2b-256-neon", "blake2b-384-neon", "blake2b-512-neon"],
    "nhpoly1305-neon": ["nhpoly1305-neon"],
    "curve25519-neon": ["curve25519-neon"],
}
# FIPS-197, appendix C.1: the cipher text, and the text again.
EXAMPLE = "69c4e0d86a7b0430d8cdb78070b4c55a\n00112233445566778899aabbccddeeff"


@pytest.fixture(scope="session")
def options(platform):
    """./run's options for the kernel and an initramfs with its modules and /bin/aes."""
    variant = kernel.ciphers(platform)
    ramdisk = images.root_file_system(platform, variant, extra=programs.build(AES))
    return ["--kernel", images.linux(platform, variant), "--initrd", ramdisk]


def self_tests(run):
    """{driver: result} from /proc/crypto."""
    fields = run.sh("grep -E '^(driver|selftest)' /proc/crypto").split("\n")
    values = [line.partition(":")[2].strip() for line in fields]
    return dict(zip(values[::2], values[1::2]))


@pytest.mark.boards("versatilepb", "realview-eb", "vexpress-a9")
@pytest.mark.parametrize("where", ["guest", "native"])
def test_ciphers_in_assembler_are_right(start, platform, options, where):
    run = start(*(["--native"] if where == "native" else []), *options).boot()
    run.sh("dmesg -n 1")  # no message among what is read here
    run.sh("zcat /proc/config.gz | grep -q 'CONFIG_CRYPTO_MANAGER_DISABLE_TESTS is not set'")
    wanted = list(EVERYWHERE.items()) + (list(NEON.items()) if platform["arch"] == "armv7" else [])
    for module, _ in wanted:
        run.sh(f"modprobe {module}", timeout=300)
    assert run.sh("aes") == EXAMPLE
    found = self_tests(run)
    drivers = [driver for _, names in wanted for driver in names]
    assert {driver: found.get(driver) for driver in drivers} == dict.fromkeys(drivers, "passed")
    assert found["ecb(aes-arm)"] == "passed"
    assert run.sh("dmesg | grep -iE 'alg: .*fail|self-?tests? .*fail|oops|BUG:'", status=None) == ""
    run.type("poweroff\r")
    assert run.end() == 0
