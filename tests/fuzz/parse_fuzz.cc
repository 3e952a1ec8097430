#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/caret.h"
#include "parser/parse.h"

namespace {

using berth::parser::PrintMode;

void Fail(std::string_view what, std::string_view text) {
  std::fprintf(stderr, "%.*s:\n%.*s\n", static_cast<int>(what.size()), what.data(), static_cast<int>(text.size()),
               text.data());
  std::abort();
}

}  // namespace

// Whatever parses prints to text that parses to the same; whatever does not has a place inside the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto first = berth::parser::Parse(text);
  if (!first.ok()) {
    const auto& error = first.error();
    if (error.code == berth::ErrorCode::kInternal) Fail("an internal error", error.message);
    if (!error.span || error.span->offset > size) Fail("no place in the text", text);
    berth::base::RenderCaret(text, *error.span);
    return 0;
  }
  for (const auto mode : {PrintMode::kReadable, PrintMode::kStable}) {
    const auto printed = berth::parser::Print(first.value(), mode);
    const auto again = berth::parser::Parse(printed);
    if (!again.ok()) Fail(again.error().message, printed);
    if (again.value() != first.value()) Fail("printed text means something else", printed);
  }
  berth::parser::Print(first.value(), PrintMode::kRedacted);
  return 0;
}
