#pragma once

namespace berth::app {

// berth init ..; argv[1] is "init". Makes a catalog before anybody needs it: the user's own, or with --system the one
// that the users of a unix group share. May be run again: what is there stays, its modes are put right. Returns the
// exit status.
int Init(int argc, char** argv);

}  // namespace berth::app
