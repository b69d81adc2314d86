# SPDX-License-Identifier: Apache-2.0
"""The benchmark: a guest program, a QEMU plugin that counts instructions, and the table maker."""
