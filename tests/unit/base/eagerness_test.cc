#include "base/eagerness.h"

#include <doctest/doctest.h>

namespace berth::base {
namespace {

// Waits without a look until the next one.
unsigned Pause(Eagerness& eagerness) {
  unsigned waits = 0;
  while (!eagerness.Due()) ++waits;
  return waits;
}

TEST_CASE("looks in vain become rare, and a look that pays brings them back") {
  Eagerness eagerness;
  CHECK(eagerness.Due());
  CHECK(eagerness.Due());
  eagerness.Vain();
  CHECK(Pause(eagerness) == 2);
  eagerness.Vain();
  CHECK(Pause(eagerness) == 4);
  for (int i = 0; i < 20; ++i) {
    eagerness.Vain();
    Pause(eagerness);
  }
  eagerness.Vain();
  CHECK(Pause(eagerness) == Eagerness::kPauseMax);
  eagerness.Paid();
  CHECK(eagerness.Due());
  eagerness.Vain();
  CHECK(Pause(eagerness) == 2);
}

}  // namespace
}  // namespace berth::base
