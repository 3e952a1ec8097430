#pragma once

#include "base/mutex.h"

namespace berth::parser {

// ANTLR's runtime shares its tables between parsers and gets slower with threads: one at a time, Parse and completion.
base::Mutex& AntlrMutex();

}  // namespace berth::parser
