#include "shell/copy_input.h"

#include <fstream>

#include <doctest/doctest.h>

#include "support/manual_clock.h"
#include "support/temp_dir.h"

using berth::Deadline;
using berth::ErrorCode;
using berth::shell::CopyInput;
using berth::shell::Interrupts;

namespace {

struct Source {
  berth::test::ManualClock clock;
  Interrupts interrupts;
  berth::Result<std::unique_ptr<CopyInput>> Open(std::string_view source, Deadline deadline = Deadline::Never()) {
    return CopyInput::Open(source, interrupts, clock, deadline);
  }
};

}  // namespace

TEST_CASE("A file comes in pieces, and how much of it is known") {
  const berth::test::TempDir folder;
  const std::string text(CopyInput::kPieceBytes + 100, 'x');
  std::ofstream(folder / "rows.csv") << text;
  Source source;
  auto input = source.Open(folder / "rows.csv");
  REQUIRE(input.ok());
  CHECK(*input.value()->part() == 0.0);
  std::string read;
  for (auto piece = input.value()->Next(); piece.ok() && !piece.value().empty(); piece = input.value()->Next()) {
    read += piece.value();
  }
  CHECK(read == text);
  CHECK(*input.value()->part() == 1.0);
}

TEST_CASE("A program's output, unless it fails") {
  Source source;
  auto good = source.Open("| printf 'a\\nb\\n'");
  REQUIRE(good.ok());
  CHECK_FALSE(good.value()->part());
  CHECK(good.value()->Next().value() == "a\nb\n");
  CHECK(good.value()->Next().value().empty());
  auto bad = source.Open("|echo half; exit 3");
  REQUIRE(bad.ok());
  CHECK(bad.value()->Next().value() == "half\n");
  const auto end = bad.value()->Next();
  REQUIRE_FALSE(end.ok());
  CHECK(end.error().message.find("status 3") != std::string::npos);
}

TEST_CASE("What cannot be read, Ctrl-C and the timeout end it") {
  Source source;
  const auto missing = source.Open("/no/such/file");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message.find("/no/such/file") != std::string::npos);
  const auto folder = source.Open("/");
  REQUIRE(folder.ok());
  CHECK(folder.value()->Next().error().code == ErrorCode::kInvalidArgument);
  const auto late = source.Open("|cat /dev/zero", Deadline::After(source.clock, std::chrono::seconds(1)));
  REQUIRE(late.ok());
  CHECK(late.value()->Next().ok());
  source.clock.Advance(std::chrono::seconds(2));
  CHECK(late.value()->Next().error().code == ErrorCode::kDeadlineExceeded);
  const auto stopped = source.Open("|cat /dev/zero");
  REQUIRE(stopped.ok());
  source.interrupts.Raise();
  CHECK(stopped.value()->Next().error().code == ErrorCode::kCancelled);
}
