#include "support/redshift_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace berth::test {
namespace {

constexpr std::uint32_t kProtocol = 196'608;
constexpr std::uint32_t kSslRequest = 80'877'103;
constexpr std::uint32_t kGssRequest = 80'877'104;
constexpr std::uint32_t kCancelRequest = 80'877'102;
constexpr std::uint32_t kStartupBytesMax = 10'000;
constexpr std::size_t kFrameHead = 5;  // type and length

std::string Int32(std::uint32_t value) {
  const std::uint32_t net = htonl(value);
  return {reinterpret_cast<const char*>(&net), sizeof net};
}
std::uint32_t ReadInt32(std::string_view bytes) {
  std::uint32_t net = 0;
  std::copy_n(bytes.begin(), sizeof net, reinterpret_cast<char*>(&net));
  return ntohl(net);
}
std::string Text(std::string_view value) {
  return std::string(value) + '\0';
}
std::string Frame(char type, std::string_view body) {
  return std::string(1, type) + Int32(static_cast<std::uint32_t>(body.size() + 4)) + std::string(body);
}

// The text up to the next NUL byte, which is taken off with it.
std::string_view TakeText(std::string_view& bytes) {
  const auto end = std::min(bytes.find('\0'), bytes.size());
  const auto text = bytes.substr(0, end);
  bytes.remove_prefix(std::min(end + 1, bytes.size()));
  return text;
}

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool TakeAll(int fd, char* into, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::recv(fd, into + done, size - done, 0);
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int ConnectTo(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
  }
  ::close(fd);
  return -1;
}

constexpr std::string_view kStartupNames[] = {"user",
                                              "database",
                                              "options",
                                              "application_name",
                                              "client_encoding",
                                              "datestyle",
                                              "timezone",
                                              "search_path",
                                              "driver_version",
                                              "os_version",
                                              "plugin_name",
                                              "client_protocol_version",
                                              "statement_timeout",
                                              "extra_float_digits",
                                              "query_group"};

bool Known(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(std::begin(kStartupNames), std::end(kStartupNames), name) != std::end(kStartupNames);
}

// The names in "-c name=value --name=value".
std::vector<std::string> OptionNames(std::string_view options) {
  std::vector<std::string> names;
  std::istringstream words{std::string(options)};
  for (std::string word; words >> word;) {
    if (word == "-c" && !(words >> word)) break;
    if (word.starts_with("-c") || word.starts_with("--")) word.erase(0, 2);
    names.push_back(word.substr(0, word.find('=')));
  }
  return names;
}

std::string Refusal(const RedshiftWords& words) {
  std::string body = "S" + Text(words.severity) + "C" + Text(words.sqlstate) + "M" + Text(words.message);
  if (!words.hint.empty()) body += "H" + Text(words.hint);
  if (words.position > 0) body += "P" + Text(std::to_string(words.position));
  return body + '\0';
}

}  // namespace

