#include "shell/sql_texts.h"

#include <cstdlib>

#include "base/embedded.h"

namespace berth::shell {

std::string_view SqlText(std::string_view name) {
  for (const auto& file : EmbeddedSql()) {
    if (file.name == name) return file.text;
  }
  std::abort();
}

}  // namespace berth::shell
