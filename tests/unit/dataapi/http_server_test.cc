#include "dataapi/http_server.h"

#include <fcntl.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>

#include "dataapi/answer.h"
#include "raw_client.h"
#include "support/temp_dir.h"

namespace berth::dataapi {
namespace {

using test::RawClient;

// A file of 8 MB for answers that begin with all of it but its first byte.
struct BigFile {
  static constexpr std::size_t kBytes = 8'000'000;
  test::TempDir folder;
  std::string path = folder / "file";
  std::string text;

  BigFile() {
    for (std::size_t i = 0; text.size() < kBytes; ++i) text += std::to_string(i) + ' ';
    std::ofstream(path, std::ios::binary) << text;
  }
  HttpResponse Answer() const {
    auto fd = std::make_shared<const base::UniqueFd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return {.status = 200,
            .content_type = "text/plain",
            .headers = {},
            .file = base::FileRange{.file = std::move(fd), .offset = 1, .length = text.size() - 1},
            .body = "the end"};
  }
};

// A server that answers with what it was asked, or keeps the reply where the body is "later".
struct World {
  std::unique_ptr<HttpServer> server;
  std::uint16_t port = 0;
  std::mutex mutex;
  std::condition_variable came;
  std::vector<HttpServer::Reply> kept;
  const BigFile* file = nullptr;  // the answer to "file"

