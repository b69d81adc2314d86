// SPDX-License-Identifier: Apache-2.0
// The board's interrupt lines: whoever drives a device registers what is done about its line.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// Who says that a line may interrupt again.
enum class Ended_by : u8 {
    handler, ///< when it returns
    guest,   ///< the controller lets it end the interrupt itself
};

/// One line and its handler. It stays where it is.
class Host_irq {
  public:
    using Handler = void (*)();

    constexpr Host_irq(unsigned line, Handler handler, Ended_by ended_by = Ended_by::handler)
        : line_ {line}, ended_by_ {ended_by}, handler_ {handler}
    {
    }
    Host_irq(Host_irq const &) = delete;
    Host_irq &operator=(Host_irq const &) = delete;

    /// For a board that knows its line only after its start. \pre it is not added yet
    void set_line(unsigned line) { line_ = line; }
    unsigned line() const { return line_; }

  private:
    friend class Host_irqs;

    unsigned line_;
    Ended_by const ended_by_;
    Handler const handler_;
    Host_irq *next_ {};
};

/// The lines that somebody handles, of which there are a few.
class Host_irqs {
  public:
    /// \pre nobody handles this line yet
    void add(Host_irq &irq)
    {
        irq.next_ = first_;
        first_ = &irq;
    }
    /// A line without a handler is nobody's.
    Ended_by handle(unsigned line) const
    {
        for (Host_irq const *irq = first_; irq; irq = irq->next_) {
            if (irq->line_ == line) {
                irq->handler_();
                return irq->ended_by_;
            }
        }
        return Ended_by::handler;
    }

  private:
    Host_irq *first_ {};
};

} // namespace vambrace
