// SPDX-License-Identifier: Apache-2.0
// Parts of a guest by what they are called.
#include <boot/part_list.hpp>

namespace vambrace {

int Parts::find(char const *property, char const *value) const
{
    for (int const node : *this)
        if (tree_.is(node, property, value))
            return node;
    return -1;
}

unsigned Parts::index_of(char const *property, char const *value) const
{
    unsigned n = 0;
    for (int const node : *this) {
        if (tree_.is(node, property, value))
            return n;
        ++n;
    }
    return n;
}

} // namespace vambrace
