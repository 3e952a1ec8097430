#include "dataapi/refusal.h"

#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "model.h"

namespace berth::dataapi {

TEST_CASE("Every error has a name and a status of the service's table, and every name of the table is used") {
  std::map<std::string, int> table;
  for (const auto& fields : test::CsvRows("errors.csv")) table.emplace(fields.at(0), std::stoi(fields.at(1)));
  REQUIRE(table.size() >= 23);
  // The statement's own exceptions are InternalServerException's of those two operations (api_test.cc).
  std::set<std::string> used{"ExecuteStatementException", "BatchExecuteStatementException"};
  const auto look = [&](const Refusal& refusal) {
    const std::string type(refusal.type);
    CAPTURE(type);
    REQUIRE(table.contains(type));
    CHECK(refusal.status == table.at(type));
    used.insert(type);
  };
  for (const auto& refusal :
       {Invalid("m"), Unserializable("m"), UnknownOperation("m"), Throttled("m"), AccessDenied("m"), UnknownKey("m"),
        BadSignature("m"), IncompleteSignature("m"), ExpiredKey("m"), MalformedHttp("m"), TooLarge("m"), TooSlow("m"),
        ServiceUnavailable("m"), InternalFailure("m")}) {
    look(refusal);
  }
#define BERTH_ERROR(name, ...) look(RefusalOf(Error{.code = ErrorCode::k##name, .message = "m"}));
#include "berth/error_codes.def"
#undef BERTH_ERROR
  CHECK(used.size() == table.size());
}

}  // namespace berth::dataapi
