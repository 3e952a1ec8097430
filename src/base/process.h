#pragma once

#include <cstdint>

namespace berth::base {

// When the process began, in the kernel's ticks since boot (field 22 of /proc/pid/stat): with its id this is a name
// that no later process has until the machine starts again. 0: there is no such process, or it is not to be seen, or it
// has ended and its parent has not asked how: in a container whose first process asks for nobody that stays so.
std::uint64_t ProcessStart(std::int64_t pid);

}  // namespace berth::base
