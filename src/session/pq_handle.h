#pragma once

#include <memory>

#include "session/pq_library.h"

namespace berth::session {

struct PqDeleter {
  void operator()(PGconn* conn) const { PQfinish(conn); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using PqConn = std::unique_ptr<PGconn, PqDeleter>;
using PqResult = std::unique_ptr<PGresult, PqDeleter>;

}  // namespace berth::session
