#pragma once

#include <condition_variable>
#include <functional>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "berth/deadline.h"
#include "dataapi/http_client.h"
#include "statements/statement_event.h"
#include "statements/statement_service.h"

namespace berth::dataapi {

// The event that EventBridge would be sent at the end of a statement that was submitted WithEvent, as JSON.
std::string EventText(const statements::StatementEvent& event, std::string_view region);

// Tells a URL of ended statements, from a thread of its own: each event until the URL has answered with 2xx, with ever
// longer pauses, the oldest first. An event may be told twice (the process died between the answer and its being
// written down), never not at all while it is kept; its "id" stays the same, so that the receiver can tell.
class EventPoster {
 public:
  // Posts one text; what the server answered. Of tests.
  using Post = std::function<Result<int>(const std::string& body)>;

  EventPoster(statements::StatementService& statements, Post post, const Clock& clock);
  EventPoster(const EventPoster&) = delete;
  EventPoster& operator=(const EventPoster&) = delete;
  ~EventPoster();  // what is being posted is waited for

  // One round: all that is due. Of the thread, and of tests.
  void Round();

 private:
  void Run();

  statements::StatementService& statements_;
  const Post post_;
  const Clock& clock_;
  base::Mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ BERTH_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace berth::dataapi
