#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "statements/page_token.h"
#include "statements/statement_id.h"

// What a client gives back as NextToken, and as an id. A token that is taken is the one that we would have written; its
// number is none that a listing could not stand at.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace st = berth::statements;
  constexpr std::string_view kOf = "statements";
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto token = st::ReadToken(text, kOf);
  if (token.ok()) {
    if (token.value().of != kOf || token.value().after.size() > st::kTokenPartsMax) std::abort();
    const auto again = st::ReadToken(st::WriteToken(token.value()), kOf);
    if (!again.ok() || again.value().after != token.value().after) std::abort();
  }
  const auto number = st::ReadNumberToken(text, kOf);
  if (number.ok() && (number.value() < 0 || !token.ok())) std::abort();
  const auto id = st::ReadStatementId(text);
  if (id && id->base.size() != 36) std::abort();
  return 0;
}
