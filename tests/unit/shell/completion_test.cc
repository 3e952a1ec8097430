#include "shell/completion.h"

#include <algorithm>

#include <doctest/doctest.h>

using berth::shell::CommonPrefix;
using berth::shell::Complete;
using berth::shell::Names;

namespace {

using Words = std::vector<std::string>;

const Names kNames{
    .connections = {"etl", "Etl Two", "finance"},
    .jobs = {"nightly"},
    .secrets = {"redshift_password"},
    .options = {"COMMENT", "MAX_CONCURRENT_CONNECTIONS", "USER_NAME"},
    .tables = {{"etl", "raw", "events"}, {"etl", "raw", "visits"}, {"finance", "public", "ledger"}},
    .in_use = "etl",
    .relations = {{.schema = "public", .name = "harbours", .visible = true, .columns = {"id", "berths", "Name"}},
                  {.schema = "zq", .name = "ships", .visible = false, .columns = {"id", "flag"}}}};

Words At(std::string_view text) {
  return Complete(text, kNames).words;
}
bool Offers(std::string_view text, std::string_view word) {
  const auto words = At(text);
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TEST_CASE("Statements and options come from the grammar, in the case that was begun with") {
  CHECK(At("show connec") == Words{"connection", "connections"});
  CHECK(At("SHOW CONNEC") == Words{"CONNECTION", "CONNECTIONS"});
  CHECK(At("create redsh") == Words{"redshift"});
  CHECK(At("alter redshift connection etl set max_c") == Words{"max_concurrent_connections"});
  CHECK(At("create redshift connection x connection_string = 'u' user") == Words{"user_name"});
  CHECK(Complete("show connec", kNames).begin == 5);
}

TEST_CASE("Names of the catalog") {
  CHECK(At("drop connection e") == Words{"etl"});
  CHECK(At("drop connection \"E") == Words{"\"Etl Two\""});
  CHECK(Offers("use connection ", "finance"));
  CHECK(At("drop job n") == Words{"nightly"});
  CHECK(At("create redshift connection x password = secret r") == Words{"redshift_password"});
  CHECK(At("detach table etl.r") == Words{"raw"});
  CHECK(At("detach table etl.raw.e") == Words{"events"});
  CHECK(At("detach table finance.public.") == Words{"ledger"});
}

TEST_CASE("Names of the warehouse, where each may stand") {
  CHECK(At("select * from har") == Words{"harbours"});
  CHECK(At("select * from zq.") == Words{"ships"});
  CHECK(At("drop table etl.zq.") == Words{"ships"});
  CHECK(At("drop table etl.") == Words{"public", "raw", "zq"});
  CHECK(At("select * from s").empty());  // it is found with its schema only
  CHECK(At("select * from harbours where ber") == Words{"berths"});
  CHECK(At("select * from harbours as h where h.") == Words{"\"Name\"", "berths", "id"});
  CHECK(At("select * from zq.ships s where s.f") == Words{"flag"});
  CHECK(At("select harbours.b") == Words{"berths"});
  CHECK(At("update har") == Words{"harbours"});
  CHECK(At("select 1; select * from har") == Words{"harbours"});
  CHECK(Offers("sel", "select"));
  CHECK(At("select 'har").empty());  // within a string nothing is completed
}

TEST_CASE("A verb stands where a statement begins, and SHOW is followed by what Berth shows") {
  CHECK(At("dro") == Words{"drop"});
  CHECK(At("select 1; dro") == Words{"drop"});
  CHECK(Offers("", "SELECT"));
  CHECK(!Offers("", "AND"));
  CHECK(At("select dro").empty());
  CHECK(At("select * from harbours where del").empty());
  CHECK(Offers("select * from harbours where ", "AND"));
  CHECK(Offers("insert into harbours ", "SELECT"));
  CHECK(At("explain del") == Words{"delete"});
  CHECK(At("grant ins") == Words{"insert"});
  CHECK(Offers("create ", "TABLE"));
  CHECK(Offers("show ", "CONNECTIONS"));
  for (const auto* word : {"SELECT", "ALTER", "WHERE"}) CHECK(!Offers("show ", word));
  CHECK(At("show search_path ").empty());
  CHECK(At("show table har") == Words{"harbours"});
}

TEST_CASE("Backslash commands and what stands behind them") {
  CHECK(At("\\conn") == Words{"\\connect", "\\connections", "\\conninfo"});
  CHECK(At("\\c f") == Words{"finance"});
  CHECK(At("\\d har") == Words{"harbours"});
  CHECK(At("\\dt zq") == Words{"zq.ships"});
  CHECK(At("\\copy pub") == Words{"public.harbours"});
  CHECK(At("select 1\n\\tim") == Words{"\\timing"});
  CHECK(At("\\nonsense x").empty());
}

TEST_CASE("What all have in common, never half a character") {
  CHECK(CommonPrefix({}).empty());
  CHECK(CommonPrefix({"connect", "connections", "conninfo"}) == "conn");
  CHECK(CommonPrefix({"one"}) == "one");
  CHECK(CommonPrefix({"gr\xC3\xBC", "gr\xC3\xB6"}) == "gr");
}