// One client and its link to the server. The client's thread logs in and carries what the client says; it starts the
// thread that carries what the server says.
class RedshiftProxy::Link {
 public:
  Link(int client, std::uint16_t server_port, const RedshiftManners& manners)
      : client_(client), server_port_(server_port), manners_(manners), dialect_(manners) {
    thread_ = std::thread([this] { Talk(); });
  }
  ~Link() {
    Hang();
    thread_.join();
    if (server_ >= 0) ::close(server_);
    ::close(client_);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool done() const { return done_; }

 private:
  void Hang() {
    ::shutdown(client_, SHUT_RDWR);
    const std::lock_guard lock(mutex_);
    hung_ = true;
    if (server_ >= 0) ::shutdown(server_, SHUT_RDWR);
  }

  bool Reach() {
    const int fd = ConnectTo(server_port_);
    const std::lock_guard lock(mutex_);
    server_ = fd;
    return fd >= 0 && !hung_;
  }

  void Talk() {
    if (const auto startup = Login(); !startup.empty() && Reach() && SendAll(server_, startup)) {
      std::thread answers([this] { CarryAnswers(); });
      CarryTexts();
      ::shutdown(server_, SHUT_WR);  // the server ends the session and closes; then the client's end is closed
      answers.join();
    }
    ::shutdown(client_, SHUT_RDWR);
    done_ = true;
  }

  // The packet that the server is to get first; empty: none.
  std::string Login() {
    for (;;) {
      char length[4];
      if (!TakeAll(client_, length, sizeof length)) return {};
      const std::uint32_t size = ReadInt32({length, sizeof length});
      if (size < 8 || size > kStartupBytesMax) return {};
      std::string body(size - sizeof length, '\0');
      if (!TakeAll(client_, body.data(), body.size())) return {};
      const std::uint32_t code = ReadInt32(body);
      if (code == kSslRequest || code == kGssRequest) {
        if (!SendAll(client_, "N")) return {};
        continue;
      }
      if (code == kCancelRequest) return Int32(size) + body;
      if (code != kProtocol) return {};
      return Startup(std::string_view(body).substr(4));
    }
  }

  std::string Startup(std::string_view packet) {
    std::map<std::string, std::string> named;
    std::vector<std::string> asked;
    while (!packet.empty() && packet.front() != '\0') {
      const std::string name(TakeText(packet));
      named[name] = TakeText(packet);
      asked.push_back(name);
    }
    for (auto& name : OptionNames(named["options"])) asked.push_back(std::move(name));
    for (const auto& name : asked) {
      if (!manners_.startup_options || Known(name)) continue;
      const RedshiftWords words{
          .severity = "FATAL", .sqlstate = "42704", .message = "unrecognized configuration parameter \"" + name + "\""};
      SendAll(client_, Frame('E', Refusal(words)));
      return {};
    }
    if (manners_.digest_login) {
      SendAll(client_, Frame('R', Int32(13)));
      char ignored = 0;
      while (TakeAll(client_, &ignored, 1)) {
      }
      return {};
    }
    for (const char* const drivers : {"driver_version", "os_version", "plugin_name", "client_protocol_version"}) {
      named.erase(drivers);
    }
    auto& options = named["options"];
    if (manners_.strings) options += " -c standard_conforming_strings=off -c escape_string_warning=off";
    if (manners_.settings) options += " -c redshift.query_group=unset";
    std::string body = Int32(kProtocol);
    for (const auto& [name, value] : named) {
      if (!value.empty()) body += Text(name) + Text(value);
    }
    body += '\0';
    return Int32(static_cast<std::uint32_t>(body.size() + 4)) + body;
  }

  void CarryTexts() {
    for (;;) {
      std::string frame(kFrameHead, '\0');
      if (!TakeAll(client_, frame.data(), kFrameHead)) return;
      const std::uint32_t size = ReadInt32(std::string_view(frame).substr(1));
      if (size < 4) return;
      frame.resize(size + 1);
      if (!TakeAll(client_, frame.data() + kFrameHead, size - 4)) return;
      if (!SendAll(server_, Translated(frame))) return;
    }
  }

  std::string Translated(const std::string& frame) {
    std::string_view rest = std::string_view(frame).substr(kFrameHead);
    if (frame[0] == 'Q') return Frame('Q', Text(dialect_.Rewrite(TakeText(rest))));
    if (frame[0] != 'P') return frame;
    const auto name = TakeText(rest);
    const auto text = TakeText(rest);
    return Frame('P', Text(name) + Text(dialect_.Rewrite(text)) + std::string(rest));
  }

  // Frames that need no look (rows above all) go through in pieces, as they come.
  void CarryAnswers() {
    std::string in;
    std::vector<char> buffer(65'536);
    std::size_t passing = 0;  // bytes of the current frame that go through as they come
    for (;;) {
      const ssize_t got = ::recv(server_, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      in.append(buffer.data(), static_cast<std::size_t>(got));
      std::string out;
      std::string_view left = in;
      while (!left.empty()) {
        if (passing == 0) {
          if (left.size() < kFrameHead) break;
          const std::size_t size = ReadInt32(left.substr(1)) + 1U;
          if (std::string_view("SENC").find(left[0]) == std::string_view::npos) {
            passing = size;
          } else if (left.size() < size) {
            break;
          } else {
            out += Answer(left[0], left.substr(kFrameHead, size - kFrameHead));
            left.remove_prefix(size);
            continue;
          }
        }
        const std::size_t now = std::min(passing, left.size());
        out += left.substr(0, now);
        left.remove_prefix(now);
        passing -= now;
      }
      in = std::string(left);
      if (!SendAll(client_, out)) break;
    }
    ::shutdown(server_, SHUT_RDWR);
    ::shutdown(client_, SHUT_RDWR);
  }

  std::string Answer(char type, std::string_view body) {
    if (type == 'S') return Parameter(body);
    if (type == 'C') return tag_.empty() ? Frame('C', body) : Frame('C', Text(std::exchange(tag_, {})));
    std::string kept;  // the fields that a server of 8.0 sends
    std::string message;
    for (auto rest = body; !rest.empty() && rest.front() != '\0';) {
      const char field = rest.front();
      rest.remove_prefix(1);
      const auto value = TakeText(rest);
      if (field == 'M') message = value;
      if (field != 'V' || !manners_.version) kept += field + Text(value);
    }
    if (const auto* words = dialect_.Find(message)) {
      tag_ = words->tag;
      return Frame(type, Refusal(*words));
    }
    return Frame(type, kept + '\0');
  }

  std::string Parameter(std::string_view body) const {
    const std::string name(TakeText(body));
    std::string value(TakeText(body));
    if (manners_.strings && name == "standard_conforming_strings") return {};
    if (manners_.version) {
      if (name == "server_version") value = "8.0.2";
      if (name == "client_encoding" && value == "UTF8") value = "UNICODE";
      for (const char* const younger : {"application_name", "default_transaction_read_only", "in_hot_standby",
                                        "IntervalStyle", "scram_iterations"}) {
        if (name == younger) return {};
      }
    }
    return Frame('S', Text(name) + Text(value));
  }

  const int client_;
  const std::uint16_t server_port_;
  const RedshiftManners& manners_;
  RedshiftDialect dialect_;
  std::string tag_;  // of the answers' thread: what the next command is called
  std::mutex mutex_;
  int server_ = -1;    // changes under mutex_, once
  bool hung_ = false;  // under mutex_
  std::atomic<bool> done_{false};
  std::thread thread_;
};

RedshiftProxy::RedshiftProxy(std::uint16_t server_port, RedshiftManners manners)
    : server_port_(server_port), manners_(manners) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 128) != 0 ||
      ::getsockname(listener_, plain, &size) != 0) {
    throw std::runtime_error("RedshiftProxy: cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

RedshiftProxy::~RedshiftProxy() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  links_.clear();
  ::close(listener_);
}

void RedshiftProxy::Accept() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    links_.remove_if([](const auto& link) { return link->done(); });
    links_.push_back(std::make_unique<Link>(fd, server_port_, manners_));
  }
}

}  // namespace berth::test
