# SPDX-License-Identifier: Apache-2.0
"""What nobody has to discuss: layout, line length, licences, how long a file and a function may be."""
