#include "session/statement_cache.h"

#include <doctest/doctest.h>

namespace berth::session {
namespace {

TEST_CASE("a text gets a name the second time it comes, and keeps it") {
  StatementCache cache;
  CHECK(cache.Find("select $1", true).name.empty());
  const auto second = cache.Find("select $1", true);
  CHECK(second.name == "berth_cached_1");
  CHECK(second.prepare);
  const auto third = cache.Find("select $1", true);
  CHECK(third.name == second.name);
  CHECK_FALSE(third.prepare);
  cache.Drop("select $1", /*gone=*/true);
  CHECK(cache.TakeRetired().empty());
  CHECK(cache.Find("select $1", true).name.empty());
  CHECK(cache.Find("select $1", true).name == "berth_cached_2");  // no name comes twice
}

TEST_CASE("the least recently used goes first; inside a transaction none goes") {
  StatementCache cache;
  const auto text = [](std::size_t i) { return "select $1 + " + std::to_string(i); };
  for (std::size_t i = 0; i < kCachedMax; ++i) {
    cache.Find(text(i), true);
    cache.Find(text(i), true);
  }
  cache.Find(text(0), true);
  CHECK(cache.Find("one more", false).name.empty());
  CHECK(cache.Find("one more", false).name.empty());  // not remembered: it would have to evict
  CHECK(cache.TakeRetired().empty());
  cache.Find("one more", true);
  CHECK(cache.TakeRetired() == std::vector<std::string>{"berth_cached_2"});
  CHECK_FALSE(cache.Find(text(0), true).prepare);
  CHECK(cache.Find("one more", true).prepare);
}

TEST_CASE("long texts are not kept; all can be retired at once") {
  StatementCache cache;
  const std::string text(kCachedBytesMax + 1, 'x');
  cache.Find(text, true);
  CHECK(cache.Find(text, true).name.empty());
  cache.Find("a", true);
  cache.Find("a", true);
  cache.Find("b", true);
  cache.RetireAll();
  CHECK(cache.TakeRetired() == std::vector<std::string>{"berth_cached_1"});
  CHECK(cache.Find("a", true).name.empty());
}

}  // namespace
}  // namespace berth::session
