#pragma once

#include <functional>

namespace berth::dependents {

// Runs `work` on a thread with a stack of 256 MiB (address space; only what is used takes memory) and waits for it: a
// statement of kGrammarBytesMax may be nested tens of thousands of levels deep, whatever stack the caller has. `work`
// must not throw. False: there is no such thread to be had, and nothing ran.
bool RunOnDeepStack(const std::function<void()>& work);

}  // namespace berth::dependents
