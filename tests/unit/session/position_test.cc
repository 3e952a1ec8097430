#include "session/position.h"

#include <doctest/doctest.h>

namespace berth::session {
namespace {

TEST_CASE("the server's position in characters becomes bytes") {
  CHECK(SpanAt("select nope", 8) == SourceSpan{.offset = 7, .length = 4});
  CHECK(SpanAt("select 'äöü€', nope", 16) == SourceSpan{.offset = 20, .length = 4});
  CHECK(SpanAt("selec+ 1", 6) == SourceSpan{.offset = 5, .length = 1});
  CHECK(SpanAt("select \xF0\x9F\x98\x80x, b", 11) == SourceSpan{.offset = 13, .length = 0x1});
  CHECK(SpanAt("abc", 4) == SourceSpan{.offset = 3, .length = 0});
  CHECK(SpanAt("abc", 400) == SourceSpan{.offset = 3, .length = 0});
  CHECK(SpanAt("", 1) == SourceSpan{.offset = 0, .length = 0});
}

}  // namespace
}  // namespace berth::session
