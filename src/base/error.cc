#include "berth/error.h"

namespace berth {

const ErrorCodeFacts& FactsOf(ErrorCode code) {
  switch (code) {
#define BERTH_ERROR(name, number, sqlstate, http, data_api, exit_status)                  \
  case ErrorCode::k##name: {                                                              \
    static constexpr ErrorCodeFacts kFacts{#name, sqlstate, http, data_api, exit_status}; \
    return kFacts;                                                                        \
  }
#include "berth/error_codes.def"
#undef BERTH_ERROR
  }
  static constexpr ErrorCodeFacts kUnknown{"Unknown", "XX000", 500, "InternalServerException", 1};
  return kUnknown;
}

}  // namespace berth
