// SPDX-License-Identifier: Apache-2.0
// What a guest's description has beside its kernel: disks, regions and channels, which are nodes below its
// own, and whether it wants randomness.
#pragma once
#include <boot/device_tree.hpp>

namespace vambrace {

/// The nodes of one kind below a node, in their order.
class Parts {
  public:
    class Iterator {
      public:
        Iterator(Parts const &parts, int node) : parts_ {parts}, node_ {node} { skip(); }
        int operator*() const { return node_; }
        Iterator &operator++()
        {
            node_ = parts_.tree_.next_sibling(node_);
            skip();
            return *this;
        }
        bool operator!=(Iterator const &other) const { return node_ >= 0 || other.node_ >= 0; }

      private:
        void skip()
        {
            while (node_ >= 0 && !parts_.tree_.is(node_, "compatible", parts_.kind_))
                node_ = parts_.tree_.next_sibling(node_);
        }

        Parts const &parts_;
        int node_;
    };

    /// \param parent negative: there are none
    Parts(Device_tree tree, int parent, char const *kind) : tree_ {tree}, parent_ {parent}, kind_ {kind} {}

    Iterator begin() const { return {*this, tree_.first_child(parent_)}; }
    Iterator end() const { return {*this, -1}; }
    unsigned count() const
    {
        unsigned n = 0;
        for ([[maybe_unused]] int const node : *this)
            ++n;
        return n;
    }
    /// The first whose property is this string; negative: there is none.
    int find(char const *property, char const *value) const;
    /// Likewise, how many are before it; of none, all of them.
    unsigned index_of(char const *property, char const *value) const;

  private:
    Device_tree tree_;
    int parent_;
    char const *kind_;
};

/// The parts of one guest. Without a node it has none.
struct Part_list {
    using Kind = Parts (Part_list::*)() const;

    Device_tree tree {};
    int node = -1;

    Parts disks() const { return {tree, node, "vambrace,disk"}; }
    Parts regions() const { return {tree, node, "vambrace,region"}; }
    Parts channels() const { return {tree, node, "vambrace,channel"}; }
    bool want_randomness() const { return tree.property(node, "rng").data; }
    bool share_something() const { return regions().count() || channels().count(); }
};

} // namespace vambrace
