#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace berth::test {

// One link that a FakeServer has accepted, and the words of PostgreSQL's protocol 3 on it. Everything that waits gives
// up when the server is destroyed or the client hangs up: reads are then empty.
class FakePeer {
 public:
  explicit FakePeer(int fd) : fd_(fd) {}

  void TlsWish();         // takes an SSLRequest and does not answer it
  std::string Startup();  // the first packet without its length; SSLRequest is answered N and the next one taken
  struct Message {
    char type = 0;  // 0: the client has hung up
    std::string body;
  };
  Message Read();
  void Send(std::string_view bytes);
  void Say(char type, std::string_view body);
  void Welcome(const std::string& version);  // login accepted; pid 77, key 99
  void Ready(char state = 'I');
  void Complete(const std::string& tag);
  void Refuse(const std::string& severity, const std::string& sqlstate, const std::string& message);
  void OneText(const std::string& value);  // one row of one text column, and its tag
  void AwaitHangUp();

 private:
  bool Take(char* into, std::size_t size);
  int fd_;
};

// A server on loopback that says what a test makes it say. `talk` runs on a thread of its own for each link, which is
// closed when it returns; `link` counts from 0.
class FakeServer {
 public:
  explicit FakeServer(std::function<void(FakePeer& peer, int link)> talk);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  void Accept();

  const std::function<void(FakePeer&, int)> talk_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<int> links_;            // under mutex_; closed at the end
  std::vector<std::thread> talkers_;  // of the acceptor's thread
  std::thread acceptor_;
};

}  // namespace berth::test
