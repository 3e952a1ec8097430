#pragma once

#include <chrono>
#include <cstddef>

#include "berth/deadline.h"
#include "berth/error.h"
#include "session/session.h"

namespace berth::engine {

inline constexpr std::size_t kLoadErrorsMax = 5;                     // rows that are told of one COPY
inline constexpr std::size_t kLoadErrorValueMax = 100;               // bytes of each value in them
inline constexpr std::chrono::milliseconds kLoadErrorsWait{10'000};  // for the server to say them

// After a COPY that Redshift refused with the advice to look at stl_load_errors: what could not be loaded, asked of the
// same session, follows in the error's DETAIL. Where the session cannot be asked (a failed transaction), or the asking
// fails, the HINT says so. Any other error comes back as it is. No rows of `session` may be open.
Error WithLoadErrors(Error error, session::Session& session, const Clock& clock, Deadline deadline);

}  // namespace berth::engine
