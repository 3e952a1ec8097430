#pragma once

#include <memory>
#include <string>

#include "session/session.h"
#include "support/temp_postgres.h"

namespace berth::test {

// A superuser's session that counts a role's sessions as the server lists them. Waits for a server that restarts.
class Observer {
 public:
  Observer(const TempPostgres& postgres, std::string role);
  int Count();

 private:
  session::ConnectParams params_;
  const std::string sql_;
  std::unique_ptr<session::SessionFactory> factory_ = session::MakeLibpqFactory(Clock::System());
  std::unique_ptr<session::Session> session_;
};

}  // namespace berth::test
