#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "dataapi/decode.h"
#include "dataapi/members.h"

// The first byte chooses the operation, the rest is the body. What is taken keeps the model's rules; what is refused
// has a name, a text, and a body that is text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace api = berth::dataapi;
  if (size == 0) return 0;
  const auto operation = static_cast<api::Operation>(1U << (data[0] % 12));
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  api::Request request;
  std::optional<api::Refusal> form;
  const auto refused = api::Decode(operation, body, request, form);
  if (refused) {
    if (refused->type.empty() || refused->message.empty() || api::BodyOf(*refused).empty()) std::abort();
    return 0;
  }
  if (request.id && !api::Matches(api::Pattern::kUuid, *request.id)) std::abort();
  if (request.sql && request.sql->size() > api::kSqlBytesMax) std::abort();
  if (request.sqls && (request.sqls->empty() || request.sqls->size() > 40)) std::abort();
  if (request.max_results && (*request.max_results < 0 || *request.max_results > 1000)) std::abort();
  if (request.wait_time_seconds && (*request.wait_time_seconds < 1 || *request.wait_time_seconds > 30)) std::abort();
  for (const auto& member : api::Members()) {
    if (!api::Takes(member.required_by, operation)) continue;
    if (member.name == "Id" && !request.id) std::abort();
    if (member.name == "Sql" && !request.sql) std::abort();
  }
  return 0;
}
