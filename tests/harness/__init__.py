# SPDX-License-Identifier: Apache-2.0
"""What ./run, ./test and the build share: packages, kernels, initramfs, bundles, QEMU."""
