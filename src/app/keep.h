#pragma once

#include <string_view>

namespace berth::app {

// berth backup, restore, check and rekey: what keeping a catalog needs. The exit status: 0; 1 something is wrong or was
// refused; 2 usage; 3 the catalog is not there or could not be opened.
bool IsKeepCommand(std::string_view word);
int Keep(int argc, const char* const* argv);

}  // namespace berth::app
