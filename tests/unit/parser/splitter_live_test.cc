// psql itself against the splitter: psql 15 runs a script against a server of a few lines that answers each query with
// "empty", and what it sent is compared with our pieces.

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "parser/leading_words.h"
#include "parser/splitter.h"
#include "support/temp_dir.h"

namespace berth::parser {
namespace {

using Texts = std::vector<std::string>;
constexpr int kWaitMs = 30'000;  // for psql, at most

struct Socket {
  explicit Socket(int descriptor) : fd(descriptor) {
    if (fd < 0) throw std::runtime_error("no socket");
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(fd); }
  int fd;
};

std::string ReadExactly(int fd, std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t at = 0; at < count;) {
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, kWaitMs) != 1) throw std::runtime_error("psql is silent");
    const ssize_t got = ::recv(fd, bytes.data() + at, count - at, 0);
    if (got <= 0) return {};
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::size_t LengthIn(const std::string& four) {
  std::size_t length = 0;
  for (const char c : four) length = length * 256 + static_cast<unsigned char>(c);
  return length;
}

std::string Message(char type, const std::string& body) {
  const auto length = static_cast<char>(body.size() + 4);
  return std::string(1, type) + std::string(3, '\0') + length + body;
}

std::string Setting(const std::string& name, const std::string& value) {
  return Message('S', name + '\0' + value + '\0');
}

void Send(int fd, const std::string& bytes) {
  if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("psql is gone");
  }
}

// Greets one client and takes its queries until it leaves.
Texts Serve(int listener, bool backslash_escapes) {
  pollfd wait{.fd = listener, .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, kWaitMs) != 1) throw std::runtime_error("psql does not come");
  const Socket client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  ReadExactly(client.fd, LengthIn(ReadExactly(client.fd, 4)) - 4);
  const std::string ready = Message('Z', "I");
  Send(client.fd, Message('R', std::string(4, '\0')) + Setting("client_encoding", "UTF8") +
                      Setting("server_version", "15.0") +
                      Setting("standard_conforming_strings", backslash_escapes ? "off" : "on") + ready);
  Texts queries;
  for (;;) {
    const auto type = ReadExactly(client.fd, 1);
    if (type.empty() || type == "X") return queries;
    auto body = ReadExactly(client.fd, LengthIn(ReadExactly(client.fd, 4)) - 4);
    body.resize(body.size() - 1);
    if (type == "Q") queries.push_back(std::move(body));
    Send(client.fd, Message('I', "") + ready);
  }
}

pid_t StartPsql(const std::string& script, int port) {
  const char* folder = ::getenv("BERTH_PG_BIN");
  const std::string program = std::string(folder != nullptr ? folder : "/usr/lib/postgresql/15/bin") + "/psql";
  std::string target = "host=127.0.0.1 user=u dbname=d sslmode=disable gssencmode=disable port=" + std::to_string(port);
  Texts arguments = {program, "-X", "-q", "-f", script, target};
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::string encoding = "PGCLIENTENCODING=UTF8";
  char* environment[] = {encoding.data(), nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + program);
  return pid;
}

// White space apart: psql leaves out empty lines.
std::string Essence(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  return text;
}

Texts PsqlPieces(const test::TempDir& folder, const std::string& script, bool backslash_escapes) {
  const Socket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.fd, plain, size) != 0 || ::listen(listener.fd, 1) != 0 ||
      ::getsockname(listener.fd, plain, &size) != 0) {
    throw std::runtime_error("cannot listen");
  }
  const std::string path = folder / "script.sql";
  std::ofstream(path, std::ios::binary) << script;
  const pid_t pid = StartPsql(path, ntohs(address.sin_port));
  const auto queries = Serve(listener.fd, backslash_escapes);
  ::waitpid(pid, nullptr, 0);
  Texts pieces;
  for (const auto& query : queries) {
    if (Classify(query, backslash_escapes).owner != Owner::kEmpty) pieces.push_back(Essence(query));
  }
  return pieces;
}

Texts OurPieces(const std::string& script, bool backslash_escapes, std::size_t chunk) {
  Splitter splitter({.meta_commands = true});
  splitter.SetBackslashEscapes(backslash_escapes);
  Texts pieces;
  const auto take = [&] {
    while (auto piece = splitter.Next()) {
      if (piece->kind == Piece::Kind::kStatement)
        pieces.push_back(Essence(piece->text + (piece->terminated ? ";" : "")));
    }
  };
  for (std::size_t at = 0; at < script.size(); at += chunk) {
    splitter.Feed(std::string_view(script).substr(at, chunk));
    take();
  }
  splitter.Finish();
  take();
  return pieces;
}

