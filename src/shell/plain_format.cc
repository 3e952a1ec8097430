#include "shell/plain_format.h"

namespace berth::shell {

void PlainFormat::Row(std::span<const Field> fields) {
  bool first = true;
  for (const auto& field : fields) {
    if (!first) out_.Append('\t');
    first = false;
    if (field) out_.Append(*field);
  }
  out_.Append('\n');
}

}  // namespace berth::shell
