// SPDX-License-Identifier: Apache-2.0
// How a core with the virtualization extensions waits: in HYP mode as in others.
#pragma once
#include <arch/armv7/wait.hpp>
