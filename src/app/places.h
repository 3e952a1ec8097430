#pragma once

#include <string>
#include <string_view>

namespace berth::app {

std::string Environment(const char* name);  // empty: not set

// "sqlite:$XDG_DATA_HOME/berth/catalog.db" or below ~/.local/share; its folder is made (0700) where it is not there.
std::string DefaultCatalog();
// "$XDG_STATE_HOME/berth/history" or below ~/.local/state; the folder as above.
std::string HistoryFile();

}  // namespace berth::app
