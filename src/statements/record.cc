#include "statements/record.h"

#include <chrono>

namespace berth::statements {
namespace {

void PackNumber(std::string& bytes, std::size_t number) {
  for (int shift = 0; shift < 32; shift += 8)
    bytes += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFU);
}
void PackText(std::string& bytes, std::string_view text) {
  PackNumber(bytes, text.size());
  bytes += text;
}

bool UnpackNumber(std::string_view& bytes, std::size_t& number) {
  if (bytes.size() < 4) return false;
  number = 0;
  for (std::size_t i = 0; i < 4; ++i) number |= std::size_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  bytes.remove_prefix(4);
  return true;
}
bool UnpackText(std::string_view& bytes, std::string& text) {
  std::size_t size = 0;
  if (!UnpackNumber(bytes, size) || size > bytes.size()) return false;
  text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

}  // namespace

std::int64_t ToMillis(Clock::Wall time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Clock::Wall FromMillis(std::int64_t millis) {
  return Clock::Wall(std::chrono::duration_cast<Clock::Wall::duration>(std::chrono::milliseconds(millis)));
}

std::string PackTexts(const StatementFacts& facts) {
  std::string bytes;
  PackNumber(bytes, facts.sqls.size());
  for (const auto& sql : facts.sqls) PackText(bytes, sql);
  PackNumber(bytes, facts.parameters.size());
  for (const auto& parameter : facts.parameters) {
    PackText(bytes, parameter.name);
    PackText(bytes, parameter.value);
  }
  return bytes;
}

bool UnpackTexts(std::string_view bytes, StatementFacts& facts) {
  std::size_t count = 0;
  if (!UnpackNumber(bytes, count) || count > bytes.size()) return false;
  facts.sqls.resize(count);
  for (auto& sql : facts.sqls) {
    if (!UnpackText(bytes, sql)) return false;
  }
  if (!UnpackNumber(bytes, count) || count > bytes.size()) return false;
  facts.parameters.resize(count);
  for (auto& parameter : facts.parameters) {
    if (!UnpackText(bytes, parameter.name) || !UnpackText(bytes, parameter.value)) return false;
  }
  return bytes.empty();
}

}  // namespace berth::statements
