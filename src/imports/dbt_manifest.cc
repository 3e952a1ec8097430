#include "imports/dbt_manifest.h"

#include <algorithm>
#include <string>

#include "base/try.h"
#include "imports/tree.h"

namespace berth::imports {

Result<Import> FromDbtManifest(std::string_view text) {
  BERTH_ASSIGN(const auto tree, ReadJson(text));
  const auto* const nodes = tree.Find("nodes");
  if (nodes == nullptr || nodes->kind != Tree::Kind::kMap) {
    return Error{.code = ErrorCode::kSyntax,
                 .message = "this is no manifest of dbt: it has no nodes",
                 .hint = "dbt compile writes target/manifest.json."};
  }
  Import out;
  for (const auto& [id, node] : nodes->members) {
    const auto type = node.Text("resource_type");
    const auto* const config = node.Find("config");
    const bool ephemeral = config != nullptr && config->Text("materialized") == "ephemeral";  // never in a warehouse
    if ((type == "model" || type == "snapshot" || type == "seed") && !ephemeral) out.jobs.push_back({"dbt:" + id});
  }
  if (const auto* const exposures = tree.Find("exposures"); exposures != nullptr) {
    for (const auto& [id, exposure] : exposures->members) out.jobs.push_back({"dbt:" + id});
  }
  std::ranges::sort(out.jobs, {}, &FoundJob::name);
  return out;
}

}  // namespace berth::imports
