#pragma once

#include "base/unique_fd.h"

namespace berth::session {

using base::UniqueFd;

}  // namespace berth::session
