#include "parser/secret_words.h"

#include <algorithm>
#include <span>
#include <string>

#include "base/strings.h"

namespace berth::parser {
namespace {

constexpr std::size_t kWordBytesMin = 3;    // pwd
constexpr std::size_t kWordBytesMax = 127;  // longer words are no option of anything

// Without underscores, lower case: SQL writes SECRET_ACCESS_KEY, the driver SecretAccessKey, libpq password.
constexpr std::string_view kClauses[] = {
    "password",        "passwd",       "credentials",     "accesskeyid",        "awsaccesskeyid", "awssecretaccesskey",
    "secretaccesskey", "sessiontoken", "awssessiontoken", "mastersymmetrickey", "passwordnext",
};
constexpr std::string_view kNames[] = {
    "token", "authtoken", "idtoken", "accesstoken", "webidentitytoken", "clientsecret", "passphrase", "privatekey",
};
// Typed for PASSWORD; elsewhere they are names of columns.
constexpr std::string_view kShorts[] = {"pass", "pswd", "psswd", "pword", "passcode"};
// Words about passwords that hold none.
constexpr std::string_view kHarmless[] = {"passwordencryption", "sslpasswordcallback"};
constexpr std::string_view kReferences[] = {"env", "file", "command", "secret", "prompt", "null", "disable"};

bool Contains(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// One letter too few, too many, other, or two swapped.
bool IsOneEditFrom(std::string_view meant, std::string_view word) {
  const std::size_t shorter = std::min(word.size(), meant.size());
  std::size_t front = 0;
  while (front < shorter && word[front] == meant[front]) ++front;
  const auto rest = word.substr(front);
  const auto other = meant.substr(front);
  if (rest.size() >= 2 && other.size() >= 2 && rest[0] == other[1] && rest[1] == other[0] &&
      rest.substr(2) == other.substr(2)) {
    return true;
  }
  if (rest.size() + 1 == other.size()) return rest == other.substr(1);
  if (rest.size() == other.size() + 1) return rest.substr(1) == other;
  return rest.size() == other.size() && !rest.empty() && rest.substr(1) == other.substr(1);
}

}  // namespace

SecretWord SecretWordOf(std::string_view word) {
  if (word.size() < kWordBytesMin || word.size() > kWordBytesMax) return SecretWord::kNone;
  std::string plain = base::ToLower(word);
  std::erase(plain, '_');
  if (Contains(kClauses, plain)) return SecretWord::kClause;
  if (Contains(kHarmless, plain)) return SecretWord::kNone;
  const bool password = plain.find("password") != std::string::npos || plain.find("passwd") != std::string::npos;
  if (password || plain.ends_with("pwd") || Contains(kNames, plain)) return SecretWord::kNamed;
  if (Contains(kShorts, plain)) return SecretWord::kShort;
  const bool misspelt = std::any_of(std::begin(kClauses), std::end(kClauses),
                                    [&](std::string_view clause) { return IsOneEditFrom(clause, plain); });
  return misspelt ? SecretWord::kMisspelt : SecretWord::kNone;
}

bool IsPasswordReference(std::string_view word) {
  return Contains(kReferences, base::ToLower(word));
}

}  // namespace berth::parser
