#include "migrations/plan.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "migrations/rehearsal.h"
#include "migrations/up.h"

namespace berth::migrations {
namespace {

using engine::CatalogObject;

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = base::Trim(text.substr(0, end));
    if (line.ends_with(';')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string> Without(const std::vector<std::string>& lines, const std::vector<std::string>& others) {
  std::vector<std::string> out;
  std::ranges::copy_if(lines, std::back_inserter(out),
                       [&](const std::string& line) { return std::ranges::find(others, line) == others.end(); });
  return out;
}

std::vector<std::string> DependentsOf(const CatalogObject& object, const std::vector<CatalogObject>& all) {
  std::vector<std::string> out;
  if (object.kind != "connection") return out;
  for (const auto& other : all) {
    if (base::QuoteIdentifier(other.connection) == object.name) out.push_back(other.kind + " " + other.name);
  }
  return out;
}

using ByName = std::map<std::pair<std::string, std::string>, const CatalogObject*>;
ByName Indexed(const std::vector<CatalogObject>& objects) {
  ByName index;
  for (const auto& object : objects) index.emplace(std::pair(object.kind, object.name), &object);
  return index;
}

// The folder's statement, so that it changes what is there.
std::string OrReplace(const CatalogObject& object) {
  constexpr std::string_view kCreate = "CREATE ";
  if (object.statement.starts_with("ATTACH JOB ")) return "DETACH JOB " + object.name + ";\n" + object.statement;
  const auto at = object.statement.find(kCreate);
  if (at == std::string::npos) return object.statement;
  auto text = object.statement;
  return text.insert(at + kCreate.size(), "OR REPLACE ");
}

std::string Drop(const CatalogObject& object) {
  if (object.kind == "table") return "DETACH TABLE " + object.name + ";";
  if (object.kind == "job") {
    return (object.statement.starts_with("ATTACH") ? "DETACH JOB " : "DROP JOB ") + object.name + ";";
  }
  return "DROP " + base::ToUpper(object.kind) + " " + object.name + ";";
}

}  // namespace

std::vector<Change> Compare(const std::vector<CatalogObject>& before, const std::vector<CatalogObject>& after) {
  std::vector<Change> changes;
  const auto was = Indexed(before);
  const auto is = Indexed(after);
  for (const auto& object : after) {
    const auto old = was.find({object.kind, object.name});
    if (old == was.end()) {
      changes.push_back({.change = ChangeKind::kMade, .kind = object.kind, .name = object.name});
    } else if (old->second->statement != object.statement) {
      const auto lines_before = LinesOf(old->second->statement);
      const auto lines_after = LinesOf(object.statement);
      changes.push_back({.change = ChangeKind::kAltered,
                         .kind = object.kind,
                         .name = object.name,
                         .before = Without(lines_before, lines_after),
                         .after = Without(lines_after, lines_before),
                         .dependents = DependentsOf(object, after)});
    }
  }
  for (const auto& object : before) {
    if (is.contains({object.kind, object.name})) continue;
    changes.push_back({.change = ChangeKind::kGone,
                       .kind = object.kind,
                       .name = object.name,
                       .dependents = DependentsOf(object, before)});
  }
  return changes;
}

Result<std::vector<PlannedFile>> MakePlan(Project& project, const std::vector<FileState>& states) {
  std::vector<PlannedFile> plan;
  std::unique_ptr<CatalogCopy> copy;
  std::vector<CatalogObject> before;
  for (const auto* const state : ToDo(project, states)) {
    PlannedFile planned{.state = state};
    BERTH_ASSIGN(const auto* const parts, project.PartsOf(*state->file));
    bool on_catalog = false;
    for (std::size_t i = 0; i < parts->size(); ++i) {
      if (i < state->parts.size() && state->parts[i].done) continue;
      on_catalog = on_catalog || (*parts)[i].catalog();
      if (!(*parts)[i].catalog()) planned.sends.push_back((*parts)[i]);
    }
    if (on_catalog && copy == nullptr) {
      BERTH_ASSIGN(copy, CatalogCopy::Make(&project.engine(), project.clock()));
      BERTH_ASSIGN(before, copy->maintenance().Objects());
    }
    if (on_catalog) {
      BERTH_TRY(copy->Run(*state, *parts));
      BERTH_ASSIGN(auto after, copy->maintenance().Objects());
      planned.changes = Compare(before, after);
      before = std::move(after);
    }
    plan.push_back(std::move(planned));
  }
  return plan;
}

Result<std::vector<std::string>> Diff(Project& project) {
  BERTH_ASSIGN(const auto* const files, project.Files());
  BERTH_ASSIGN(const auto copy, CatalogCopy::Make(nullptr, project.clock()));
  for (const auto& file : *files) {
    BERTH_ASSIGN(const auto* const parts, project.PartsOf(file));
    BERTH_TRY(copy->Run({.file = &file}, *parts));
  }
  BERTH_ASSIGN(const auto wanted, copy->maintenance().Objects());
  BERTH_ASSIGN(const auto live, engine::MaintenanceOf(project.engine()).Objects());
  const auto is = Indexed(live);
  const auto should_be = Indexed(wanted);
  std::vector<std::string> statements;
  for (auto object = live.rbegin(); object != live.rend(); ++object) {  // dependents before what they need
    if (!should_be.contains({object->kind, object->name})) statements.push_back(Drop(*object));
  }
  for (const auto& object : wanted) {
    const auto there = is.find({object.kind, object.name});
    if (there == is.end()) {
      statements.push_back(object.statement);
    } else if (there->second->statement != object.statement) {
      statements.push_back(OrReplace(object));
    }
  }
  return statements;
}

}  // namespace berth::migrations
