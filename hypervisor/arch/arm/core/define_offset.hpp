// SPDX-License-Identifier: Apache-2.0
// How a number leaves the compiler: as a string in its assembly, where the build finds it.
#pragma once

#define DEFINE(name, value) asm volatile("\n.ascii \"->" #name " %0\"" ::"i"(value))
