#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "dataapi/signature.h"

// A line a header, "name:value"; what follows an empty line is the body. Nobody knows the secret, so no request may be
// found well signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace api = berth::dataapi;
  static const berth::Secret kSecret("a secret that the fuzzer does not know");
  std::string_view text(reinterpret_cast<const char*>(data), size);
  api::HttpRequest request{.method = "POST", .target = "/"};
  while (!text.empty() && text.front() != '\n') {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
      request.headers.push_back(
          {.name = std::string(line.substr(0, colon)), .value = std::string(line.substr(colon + 1))});
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  request.body = text;
  const auto* time = request.Find("x-amz-date");
  const auto now = time == nullptr ? std::nullopt : api::ReadSignatureTime(*time);
  const auto claim = api::ReadClaim(request, now.value_or(berth::Clock::Wall()));
  if (const auto* good = std::get_if<api::SignatureClaim>(&claim)) {
    if (!api::CheckSignature(request, *good, api::SigningKey(kSecret, *good))) std::abort();
  }
  return 0;
}
