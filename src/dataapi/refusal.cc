#include "dataapi/refusal.h"

#include <utility>

#include "dataapi/json_text.h"

namespace berth::dataapi {
namespace {

Refusal Make(std::string_view type, int status, std::string message) {
  return {.type = type, .status = status, .message = std::move(message)};
}

}  // namespace

Refusal Invalid(std::string message) {
  return Make("ValidationException", 400, std::move(message));
}
Refusal Unserializable(std::string message) {
  return Make("SerializationException", 400, std::move(message));
}
Refusal UnknownOperation(std::string message) {
  return Make("UnknownOperationException", 404, std::move(message));
}
Refusal Throttled(std::string message) {
  return Make("ThrottlingException", 400, std::move(message));
}
Refusal AccessDenied(std::string message) {
  return Make("AccessDeniedException", 403, std::move(message));
}
Refusal UnknownKey(std::string message) {
  return Make("UnrecognizedClientException", 403, std::move(message));
}
Refusal BadSignature(std::string message) {
  return Make("InvalidSignatureException", 403, std::move(message));
}
Refusal IncompleteSignature(std::string message) {
  return Make("IncompleteSignature", 403, std::move(message));
}
Refusal ExpiredKey(std::string message) {
  return Make("ExpiredTokenException", 403, std::move(message));
}
Refusal MalformedHttp(std::string message) {
  return Make("MalformedHttpRequestException", 400, std::move(message));
}
Refusal TooLarge(std::string message) {
  return Make("RequestEntityTooLargeException", 413, std::move(message));
}
Refusal TooSlow(std::string message) {
  return Make("RequestTimeoutException", 408, std::move(message));
}
Refusal ServiceUnavailable(std::string message) {
  return Make("ServiceUnavailable", 503, std::move(message));
}
Refusal InternalFailure(std::string message) {
  return Make("InternalFailure", 500, std::move(message));
}

Refusal RefusalOf(const Error& error) {
  const auto& facts = FactsOf(error.code);
  std::string text = error.message;
  for (const auto* more : {&error.detail, &error.hint}) {
    if (more->empty()) continue;
    if (!text.empty() && !text.ends_with('.')) text += '.';
    text += ' ';
    text += *more;
  }
  return Make(facts.data_api_name, facts.http_status, std::move(text));
}

std::string BodyOf(const Refusal& refusal) {
  JsonText out;
  out.Begin('{');
  out.Text("__type", refusal.type);
  out.Text("Message", refusal.message);
  out.Text("message", refusal.message);
  if (!refusal.resource_id.empty()) out.Text("ResourceId", refusal.resource_id);
  if (!refusal.statement_id.empty()) out.Text("StatementId", refusal.statement_id);
  out.End('}');
  return std::move(out).Take();
}

}  // namespace berth::dataapi
