#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "berth/engine.h"
#include "shell/completion.h"

namespace berth::shell {

// The names that completion knows, fetched on a thread of its own while a person types. Those of the catalog come by a
// conversation that opens no session; those of the warehouse by the shell's own conversation on the session that it
// holds anyway: completion never takes a slot, and where no session is open it knows what it knew before.
class NameCache {
 public:
  // Both outlive it.
  NameCache(Engine& engine, Conversation& conversation, const Clock& clock);
  NameCache(const NameCache&) = delete;
  NameCache& operator=(const NameCache&) = delete;
  ~NameCache();

  // The prompt is there: from now until Leave() the thread may use the conversation.
  void Enter();
  // Ends what is being fetched and returns once the conversation is the caller's alone again.
  void Leave();
  void Forget();  // the warehouse's objects have changed: its names are fetched anew

  std::shared_ptr<const Names> names() const;  // never waits for a fetch

 private:
  struct Work {
    bool catalog = false, warehouse = false;
  };
  void Run();
  Status FetchCatalog() BERTH_EXCLUDES(mutex_);
  void FetchWarehouse() BERTH_EXCLUDES(mutex_);
  Result<std::vector<Names::Relation>> AskWarehouse();
  bool leaving() const;

  Engine& engine_;
  Conversation& conversation_;
  const Clock& clock_;
  mutable base::Mutex mutex_;
  std::condition_variable news_;
  Work work_ BERTH_GUARDED_BY(mutex_);
  bool talking_ BERTH_GUARDED_BY(mutex_) = false;  // the thread uses the conversation
  bool leaving_ BERTH_GUARDED_BY(mutex_) = false;
  bool ended_ BERTH_GUARDED_BY(mutex_) = false;
  bool stale_ BERTH_GUARDED_BY(mutex_) = true;
  std::string of_ BERTH_GUARDED_BY(mutex_);  // whose the warehouse's names are
  std::shared_ptr<const Names> names_ BERTH_GUARDED_BY(mutex_) = std::make_shared<Names>();
  std::int64_t catalog_version_ = -1;  // of the catalog's names; the thread's own
  std::thread thread_;
};

inline constexpr std::chrono::milliseconds kNamesWait{10'000};  // for the warehouse's names
inline constexpr std::size_t kNamesMax = 50'000;                // columns of the warehouse that are looked at

}  // namespace berth::shell
