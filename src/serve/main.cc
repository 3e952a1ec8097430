#include "app/protect.h"
#include "serve/serve.h"

// What `berth serve` becomes (app/serve.h): the same process with the same arguments.
int main(int argc, char** argv) {
  berth::app::Protect();
  return berth::serve::Serve(argc, argv);
}
