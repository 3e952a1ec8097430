#include "base/crypto.h"

#include <set>

#include <doctest/doctest.h>

namespace berth::base {
namespace {

TEST_CASE("SHA-256 as the standard has it") {
  CHECK(Sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("HMAC-SHA-256 as RFC 4231 has it, compared whole") {
  constexpr std::string_view kMac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  const Secret key("Jefe");
  CHECK(HmacMatches(key, "what do ya want for nothing?", kMac));
  CHECK_FALSE(HmacMatches(key, "what do ya want for nothing.", kMac));
  CHECK_FALSE(HmacMatches(Secret("jefe"), "what do ya want for nothing?", kMac));
  CHECK_FALSE(HmacMatches(key, "what do ya want for nothing?", kMac.substr(0, 63)));
  CHECK_FALSE(HmacMatches(key, "what do ya want for nothing?", ""));
  CHECK(HmacSha256(key, "").Reveal().size() == 32);
  CHECK(Prefixed("AWS4", key).Reveal() == "AWS4Jefe");
}

TEST_CASE("base64 there and back, and what is none") {
  for (const std::string bytes : {"", "a", "ab", "abc", "abcd"}) {
    const auto back = DecodeBase64(EncodeBase64(bytes));
    REQUIRE(back);
    CHECK(back->Reveal() == bytes);
  }
  CHECK(EncodeBase64("any carnal pleas") == "YW55IGNhcm5hbCBwbGVhcw==");
  const std::string all = RandomBytes(1000);
  CHECK(DecodeBase64(EncodeBase64(all))->Reveal() == all);
  for (const std::string text : {"YQ", "Y", "YQ=", "Y!==", "YQ== ", "YQ==YQ=="}) CHECK_FALSE(DecodeBase64(text));
}

TEST_CASE("random bytes differ") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(RandomBytes(16));
  CHECK(seen.size() == 100);
  CHECK(RandomBytes(0).empty());
  CHECK(RandomKey().Reveal().size() == kSealKeyBytes);
}

TEST_CASE("fingerprints tell keys apart and stay the same") {
  const std::string key(kSealKeyBytes, 'k');
  CHECK(KeyFingerprint(key) == "0644fdeb");
  CHECK(KeyFingerprint(RandomKey().Reveal()) != KeyFingerprint(RandomKey().Reveal()));
}

TEST_CASE("what is sealed opens with the same key and the same associated data only") {
  const Secret key = RandomKey();
  auto sealed = Seal(key.Reveal(), "row 1", "the password");
  REQUIRE(sealed.ok());
  const std::string text = sealed.value();
  CHECK(text.find("password") == std::string::npos);
  CHECK(text != Seal(key.Reveal(), "row 1", "the password").value());  // a nonce of its own
  REQUIRE(Unseal(key.Reveal(), "row 1", text));
  CHECK(Unseal(key.Reveal(), "row 1", text)->Reveal() == "the password");
  CHECK_FALSE(Unseal(key.Reveal(), "row 2", text));
  CHECK_FALSE(Unseal(RandomKey().Reveal(), "row 1", text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string touched = text;
    touched[i] = static_cast<char>(touched[i] ^ 1);
    CHECK_FALSE(Unseal(key.Reveal(), "row 1", touched));
    CHECK_FALSE(Unseal(key.Reveal(), "row 1", text.substr(0, i)));
  }
  CHECK_FALSE(Unseal(key.Reveal(), "row 1", text + "x"));
}

TEST_CASE("a key of another length is refused") {
  CHECK(Seal("short", "", "x").error().code == ErrorCode::kInternal);
  CHECK_FALSE(Unseal("short", "", std::string(100, 'x')));
}

TEST_CASE("an empty text has a seal as well") {
  const Secret key = RandomKey();
  const auto sealed = Seal(key.Reveal(), "", "");
  REQUIRE(sealed.ok());
  REQUIRE(Unseal(key.Reveal(), "", sealed.value()));
  CHECK(Unseal(key.Reveal(), "", sealed.value())->empty());
}

}  // namespace
}  // namespace berth::base
