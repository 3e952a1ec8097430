#include "engine/second_password.h"

#include <utility>

namespace berth::engine {

Result<std::unique_ptr<session::Session>> SecondPasswordFactory::Open(const session::ConnectParams& params,
                                                                      Deadline deadline, session::Interrupt* stop) {
  auto first = inner_->Open(params, deadline, stop);
  if (first.ok() || !params.next_password || first.error().code != ErrorCode::kUnauthenticated) return first;
  auto second_params = params;
  second_params.password = *params.next_password;
  auto second = inner_->Open(second_params, deadline, stop);
  if (!second.ok()) return first;
  if (params.next_accepted) params.next_accepted();
  return second;
}

Status SecondPasswordFactory::CancelBackend(const session::ConnectParams& params, std::int32_t pid, std::int32_t key,
                                            Deadline deadline) {
  return inner_->CancelBackend(params, pid, key, deadline);
}

}  // namespace berth::engine
