#pragma once

#include <memory>

#include "session/session.h"

namespace berth::engine {

// Opens sessions through `inner`. Where the server refuses the password and there is a second one, that is tried; its
// success is told to params.next_accepted before the session is given out. An error is that of the first password: the
// second may be one that the server is not to know yet.
class SecondPasswordFactory final : public session::SessionFactory {
 public:
  explicit SecondPasswordFactory(std::unique_ptr<session::SessionFactory> inner) : inner_(std::move(inner)) {}

  Result<std::unique_ptr<session::Session>> Open(const session::ConnectParams& params, Deadline deadline,
                                                 session::Interrupt* stop) override;
  Status CancelBackend(const session::ConnectParams& params, std::int32_t pid, std::int32_t key,
                       Deadline deadline) override;

 private:
  const std::unique_ptr<session::SessionFactory> inner_;
};

}  // namespace berth::engine
