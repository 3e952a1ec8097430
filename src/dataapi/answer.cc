#include "dataapi/answer.h"

#include <string_view>
#include <utility>

#include "base/crypto.h"

namespace berth::dataapi {
namespace {

constexpr const char* kContentType = "application/x-amz-json-1.1";

}  // namespace

std::string NewRequestId() {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string bytes = base::RandomBytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);  // version 4
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);  // its variant
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += kHex[byte >> 4];
    out += kHex[byte & 0x0F];
  }
  return out;
}

HttpResponse AnswerOf(std::string json) {
  return {.status = 200,
          .content_type = kContentType,
          .headers = {{.name = "x-amzn-RequestId", .value = NewRequestId()}},
          .body = std::move(json)};
}

HttpResponse AnswerOf(const Refusal& refusal) {
  HttpResponse response = AnswerOf(BodyOf(refusal));
  response.status = refusal.status;
  response.headers.push_back({.name = "x-amzn-ErrorType", .value = std::string(refusal.type)});
  return response;
}

}  // namespace berth::dataapi
