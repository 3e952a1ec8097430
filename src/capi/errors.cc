#include "capi/handles.h"

namespace berth::capi {

int Fail(Error error, berth_error** out) noexcept {
  const int code = static_cast<int>(error.code);
  if (out == nullptr) return code;
  try {
    std::string sqlstate(error.Sqlstate());
    *out = new berth_error{std::move(error), std::move(sqlstate)};
  } catch (const std::bad_alloc&) {
    *out = nullptr;  // the code says it all
  }
  return code;
}

Status Require(bool there, const char* what) {
  if (there) return {};
  return Error{.code = ErrorCode::kInvalidArgument, .message = std::string(what) + " is NULL or too small"};
}

}  // namespace berth::capi

extern "C" {

int berth_error_code(const berth_error* error) {
  return static_cast<int>(error->error.code);
}
const char* berth_error_sqlstate(const berth_error* error) {
  return error->sqlstate.c_str();
}
const char* berth_error_message(const berth_error* error) {
  return error->error.message.c_str();
}
const char* berth_error_detail(const berth_error* error) {
  return error->error.detail.c_str();
}
const char* berth_error_hint(const berth_error* error) {
  return error->error.hint.c_str();
}
int berth_error_in_doubt(const berth_error* error) {
  return error->error.in_doubt ? 1 : 0;
}
void berth_error_free(berth_error* error) {
  delete error;
}

}  // extern "C"
