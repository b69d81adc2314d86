// SPDX-License-Identifier: Apache-2.0
// Shadow tables: what changes under all of them at once.
#include <pv/shadow/shadow.hpp>

namespace vambrace {

void Shadow::set_rights(arch::Rights_context rights)
{
    if (rights == s_.guest().rights)
        return;
    s_.tables.guest.rights = rights;
    s_.pages.forget();
    s_.learned.forget();
    drop_all();
}

void Shadow::set_linear_map(Linear_map map)
{
    s_.tables.set_linear_map(map);
    s_.learned.forget();
    drop_all();
}

} // namespace vambrace
