#include "engine/make_password.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include <doctest/doctest.h>

namespace berth::engine {
namespace {

TEST_CASE("a made password has what Redshift demands and nothing that needs quotes") {
  std::set<std::string> seen;
  for (int i = 0; i < 2'000; ++i) {
    const Secret secret = MakePassword();
    const std::string text(secret.Reveal());
    REQUIRE(text.size() == kMadePasswordBytes);
    CHECK(std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isupper(c) != 0; }));
    CHECK(std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::islower(c) != 0; }));
    CHECK(std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; }));
    CHECK(std::all_of(text.begin(), text.end(),
                      [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; }));
    CHECK(seen.insert(text).second);
  }
}

}  // namespace
}  // namespace berth::engine
