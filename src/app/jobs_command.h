#pragma once

namespace berth::app {

// berth jobs run ..; argv[1] is "jobs". Runs scheduled jobs until SIGTERM, SIGINT or SIGHUP; the exit status.
int Jobs(int argc, char** argv);

}  // namespace berth::app
