#include "unit/catalog/catalog_fixture.h"

namespace berth::catalog {
namespace {

Job NewJob(const std::string& name, std::int64_t runs_on, std::vector<Edge> edges) {
  return {.name = name, .body = "INSERT ..", .connection_id = runs_on, .comment = "c", .edges = std::move(edges)};
}

TEST_CASE("tables are recorded, change their state and go") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  auto transaction = catalog.Write();
  const auto table = Must(
      transaction->InsertTable({.connection_id = c.id, .schema = "s", .name = "t", .state = TableState::kCreating}));
  CHECK(table.id > 0);
  CHECK(table.stamp.created_by == "u@h test");
  CHECK(ErrorFrom(transaction->InsertTable({.connection_id = c.id, .schema = "s", .name = "t"})).code ==
        ErrorCode::kAlreadyExists);
  CHECK(ErrorFrom(transaction->InsertTable({.connection_id = 99, .schema = "s", .name = "t"})).code ==
        ErrorCode::kNotFound);
  Must(transaction->UpdateTableState(table.id, TableState::kDropping));
  const auto found = Must(transaction->FindTable(c.id, "s", "t"));
  REQUIRE(found);
  CHECK(found->state == TableState::kDropping);
  CHECK_FALSE(found->attached);
  CHECK(found->id == table.id);
  CHECK_FALSE(Must(transaction->FindTable(c.id, "s", "T")));
  Must(transaction->DeleteTable(table.id));
  CHECK_FALSE(Must(transaction->FindTable(c.id, "s", "t")));
  CHECK(ErrorFrom(transaction->DeleteTable(table.id)).code == ErrorCode::kNotFound);
  CHECK(ErrorFrom(transaction->UpdateTableState(table.id, TableState::kRecorded)).code == ErrorCode::kNotFound);
}

TEST_CASE("jobs come back with their edges, target first") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  const auto d = catalog.Add("d");
  auto transaction = catalog.Write();
  auto job = Must(transaction->InsertJob(NewJob("Load", c.id,
                                                {{c.id, Role::kConnection, "", ""},
                                                 {d.id, Role::kSource, "s", "src"},
                                                 {c.id, Role::kTarget, "s", "dst"},
                                                 {d.id, Role::kSource, "s", "src"}})));
  CHECK(job.version == 1);
  REQUIRE(job.edges.size() == 3);  // the doubled one stands once
  CHECK(job.edges[0].role == Role::kTarget);
  CHECK(job.edges[0].table == "dst");
  CHECK(job.edges[1].role == Role::kSource);
  CHECK(job.edges[1].connection_id == d.id);
  CHECK(job.edges[2].role == Role::kConnection);
  CHECK(Must(transaction->FindJobLike("LOAD")) == "Load");
  CHECK(Has(ErrorFrom(transaction->InsertJob(NewJob("load", c.id, {}))).message, "only in case"));
  CHECK(ErrorFrom(transaction->InsertJob(NewJob("x", c.id, {{77, Role::kSource, "s", "t"}}))).code ==
        ErrorCode::kNotFound);

  job.edges = {{d.id, Role::kTarget, "s2", "t2"}};
  job.connection_id = std::nullopt;
  job.external = true;
  job = Must(transaction->UpdateJob(job));
  CHECK(job.version == 2);
  CHECK(job.external);
  CHECK_FALSE(job.connection_id);
  REQUIRE(job.edges.size() == 1);
  CHECK(job.edges[0].schema == "s2");

  const auto jobs = Must(transaction->ListJobs());
  REQUIRE(jobs.size() == 1);  // nothing is left of "x", whose edge failed
  CHECK(jobs[0].name == "Load");
  CHECK(jobs[0].edges.size() == 1);
  Must(transaction->DeleteJob(job.id));
  CHECK_FALSE(Must(transaction->FindJob("Load")));
  CHECK(ErrorFrom(transaction->DeleteJob(job.id)).code == ErrorCode::kNotFound);
  CHECK(ErrorFrom(transaction->UpdateJob(job)).code == ErrorCode::kNotFound);
}

TEST_CASE("dependents: tables by schema and name, jobs by name, each edge") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  const auto d = catalog.Add("d");
  auto transaction = catalog.Write();
  CHECK(Must(transaction->DependentsOf(c.id)).empty());
  Must(transaction->InsertTable({.connection_id = c.id, .schema = "s", .name = "b"}));
  Must(transaction->InsertTable({.connection_id = c.id, .schema = "s", .name = "a", .attached = true}));
  Must(transaction->InsertTable({.connection_id = d.id, .schema = "s", .name = "z"}));
  Must(transaction->InsertJob(NewJob("j2", c.id, {{c.id, Role::kTarget, "s", "a"}, {c.id, Role::kSource, "s", "b"}})));
  Must(transaction->InsertJob(NewJob("j1", d.id, {{c.id, Role::kSource, "s", "a"}})));
  Must(transaction->InsertJob(NewJob("j0", c.id, {})));  // only runs there
  const auto dependents = Must(transaction->DependentsOf(c.id));
  REQUIRE(dependents.tables.size() == 2);
  CHECK(dependents.tables[0].name == "a");
  CHECK(dependents.tables[0].attached);
  CHECK(dependents.tables[1].name == "b");
  std::string jobs;
  for (const auto& job : dependents.jobs) {
    jobs += job.name + ":" + std::string(RoleName(job.role)) + ":" + job.schema + "." + job.table + " ";
  }
  CHECK(jobs == "j0:connection:. j1:source:s.a j2:target:s.a j2:source:s.b ");

  const auto on_a = Must(transaction->JobsOnTable(c.id, "s", "a"));
  REQUIRE(on_a.size() == 2);
  CHECK(on_a[0].name == "j1");
  CHECK(on_a[1].role == Role::kTarget);
  CHECK(Must(transaction->JobsOnTable(d.id, "s", "a")).empty());
}

TEST_CASE("no bug can leave a dangling edge: the file refuses to delete what is needed") {
  const Catalog catalog;
  const auto by_table = catalog.Add("by_table");
  const auto by_edge = catalog.Add("by_edge");
  const auto by_job = catalog.Add("by_job");
  auto transaction = catalog.Write();
  Must(transaction->InsertTable({.connection_id = by_table.id, .schema = "s", .name = "t"}));
  Must(transaction->InsertJob(NewJob("j", by_job.id, {{by_edge.id, Role::kSource, "s", "t"}})));
  for (const auto* c : {&by_table, &by_edge, &by_job}) {
    CHECK(ErrorFrom(transaction->DeleteConnection(c->id)).code == ErrorCode::kDependentsExist);
    CHECK(Must(transaction->FindConnectionById(c->id)));
  }
  Must(transaction->DeleteJob(Must(transaction->FindJob("j"))->id));
  Must(transaction->DeleteConnection(by_edge.id));
  Must(transaction->DeleteConnection(by_job.id));
  Must(transaction->Commit());
}

}  // namespace
}  // namespace berth::catalog
