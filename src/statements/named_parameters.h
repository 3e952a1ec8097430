#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "statements/statement_facts.h"

namespace berth::statements {

// A text whose :name became $n. The values are bound, never pasted.
struct BoundText {
  std::string text;
  std::vector<std::optional<std::string>> values;
  std::vector<std::string_view> used;  // names that stand in it, of `parameters`; values[i] is that of used[i]

  // Where a byte of `text` stood before.
  std::size_t OriginalOffset(std::size_t offset) const;

  struct Replaced {
    std::size_t offset = 0;  // in `text`
    std::size_t length = 0;  // of $n
    std::size_t original_offset = 0, original_length = 0;
  };
  std::vector<Replaced> replaced;
};

// Replaces each :name that is one of `parameters`, outside of strings, quoted names, comments and dollar quotes;
// `::type` stays, and so does a :name that was not given. One value for a name, however often it stands there.
// `parameters` must outlive what is returned. Errors: kInvalidArgument ($1 beside named parameters: it would mean one
// of them).
Result<BoundText> BindNamed(std::string_view sql, std::span<const SqlParameter> parameters, bool backslash_escapes);

// Each parameter must stand in at least one of the texts, and no name twice. Errors: kInvalidArgument, as the service
// words it.
Status CheckParameters(std::span<const std::string> sqls, std::span<const SqlParameter> parameters,
                       bool backslash_escapes);

}  // namespace berth::statements
