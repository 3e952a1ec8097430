#include "session/resolve.h"

#include <fmt/core.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "session/wait.h"

namespace berth::session {
namespace {

// Shared by the caller and the look-up's thread, whichever lives longer.
struct Lookup {
  std::mutex mutex;
  Interrupt done;                      // fired once the two below are there
  int code = 0;                        // of getaddrinfo; under mutex
  std::vector<std::string> addresses;  // numeric
};

struct Counter {
  std::atomic<int> lookups{0};
};
Counter& UnderWay() {
  static Counter counter;
  return counter;
}

int Ask(const std::string& host, int flags, std::vector<std::string>& addresses) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags;
  addrinfo* first = nullptr;
  int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &first);
  if (code != 0) return code;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(first, &::freeaddrinfo);
  for (const addrinfo* entry = first; entry != nullptr && addresses.size() < kAddressesMax; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    code = ::getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
    if (code != 0) return code;
    if (std::find(addresses.begin(), addresses.end(), text) == addresses.end()) addresses.emplace_back(text);
  }
  return addresses.empty() ? EAI_NONAME : 0;
}

void Run(const std::string& host, const std::shared_ptr<Lookup>& lookup) {
  std::vector<std::string> addresses;
  const int code = Ask(host, AI_ADDRCONFIG, addresses);
  {
    const std::lock_guard lock(lookup->mutex);
    lookup->code = code;
    lookup->addresses = std::move(addresses);
  }
  lookup->done.Fire();
  UnderWay().lookups.fetch_sub(1);
}

Error DoesNotResolve(const std::string& host, int code) {
  const bool temporary = code == EAI_AGAIN;
  return {.code = ErrorCode::kUnavailable,
          .message = fmt::format("the host name \"{}\" does not resolve: {}", host, ::gai_strerror(code)),
          .hint = temporary ? "The name server did not answer. Check this machine's DNS settings and network."
                            : "Check the host in CONNECTION_STRING for a slip; the endpoint is shown on the cluster's "
                              "page. A private "
                              "name resolves only inside its network (VPC, VPN)."};
}

}  // namespace

Result<std::vector<std::string>> Resolve(const std::string& host, const Clock& clock, Deadline deadline,
                                         Interrupt* stop) {
  std::vector<std::string> addresses;
  if (Ask(host, AI_NUMERICHOST, addresses) == 0) return addresses;
  if (UnderWay().lookups.fetch_add(1) >= kLookupsMax) {
    UnderWay().lookups.fetch_sub(1);
    return Error{
        .code = ErrorCode::kUnavailable,
        .message = fmt::format("\"{}\" was not looked up: {} look-ups of names are already waiting for an answer", host,
                               kLookupsMax),
        .hint = "The name server does not answer. Check this machine's DNS settings and network."};
  }
  auto lookup = std::make_shared<Lookup>();
  lookup->done.Arm();
  try {
    std::thread([host, lookup] { Run(host, lookup); }).detach();
  } catch (const std::system_error& e) {
    UnderWay().lookups.fetch_sub(1);
    return Error{.code = ErrorCode::kUnavailable,
                 .message = fmt::format("\"{}\" was not looked up: no thread could be started: {}", host, e.what())};
  }
  const WaitFor answer{
      .fd = lookup->done.fd(), .events = POLLIN, .other = stop == nullptr ? -1 : stop->fd(), .other_events = POLLIN};
  switch (Wait(answer, clock, deadline)) {
    case Woken::kTimeout:
      return Error{.code = ErrorCode::kDeadlineExceeded,
                   .message = fmt::format("the host name \"{}\" was not resolved in time", host),
                   .hint = "The name server does not answer. Check this machine's DNS settings and network."};
    case Woken::kOther:
      return Error{.code = ErrorCode::kCancelled,
                   .message = fmt::format("the look-up of \"{}\" was given up before it had ended", host),
                   .hint = "It was cancelled; nothing was run."};
    case Woken::kReady:
      break;
  }
  const std::lock_guard lock(lookup->mutex);
  if (lookup->code != 0) return DoesNotResolve(host, lookup->code);
  return std::move(lookup->addresses);
}

}  // namespace berth::session
