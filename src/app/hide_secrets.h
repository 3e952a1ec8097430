#pragma once

namespace berth::app {

// Overwrites every argument that holds a secret (and the values of --set, which may) in place, so that the process list
// shows it no longer. To be called once they have been copied. True: one of them was SQL with a secret in it.
bool HideSecrets(int argc, char** argv);

}  // namespace berth::app
