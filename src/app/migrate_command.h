#pragma once

#include "app/migrate_arguments.h"
#include "berth/engine.h"
#include "shell/output.h"

namespace berth::app {

// Runs one command of berth migrate; its exit status. `options` has what is common to all commands.
int RunMigrate(const MigrateArguments& arguments, EngineOptions options, shell::Output& out, shell::Output& err);

}  // namespace berth::app