void Compare(const test::TempDir& folder, const std::string& script, bool backslash_escapes, std::size_t chunk) {
  const auto ours = OurPieces(script, backslash_escapes, chunk);
  const auto theirs = PsqlPieces(folder, script, backslash_escapes);
  const auto shorter = std::min(ours.size(), theirs.size());
  std::size_t same = 0;
  while (same < shorter && ours[same] == theirs[same]) ++same;
  CAPTURE(script);
  CAPTURE(backslash_escapes);
  CAPTURE(same);
  const std::string our_next = same < ours.size() ? ours[same] : "(no more)";
  const std::string their_next = same < theirs.size() ? theirs[same] : "(no more)";
  CHECK(our_next == their_next);
}

}  // namespace

TEST_CASE("nasty scripts are cut as psql cuts them") {
  const test::TempDir folder;
  for (const std::string script : {
           "select 1; select 2;;\n;select 3",
           "\xEF\xBB\xBFselect 1;\r\n-- c\r\nselect ';\r\n';\r\n",
           "-- a\r select 1; -- b\nselect /* ; /* ; */ */ 2 -- ;\n; /* last */",
           "select E'\\';', '\\'; select ';';",
           "select U&'\\0061;', u&\"x;\", N'\\', b'1;', x'\\'; select 2;",
           "select $$;$$, $a$;$$;$a$, a$b$; select $1$$;$$, $1a$$;$$; select $; select $abc; x;",
           "select (1; 2); (select 3",
           "create or replace function f() returns int begin atomic select 1; select case when a then b end; end; x;",
           "create procedure p(case int) begin atomic; begin; end; end; x; create function begin; x; end; y;",
           "create or function begin; end; x; create replace function f begin; y; end; z;",
           "begin; case; end; create table t (a int); end;",
           "create function f() begin (end; end); x; end; y;",
           "select 1e'\\'; select 1a'\\'; select 1.5e3e'\\'; select 1..e'\\'';2; select .5e'\\';';",
           "select 1e'\\''; select 5begin; create function 1begin f; x; end;",
           "select 1 -/* ; */ 2; select 1 */* ; */ 2; select 1/--;\n2; select 1-;-2;",
           "select 'a'\n'b;'; select 'a' 'b'; select 'it''s;'; select \"a\"\"b;\";",
           "select 1 \\; select 2; \\: x;",
           "select 'a\n\n  \nb;'; select $$\n\n;$$;",
           "create function f() language plpgsql as $$ begin; end; $$; x; /* c */ create function g begin; /**/ end; "
           "y;",
       }) {
    Compare(folder, script, false, 5);
    Compare(folder, script, true, 3);
  }
}

TEST_CASE("random scripts are cut as psql cuts them") {
  const test::TempDir folder;
  // Sentences of the language where it is thorny; the seed is fixed.
  const Texts words = {"'",
                       "'",
                       "''",
                       "\"",
                       ";",
                       ";",
                       ";",
                       ";\n",
                       "\n",
                       " ",
                       " ",
                       "E'",
                       "e'a'",
                       "U&'",
                       "u&\"",
                       "B'",
                       "x'",
                       "n'",
                       "$$",
                       "$a$",
                       "$",
                       "a$",
                       "--",
                       "/*",
                       "*/",
                       "-",
                       "/",
                       "*",
                       "(",
                       ")",
                       "1",
                       "1e",
                       ".5",
                       "begin",
                       "end",
                       "case",
                       "create",
                       "or",
                       "replace",
                       "function",
                       "procedure",
                       "sel",
                       "\r\n",
                       "$1",
                       " e",
                       " create or replace function ",
                       " begin ",
                       " end ",
                       "create function f() begin ",
                       ",",
                       "\xC3\xA4",
                       "\"a\"",
                       "'b'",
                       "$x$y$x$",
                       "/* c */",
                       "-- d\n",
                       "\n'",
                       "case ",
                       " 1 ",
                       "||"};
  std::mt19937 random(20160101);
  for (int round = 0; round < 400; ++round) {
    std::string script;
    const std::size_t length = 20 + random() % 150;
    for (std::size_t i = 0; i < length; ++i) {
      const auto& word = words[random() % words.size()];
      // psql forgets at the end of a line that E'a' <newline> 'b' is one string; the server and we do not.
      if (script.ends_with('\'') && std::string_view(" \r\n-").find(word[0]) != std::string_view::npos) script += ',';
      script += word;
    }
    const bool escapes = round % 2 == 1;
    Compare(folder, script, escapes, 1 + random() % 9);
  }
}

}  // namespace berth::parser
