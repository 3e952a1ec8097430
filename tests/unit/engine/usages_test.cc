#include "engine/usages.h"

#include <string>

#include <doctest/doctest.h>

using berth::SourceSpan;
using berth::catalog::DependentJob;
using berth::catalog::Dependents;
using berth::catalog::DependentTable;
using berth::catalog::Role;
using berth::catalog::TableState;
using berth::engine::TableInUseError;
using berth::engine::UsagesError;

TEST_CASE("the refused drop: its first line is fixed, DETAIL names roles and states") {
  Dependents dependents;
  dependents.tables = {{.schema = "demo", .name = "green_201601"},
                       {.schema = "demo", .name = "Odd Name", .state = TableState::kCreating}};
  dependents.jobs = {{.name = "by_ratecode", .role = Role::kConnection},
                     {.name = "by_ratecode", .role = Role::kTarget, .schema = "demo", .table = "agg"},
                     {.name = "airflow:dag_x", .external = true, .role = Role::kConnection}};
  const auto error = UsagesError("wh", dependents, SourceSpan{16, 2});
  CHECK(error.message ==
        "Cannot delete connection due to usages: demo.green_201601, demo.\"Odd Name\" by_ratecode, \"airflow:dag_x\"");
  CHECK(error.Sqlstate() == "2BP01");
  CHECK(error.detail ==
        "table demo.green_201601 (created)\n"
        "table demo.\"Odd Name\" (being created)\n"
        "job by_ratecode (connection, created)\n"
        "job by_ratecode (target demo.agg, created)\n"
        "job \"airflow:dag_x\" (connection, lives elsewhere)");
  CHECK(error.hint.find("DROP CONNECTION wh CASCADE") != std::string::npos);
}

TEST_CASE("only jobs: no space stands before them") {
  Dependents dependents;
  dependents.jobs = {{.name = "j", .role = Role::kConnection}};
  CHECK(UsagesError("wh", dependents, {}).message == "Cannot delete connection due to usages: j");
}

TEST_CASE("the first 1,000 of each are shown, then how many more there are") {
  Dependents dependents;
  for (int i = 0; i < 1'003; ++i) dependents.tables.push_back({.schema = "s", .name = "t" + std::to_string(i)});
  for (int i = 0; i < 1'000; ++i) dependents.jobs.push_back({.name = "j" + std::to_string(i)});
  const auto message = UsagesError("wh", dependents, {}).message;
  CHECK(message.find("s.t999, and 3 more j0, ") != std::string::npos);
  CHECK(message.find("s.t1000") == std::string::npos);
  CHECK(message.ends_with("j999"));
}

TEST_CASE("a table that jobs use") {
  const auto error =
      TableInUseError("drop", "s.t", {{.name = "j", .role = Role::kSource, .schema = "s", .table = "t"}}, {});
  CHECK(error.message == "cannot drop table s.t: jobs use it: j");
  CHECK(error.detail == "job j (source s.t, created)");
  CHECK(error.Sqlstate() == "2BP01");
}
