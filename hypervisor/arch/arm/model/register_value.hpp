// SPDX-License-Identifier: Apache-2.0
// What a register of the core holds, whose fields belong to it: another register's do not fit.
#pragma once
#include <base/types.hpp>

namespace vambrace::arm {

/// Bits high to low of one register.
template <typename Register, unsigned high, unsigned low = high>
struct Register_field {
    static_assert(low <= high && high < 32);
    static constexpr u32 most = ~0u >> (31 - (high - low));
    static constexpr u32 mask = most << low;
};

template <typename Register>
class Register_value {
  public:
    constexpr Register_value() = default;
    /// \param word as the core has it
    constexpr explicit Register_value(u32 word) : word_ {word} {}

    constexpr u32 word() const { return word_; }
    template <unsigned high, unsigned low>
    constexpr u32 get(Register_field<Register, high, low> field) const
    {
        return (word_ & field.mask) >> low;
    }
    /// \param value at most the field's most, which is the default: all bits of it
    template <unsigned high, unsigned low>
    constexpr Register_value with(Register_field<Register, high, low> field,
                                  u32 value = Register_field<Register, high, low>::most) const
    {
        ASSERT(value <= field.most);
        return Register_value {(word_ & ~field.mask) | value << low};
    }
    template <unsigned high, unsigned low>
    constexpr Register_value without(Register_field<Register, high, low> field) const
    {
        return with(field, 0);
    }
    /// All bits of these fields.
    template <typename... Fields>
    constexpr Register_value with_all(Fields... fields) const
    {
        Register_value value = *this;
        ((value = value.with(fields)), ...);
        return value;
    }

    constexpr bool operator==(Register_value const &) const = default;

  private:
    u32 word_ {};
};

} // namespace vambrace::arm
