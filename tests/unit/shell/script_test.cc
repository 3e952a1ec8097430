#include "shell/script.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include <doctest/doctest.h>

#include "fakes.h"
#include "support/temp_dir.h"

using berth::Error;
using berth::ErrorCode;
using berth::shell::RunScripts;
using berth::shell::test::FakeConsole;
using Texts = std::vector<std::string>;

namespace {

// A file with `text`, open for reading.
class File {
 public:
  explicit File(const std::string& text) : fd_(::memfd_create("script", MFD_CLOEXEC)) {
    REQUIRE(::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    REQUIRE(::lseek(fd_, 0, SEEK_SET) == 0);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(fd_); }
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

TEST_CASE("Texts and files run in their order, statement by statement") {
  FakeConsole fake;
  const File file("b;\n\nc");
  CHECK(RunScripts(fake.console, {{.text = "a; a2"}, {.name = "f.sql", .fd = file.fd()}, {.text = "d;"}}) == 0);
  CHECK(fake.conversation.executed == Texts{"a", "a2", "b", "c", "d"});
}

TEST_CASE("The line of progress counts a script's time from its beginning, one within it as well") {
  FakeConsole fake;
  const berth::test::TempDir folder;
  const std::string inner = folder.path() / "inner.sql";
  std::ofstream(inner) << "c;\n";
  const auto began = fake.clock.Now();
  std::size_t known = 0;
  fake.conversation.on_execute = [&] {
    if (fake.console.part_done) {
      CHECK(fake.console.script_began == began);
      ++known;
    } else {
      CHECK(!fake.console.script_began);
    }
    fake.clock.Advance(std::chrono::milliseconds(300));
  };
  const File file("a;\nb;\n\\i " + inner + "\nd;\n");
  CHECK(RunScripts(fake.console, {{.name = "f", .fd = file.fd()}, {.text = "e"}}) == 0);
  CHECK(fake.conversation.executed == Texts{"a", "b", "c", "d", "e"});
  CHECK(known == 4);
  CHECK(!fake.console.script_began);
}

TEST_CASE("The first failure stops everything, or nothing") {
  FakeConsole fake;
  fake.conversation.errors["b"] = Error{.code = ErrorCode::kServer, .message = "no b"};
  CHECK(RunScripts(fake.console, {{.text = "a; b; c"}, {.text = "d"}}) == 1);
  CHECK(fake.conversation.executed == Texts{"a", "b"});
  fake.console.settings.stop_on_error = false;
  CHECK(RunScripts(fake.console, {{.text = "a; b; c"}, {.text = "d"}}) == 1);
  CHECK(fake.conversation.executed == Texts{"a", "b", "a", "b", "c", "d"});
}

TEST_CASE("An error names its file, and the line that it points at") {
  FakeConsole fake;
  fake.console.settings.stop_on_error = false;
  fake.conversation.errors["select\n  nothing"] =
      Error{.code = ErrorCode::kServer, .message = "no column nothing", .span = berth::SourceSpan{9, 7}};
  fake.conversation.errors["b"] = Error{.code = ErrorCode::kServer, .message = "no b", .detail = "d", .hint = "h"};
  const File file("-- first\na;\nselect\n  nothing;\nb;\n");
  RunScripts(fake.console, {{.name = "dir/f.sql", .fd = file.fd()}});
  CHECK(fake.err.Text() ==
        "OK\ndir/f.sql:4: ERROR:  no column nothing\nLINE 2:   nothing\n          ^^^^^^^\n"
        "dir/f.sql:5: ERROR:  no b\nDETAIL:  d\nHINT:  h\n");
}

TEST_CASE("A statement longer than what is read at once, and the last without a semicolon") {
  FakeConsole fake;
  const std::string longest = "select '" + std::string(300'000, 'x') + "'";
  const File file(longest + ";\nlast\n");
  CHECK(RunScripts(fake.console, {{.name = "f", .fd = file.fd()}}) == 0);
  REQUIRE(fake.conversation.executed.size() == 2);
  CHECK(fake.conversation.executed[0] == longest);
  CHECK(fake.conversation.executed[1].starts_with("last"));
}

TEST_CASE("Meta commands work in scripts; \\q ends its own script") {
  FakeConsole fake;
  fake.conversation.connections = {"etl"};
  CHECK(RunScripts(fake.console, {{.text = "\\c etl\na;\n\\q\nb;"}, {.text = "c"}}) == 0);
  CHECK(fake.conversation.executed == Texts{"a", "c"});
  CHECK(fake.conversation.now.connection == "etl");
}

TEST_CASE("Ctrl-C ends everything with 130, also while input is awaited") {
  FakeConsole fake;
  fake.conversation.on_execute = [&] { fake.interrupts.Raise(); };
  CHECK(RunScripts(fake.console, {{.text = "a; b"}, {.text = "c"}}) == 130);
  CHECK(fake.conversation.executed == Texts{"a"});

  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  FakeConsole waiting;
  waiting.interrupts.Raise();
  CHECK(RunScripts(waiting.console, {{.name = "<stdin>", .fd = ends[0]}}) == 130);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("What cannot be read is said") {
  FakeConsole fake;
  const int folder = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  CHECK(RunScripts(fake.console, {{.name = "/", .fd = folder}}) == 1);
  ::close(folder);
  CHECK(fake.err.Text() == "ERROR:  cannot read /: Is a directory\n");
}
