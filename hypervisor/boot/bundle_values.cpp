// SPDX-License-Identifier: Apache-2.0
// Reads properties that may be anything.
#include <boot/bundle_values.hpp>
#include <cstring>
#include <kernel/limits.hpp>

namespace vambrace {

namespace {

bool good_label(char const *label)
{
    for (char const *c = label; *c; ++c) {
        if (*c <= ' ' || *c > '~' || *c == '[' || *c == ']') {
            return false;
        }
    }
    return *label != 0;
}

} // namespace

Boot_result<u32> read_number(Device_tree tree, int node, char const *name, u32 if_absent)
{
    Property const value = tree.property(node, name);
    if (value.data && value.size != 4) {
        return Problem {"a number in the boot bundle is not one 32-bit cell", name,
                        "write it as <0x4000000>, and several numbers not at all"};
    }
    return value.data ? static_cast<u32>(read_cells(value.data, 1)) : if_absent;
}

Boot_result<char const *> read_text(Device_tree tree, int node, char const *name, char const *if_absent,
                                    u32 longest)
{
    if (!tree.property(node, name).data) {
        return if_absent;
    }
    char const *const text = tree.string(node, name);
    if (!text) {
        return Problem {"a property in the boot bundle is not a string", name, "write it as \"text\""};
    }
    if (std::strlen(text) > longest) {
        return Problem {"a text in the boot bundle is too long", name, "shorten it to %u characters",
                        static_cast<unsigned>(longest)};
    }
    return text;
}

Boot_result<char const *> read_label(Device_tree tree, int node)
{
    Boot_result<char const *> const label = read_text(tree, node, "label", tree.name(node), max_label);
    if (label && !good_label(*label)) {
        return Problem {"a label cannot be printed", tree.name(node),
                        "use letters, digits and signs, without spaces and brackets"};
    }
    return label;
}

} // namespace vambrace
