#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "berth/error.h"
#include "dataapi/key_ring.h"
#include "dataapi/permissions.h"

namespace berth::dataapi {

// Access keys and grants from a file that only its owner may read (mode 0600). A line a key or a grant; '#' begins a
// comment:
//   key    <user> <access key id> <secret> [disabled] [expires=2026-12-31T00:00:00Z]
//   grant  <user> <connection> [max_active=100] [max_concurrent=3]
// A user may have two keys, so that one can be changed while the other is in use. Safe from many threads.
class KeyFile final : public KeyRing, public Permissions {
 public:
  // Errors: kInvalidArgument (not readable, readable by others, a line that means nothing: names its number and never
  // its words, which may be a secret).
  static Result<std::unique_ptr<KeyFile>> Open(std::string path);

  Result<std::optional<AccessKey>> Find(std::string_view key_id) override;
  void Used(std::string_view key_id, Clock::Wall at) override;
  std::optional<statements::CallerLimits> MayUse(std::string_view user, std::string_view connection) override;

  // Reads the file again; where that fails what was read before stays in force.
  Status Reload();

 private:
  struct Content {
    std::map<std::string, AccessKey, std::less<>> keys;                              // by id
    std::map<std::pair<std::string, std::string>, statements::CallerLimits> grants;  // by user and connection
    std::map<std::string, std::size_t> keys_of;                                      // by user
  };
  explicit KeyFile(std::string path) : path_(std::move(path)) {}
  static Result<Content> Read(const std::string& path);
  static Status ReadLine(std::string_view line, Content& content);

  const std::string path_;
  base::Mutex mutex_;
  Content content_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::dataapi
