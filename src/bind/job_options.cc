#include <fmt/core.h>

#include <vector>

#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/option_names.h"
#include "bind/option_values.h"

namespace berth::bind {
namespace {

// Upsolver's options of a job that writes to Redshift.
constexpr std::string_view kLater[] = {"RUN_INTERVAL",           "START_FROM",        "END_AT",
                                       "COMPUTE_CLUSTER",        "SKIP_VALIDATIONS",  "RUN_PARALLELISM",
                                       "SKIP_ALL_VALIDATIONS",   "SKIP_FAILED_FILES", "FAIL_ON_WRITE_ERROR",
                                       "AGGREGATION_PARALLELISM"};

Result<parser::Identifier> ConnectionOf(const parser::Option& option) {
  if (option.value.form == parser::ValueForm::kIdentifier) {
    return parser::Identifier{.name = option.value.text, .span = option.value.span};
  }
  return ValueError(option,
                    fmt::format("CONNECTION takes the name of a connection, not {}", FormName(option.value.form)),
                    "Write CONNECTION = c, or CONNECTION = \"C\" for a name that needs quotes.");
}

}  // namespace

Result<JobOptions> BindJob(const std::vector<parser::Option>& options) {
  const OptionNames names{.object = "job", .known = {"COMMENT", "CONNECTION"}, .later = kLater};
  BERTH_TRY(CheckOptionNames(names, NamesOf(options)));
  JobOptions out;
  for (const auto& option : options) {
    if (option.name.name == "COMMENT") {
      BERTH_ASSIGN(out.comment, CommentOf(option));
    } else {
      BERTH_ASSIGN(out.connection, ConnectionOf(option));
    }
  }
  return out;
}

Status BindJobUnset(const parser::AlterConnectionUnset& change) {
  const OptionNames names{.object = "job", .known = {"COMMENT", "CONNECTION"}, .later = kLater};
  std::vector<const parser::Identifier*> given;
  for (const auto& name : change.options) given.push_back(&name);
  BERTH_TRY(CheckOptionNames(names, given));
  for (const auto& name : change.options) {
    if (name.name == "COMMENT") continue;
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "a job cannot be without a connection",
                 .hint = "SET CONNECTION = d moves it to another.",
                 .span = name.span};
  }
  return {};
}

}  // namespace berth::bind
