# SPDX-License-Identifier: Apache-2.0
"""The coherency checker: guests in QEMU under a model of caches, write buffer and TLB."""
