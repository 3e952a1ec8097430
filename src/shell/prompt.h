#pragma once

#include <string>

#include "berth/engine.h"
#include "parser/splitter.h"

namespace berth::shell {

// "etl=> ": the connection in use (berth> without one), '*' in a transaction or '!' in a failed one, and in the place
// of '=' what is open: etl(> etl'> etl"> etl$> etl*> (a comment) etl-> (a statement), and etl@>
// where what is typed is not run (\if).
std::string Prompt(const ConversationState& state, parser::OpenQuote open, bool runs = true);

}  // namespace berth::shell