  explicit World(HttpServerOptions options = {}) {
    options.threads = 2;
    auto listener = Listen("127.0.0.1:0");
    REQUIRE(listener.ok());
    port = listener.value().port;
    std::vector<Listener> listeners;
    listeners.push_back(std::move(listener).value());
    auto started = HttpServer::Start(
        options, std::move(listeners),
        [this](HttpRequest request, HttpServer::Reply reply) { Answer(std::move(request), std::move(reply)); },
        [](const Refusal& refusal) { return AnswerOf(refusal); });
    REQUIRE(started.ok());
    server = std::move(started).value();
  }
  void Answer(HttpRequest request, HttpServer::Reply reply) {
    if (request.body == "throw") throw std::runtime_error("a bug");
    if (request.body == "drop") return;
    if (request.body == "file") return reply(file->Answer());
    if (request.body == "later") {
      const std::lock_guard lock(mutex);
      kept.push_back(std::move(reply));
      came.notify_all();
      return;
    }
    if (request.body.starts_with("fill ")) {
      return reply({.status = 200,
                    .content_type = "text/plain",
                    .headers = {},
                    .body = std::string(60'000, 'f') + request.body + "."});
    }
    const auto* named = request.Find("x-amz-target");
    reply({.status = 200,
           .content_type = "text/plain",
           .headers = {},
           .body = request.method + " " + request.target + " " + (named ? *named : "") + " " + request.peer + " " +
                   request.body});
  }
  HttpServer::Reply TakeKept() {
    std::unique_lock lock(mutex);
    REQUIRE(came.wait_for(lock, std::chrono::seconds(10), [&] { return !kept.empty(); }));
    auto reply = std::move(kept.back());
    kept.pop_back();
    return reply;
  }
};

std::string Post(std::string_view body, std::string_view more = "") {
  return "POST / HTTP/1.1\r\nHost: h\r\nX-AMZ-Target: T\r\n" + std::string(more) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

bool Has(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("Requests of one connection are answered one after the other, pipelined ones too") {
  World world;
  RawClient client(world.port);
  const auto first = client.Ask(Post("{}"));
  CHECK(first.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(first.ends_with("POST / T 127.0.0.1 {}"));
  CHECK(client.Ask(Post("a") + Post("b")).ends_with(" a"));
  CHECK(client.Read().ends_with(" b"));
  CHECK(client.Ask(Post("c", "Connection: close\r\n")).ends_with(" c"));
  CHECK(client.Closed());
}

TEST_CASE("An answer may come later, from another thread, and a dropped one is an InternalFailure") {
  World world;
  RawClient client(world.port);
  client.Send(Post("later"));
  std::thread([reply = world.TakeKept()] {
    reply({.status = 200, .content_type = "", .headers = {}, .body = "x"});
  }).join();
  CHECK(client.Read().ends_with("\r\n\r\nx"));
  CHECK(Has(client.Ask(Post("drop")), "InternalFailure"));
  const auto thrown = client.Ask(Post("throw"));
  CHECK(thrown.starts_with("HTTP/1.1 500 "));
  CHECK(Has(thrown, "x-amzn-ErrorType: InternalFailure"));
  CHECK(client.Ask(Post("after")).ends_with(" after"));
}

TEST_CASE("What comes while a request is under way waits for its answer, however close the two are") {
  World world;
  RawClient client(world.port);
  const HttpResponse answer{.status = 200, .content_type = "text/plain", .headers = {}, .body = "it"};
  for (int i = 0; i < 300; ++i) {
    client.Send(Post("later"));
    auto reply = world.TakeKept();
    std::thread other([&] { reply(answer); });
    const auto next = Post("next " + std::to_string(i));
    const auto cut = static_cast<std::size_t>(i) % next.size();
    client.Send(std::string_view(next).substr(0, cut));
    client.Send(std::string_view(next).substr(cut));
    CHECK(client.Read().ends_with("\r\n\r\nit"));
    CHECK(client.Read().ends_with(" next " + std::to_string(i)));
    other.join();
  }
}

TEST_CASE("Who has closed his end of the connection still gets his answer") {
  World world;
  RawClient client(world.port);
  client.Send(Post("later"));
  auto reply = world.TakeKept();
  client.CloseSending();
  RawClient(world.port).Ask(Post("the server has gone on"));
  reply({.status = 200, .content_type = "text/plain", .headers = {}, .body = "it"});
  CHECK(client.Read().ends_with("it"));
  CHECK(client.Closed());
}

TEST_CASE("A connection is not idle while its request is under way, and is again once it is answered") {
  World world({.idle_max = std::chrono::milliseconds(100)});
  RawClient client(world.port);
  client.Send(Post("later"));
  auto reply = world.TakeKept();
  for (int i = 0; i < 3; ++i) {
    RawClient idle(world.port);
    CHECK_FALSE(idle.Ask(Post("x")).empty());
    CHECK(idle.Closed());  // after its 100 ms
  }
  reply({.status = 200, .content_type = "text/plain", .headers = {}, .body = "it"});
  CHECK(client.Read().ends_with("it"));
  CHECK(client.Closed());
}

TEST_CASE("Answers that a client takes late come whole and in order") {
  World world;
  RawClient client(world.port);
  constexpr int kCount = 300;  // 18 MB, more than the sockets hold
  std::string all;
  for (int i = 0; i < kCount; ++i) all += Post("fill " + std::to_string(i));
  client.Send(all);
  for (int i = 0; i < kCount; ++i) {
    const auto answer = client.Read();
    CAPTURE(i);
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 600"));
    CHECK(answer.ends_with("ffill " + std::to_string(i) + "."));
  }
  CHECK(client.Ask(Post("after")).ends_with(" after"));
}

TEST_CASE("An answer may begin with a file's bytes; several come whole and in order") {
  const BigFile file;
  World world;
  world.file = &file;
  RawClient client(world.port);
  client.Send(Post("file") + Post("a") + Post("file") + Post("file", "Connection: close\r\n"));
  const auto head = "Content-Length: " + std::to_string(file.text.size() - 1 + 7) + "\r\n";
  const auto body = "\r\n\r\n" + file.text.substr(1) + "the end";
  const auto first = client.Read();
  CHECK(Has(first.substr(0, 200), head));
  CHECK(first.ends_with(body));
  CHECK(client.Read().ends_with(" a"));
  CHECK(client.Read().ends_with(body));
  CHECK(client.Read().ends_with(body));
  CHECK(client.Closed());
}

TEST_CASE("A file that sendfile() does not take is copied") {
  constexpr std::size_t kBytes = 16;
  World world;
  const auto file = std::make_shared<const base::UniqueFd>(
      ::open("/proc/self/auxv", O_RDONLY | O_CLOEXEC));  // EINVAL since Linux 5.10
  std::string bytes(kBytes, '\0');
  REQUIRE(base::ReadAt(file->get(), 0, bytes.data(), kBytes));
  RawClient client(world.port);
  client.Send(Post("later"));
  world.TakeKept()({.status = 200,
                    .content_type = "",
                    .headers = {},
                    .file = base::FileRange{.file = file, .offset = 0, .length = kBytes},
                    .body = " end"});
  CHECK(client.Read().ends_with("\r\n\r\n" + bytes + " end"));
}

TEST_CASE("A file that has become shorter, or a client that leaves, ends the connection and nothing else") {
  const BigFile file;
  World world;
  world.file = &file;
  for (int i = 0; i < 20; ++i) {
    RawClient leaver(world.port);
    leaver.Send(Post("file"));
  }
  RawClient stays(world.port);
  CHECK(stays.Ask(Post("file")).ends_with("the end"));
  std::filesystem::resize_file(file.path, file.text.size() / 2);
  CHECK(stays.Ask(Post("file")).empty());
  CHECK(stays.Closed());
  CHECK(RawClient(world.port).Ask(Post("after")).ends_with(" after"));
}

TEST_CASE("Who does not take a file's bytes is dropped") {
  BigFile file;
  file.text.resize(100'000'000);  // more than the sockets hold
  std::filesystem::resize_file(file.path, file.text.size());
  World world({.write_wait_max = std::chrono::milliseconds(50)});
  world.file = &file;
  RawClient client(world.port);
  client.Send(Post("file"));
  RawClient other(world.port);
  while (world.server->connections() > 1) CHECK(other.Ask(Post("x")).ends_with(" x"));
  CHECK(client.Read().empty());
}

TEST_CASE("What is too large is refused with its limit") {
  World world({.header_bytes_max = 1024, .body_bytes_max = 10'000});
  CHECK(Has(RawClient(world.port).Ask(Post("a", "X: " + std::string(2000, 'x') + "\r\n")), "1024 bytes"));
  const auto refused = RawClient(world.port).Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10001\r\n\r\n");
  CHECK(refused.starts_with("HTTP/1.1 413 "));
  CHECK(Has(refused, "RequestEntityTooLargeException"));
  CHECK(RawClient(world.port).Ask(Post(std::string(10'000, 'b'))).ends_with("bbb"));
}

TEST_CASE("Large bodies share a limit; small ones pass") {
  World world({.bodies_bytes_max = 100'000});
  RawClient holds(world.port);
  holds.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n");
  RawClient small(world.port);
  CHECK(small.Ask(Post("small")).ends_with(" small"));
  CHECK(Has(RawClient(world.port).Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n"),
            "ThrottlingException"));
  holds.Send(std::string(90'000, 'x'));
  CHECK(holds.Read().ends_with("xx"));
  CHECK(RawClient(world.port).Ask(Post(std::string(90'000, 'y'))).ends_with("yy"));
}

TEST_CASE("What is no HTTP, or HTTP that is not taken") {
  World world;
  for (const std::string text :
       {"nonsense\r\n\r\n", "POST / HTTP/9.9\r\n\r\n", "POST / HTTP/1.1\r\nno colon\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nExpect: wonders\r\nContent-Length: 1\r\n\r\n"}) {
    CAPTURE(text);
    RawClient client(world.port);
    const auto answer = client.Ask(text);
    CHECK(answer.starts_with("HTTP/1.1 400 "));
    CHECK(Has(answer, "MalformedHttpRequestException"));
    CHECK(client.Closed());
  }
  RawClient client(world.port);
  CHECK(client.Ask("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
            .starts_with("HTTP/1.1 100 Continue"));
  CHECK(client.Ask("z").ends_with(" z"));
}

TEST_CASE("Slow clients are dropped: told so while a request comes in, silently while idle") {
  using std::chrono::milliseconds;
  World world(
      {.header_wait_max = milliseconds(100), .body_wait_max = milliseconds(100), .idle_max = milliseconds(100)});
  RawClient body(world.port);
  CHECK(Has(body.Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"), "HTTP/1.1 408 "));
  CHECK(body.Closed());
  RawClient head(world.port);
  CHECK(Has(head.Ask("POST / HT"), "RequestTimeoutException"));
  RawClient silent(world.port);
  CHECK(silent.Closed());
  RawClient idle(world.port);
  CHECK(idle.Ask(Post("a")).ends_with(" a"));
  CHECK(idle.Closed());
}

TEST_CASE("Beyond the limit of connections the next one waits until one ends") {
  World world({.connections_max = 1});
  auto first = std::make_unique<RawClient>(world.port);
  CHECK(first->Ask(Post("first")).ends_with(" first"));
  RawClient second(world.port);
  second.Send(Post("second"));
  CHECK(world.server->connections() == 1);
  first.reset();
  CHECK(second.Read().ends_with(" second"));
}

TEST_CASE("Stopping: what is under way is answered as the last one, idle connections end, new ones are not taken") {
  World world;
  RawClient busy(world.port);
  RawClient idle(world.port);
  CHECK(idle.Ask(Post("a")).ends_with(" a"));
  busy.Send(Post("later"));
  const auto reply = world.TakeKept();
  world.server->StopAccepting();
  CHECK(Has(idle.Ask(Post("late but in time")), "Connection: close"));
  reply({.status = 200, .content_type = "", .headers = {}, .body = "done"});
  const auto last = busy.Read();
  CHECK(last.ends_with("done"));
  CHECK(Has(last, "Connection: close"));
  world.server->Stop(Deadline::After(Clock::System(), std::chrono::seconds(10)));
  CHECK(world.server->connections() == 0);
  CHECK_FALSE(RawClient(world.port).connected());
}

TEST_CASE("Stopping at once leaves nobody behind, and a reply after the end is dropped") {
  HttpServer::Reply late;
  {
    World world;
    RawClient busy(world.port);
    busy.Send(Post("later"));
    late = world.TakeKept();
    world.server.reset();
    CHECK(busy.Closed());
  }
  late({.status = 200, .content_type = "", .headers = {}, .body = "nobody"});
}

TEST_CASE("Addresses to listen on") {
  for (const auto* wrong :
       {"", "8439", ":8439", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x", "no such host.invalid:1"}) {
    CAPTURE(wrong);
    const auto listener = Listen(wrong);
    REQUIRE_FALSE(listener.ok());
    CHECK(listener.error().code == ErrorCode::kInvalidArgument);
  }
  const auto first = Listen("127.0.0.1:0");
  REQUIRE(first.ok());
  CHECK(first.value().loopback);
  CHECK(first.value().address == "127.0.0.1");
  const auto taken = Listen("127.0.0.1:" + std::to_string(first.value().port));
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().code == ErrorCode::kUnavailable);
  const auto any = Listen("0.0.0.0:0");
  REQUIRE(any.ok());
  CHECK_FALSE(any.value().loopback);
}

}  // namespace berth::dataapi
