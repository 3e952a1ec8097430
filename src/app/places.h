#pragma once

#include <string>
#include <string_view>

#include "berth/engine.h"

namespace berth::app {

std::string Environment(const char* name);  // empty: not set

// Where `berth init --system` puts the catalog of a machine: /var/lib/berth, or BERTH_SYSTEM_FOLDER.
std::string SystemFolder();
// The catalog in SystemFolder(), where this user may read and write it; else
// "sqlite:$XDG_DATA_HOME/berth/catalog.db" or below ~/.local/share; its folder is made (0700) where it is not there.
std::string DefaultCatalog();
// "$XDG_STATE_HOME/berth/history" or below ~/.local/state; the folder as above.
std::string HistoryFile();

// What runs first in an interactive shell: BERTHRC, else ~/.berthrc.
std::string StartFile();

// Which catalog and key: `catalog` (--catalog), else BERTH_CATALOG, else the default; BERTH_KEY_FILE.
EngineOptions EngineOptionsOf(const std::string& catalog);

}  // namespace berth::app
