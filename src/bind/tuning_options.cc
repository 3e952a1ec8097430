#include "bind/tuning_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace berth::bind {
namespace {

using parser::Option;
using parser::ValueForm;

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// ^[a-z][a-z0-9]*(-[a-z0-9]+)*$
bool IsClusterName(std::string_view name) {
  if (name.empty() || !(name.front() >= 'a' && name.front() <= 'z') || name.back() == '-') return false;
  if (name.find("--") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

bool IsWorkgroupName(std::string_view name) {
  return name.size() >= kWorkgroupBytesMin && name.size() <= kWorkgroupNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

// arn:aws[-x]:redshift-serverless:<region>:<12 digits>:workgroup/<..>
bool IsWorkgroupArn(std::string_view text) {
  constexpr std::size_t kParts = 6;
  std::string_view parts[kParts];
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::size_t colon = i + 1 < kParts ? text.find(':') : text.size();
    if (colon == std::string_view::npos) return false;
    parts[i] = text.substr(0, colon);
    text.remove_prefix(std::min(text.size(), colon + 1));
  }
  constexpr std::string_view kWorkgroup = "workgroup/";
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return parts[0] == "arn" && (parts[1] == "aws" || parts[1].starts_with("aws-")) &&
         parts[2] == "redshift-serverless" && !parts[3].empty() && parts[4].size() == 12 &&
         std::all_of(parts[4].begin(), parts[4].end(), digit) && parts[5].starts_with(kWorkgroup) &&
         parts[5].size() > kWorkgroup.size();
}

std::string Shown(const Option& option) {
  return option.value.text.substr(0, 60);
}

}  // namespace

Status BindGroup(const Option& option, ConnectionOptions& out) {
  if (option.value.form != ValueForm::kIdentifier) {
    return ValueError(
        option, fmt::format("GROUP takes the name of a connection group, not {}", FormName(option.value.form)),
        "Write GROUP = wh, or GROUP = \"Wh\" for a name that needs quotes. UNSET GROUP takes it out of its group.");
  }
  out.group = parser::Identifier{.name = option.value.text, .span = option.value.span};
  return {};
}

Status BindClusterIdentifier(const Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(auto text, StringOf(option, "'examplecluster'"));
  BERTH_TRY(CheckBytes(option, "CLUSTER_IDENTIFIER", kClusterIdentifierBytesMax));
  if (!IsClusterName(text)) {
    return ValueError(
        option, fmt::format("CLUSTER_IDENTIFIER cannot be '{}'", Shown(option)),
        "It is the name of a cluster: small letters and digits, parted by single hyphens, a letter first, "
        "at most 63 of them.");
  }
  out.tuning.cluster_identifier = std::move(text);
  return {};
}

Status BindWorkgroup(const Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(auto text, StringOf(option, "'analytics'"));
  BERTH_TRY(CheckBytes(option, "WORKGROUP", kWorkgroupBytesMax));
  if (!IsWorkgroupName(text) && !IsWorkgroupArn(text)) {
    return ValueError(option, fmt::format("WORKGROUP cannot be '{}'", Shown(option)),
                      "It is the name of a workgroup, 3 to 63 of small letters, digits and hyphens, or its ARN: "
                      "'arn:aws:redshift-serverless:<region>:<account>:workgroup/<id>'.");
  }
  out.tuning.workgroup = std::move(text);
  return {};
}

Status BindSecretArn(const Option& option, ConnectionOptions& out) {
  BERTH_ASSIGN(auto text, StringOf(option, "'arn:aws:secretsmanager:..'"));
  BERTH_TRY(CheckBytes(option, "SECRET_ARN", kSecretArnBytesMax));
  if (!text.starts_with("arn:") || text.find(' ') != std::string::npos) {
    return ValueError(option, "SECRET_ARN takes the ARN of a secret, which begins with arn: and has no spaces",
                      "The password itself is PASSWORD's: this is only the name by which Data API calls find the "
                      "connection.");
  }
  out.tuning.secret_arn = std::move(text);
  return {};
}

}  // namespace berth::bind
