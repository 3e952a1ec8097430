#include "dataapi/decode.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::dataapi {
namespace {

struct Decoded {
  std::optional<Refusal> refusal;
  Request request;
  std::optional<Refusal> form_of_target;
};

Decoded Read(Operation operation, std::string_view body) {
  Decoded out;
  out.refusal = Decode(operation, body, out.request, out.form_of_target);
  return out;
}

// The type and the text in one; empty: taken.
std::string Refused(Operation operation, std::string_view body) {
  const auto decoded = Read(operation, body);
  return decoded.refusal ? std::string(decoded.refusal->type) + ": " + decoded.refusal->message : "";
}

constexpr auto kExecute = Operation::kExecuteStatement;
constexpr auto kBatch = Operation::kBatchExecuteStatement;
constexpr auto kDescribe = Operation::kDescribeStatement;

}  // namespace

TEST_CASE("A whole request is read") {
  const auto decoded = Read(kExecute, R"({"Sql":"select :a","ClusterIdentifier":"redshift-cluster-1","Database":"dev",
    "DbUser":"awsuser","WithEvent":true,"StatementName":"n","Parameters":[{"name":"a","value":"1"}],
    "ClientToken":"t","ResultFormat":"CSV","SessionKeepAliveSeconds":60,"WaitTimeSeconds":30,"Unheard":{"of":[1]},
    "SecretArn":null})");
  REQUIRE_FALSE(decoded.refusal);
  const auto& request = decoded.request;
  CHECK(request.sql == "select :a");
  CHECK(request.cluster_identifier == "redshift-cluster-1");
  CHECK(request.with_event == true);
  CHECK(request.session_keep_alive_seconds == 60);
  CHECK(request.wait_time_seconds == 30);
  CHECK(request.parameters->at(0).value == "1");
  CHECK_FALSE(request.secret_arn);
}

TEST_CASE("Both ways to write a letter come out the same") {
  CHECK(Read(kExecute, R"({"Sql":"select 'ä'","ClusterIdentifier":"c"})").request.sql ==
        Read(kExecute, R"({"Sql":"select '\u00e4'","ClusterIdentifier":"c"})").request.sql);
}

TEST_CASE("Patterns, lengths, bounds and enumerations, in the service's words") {
  CHECK(Refused(kDescribe, R"({"Id":"NOTVALID"})") ==
        R"(ValidationException: id must satisfy regex pattern: ^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$)");
  CHECK(Refused(kDescribe, R"({"Id":"d9b6c0c9-0747-4bf4-b142-e8883122f766:2"})").empty());
  CHECK(Refused(kDescribe, "{}").find("Value at 'id' failed to satisfy constraint: Member must not be null") !=
        std::string::npos);
  CHECK(Refused(Operation::kListTables, R"({"Database":"d","ClusterIdentifier":"c","MaxResults":5000})")
            .find("value less than or equal to 1000") != std::string::npos);
  CHECK(Refused(Operation::kListStatements, R"({"MaxResults":101})").find("100") != std::string::npos);
  CHECK(Refused(Operation::kListStatements, R"({"Status":"NOPE"})").find("enum value set: [SUBMITTED, ") !=
        std::string::npos);
  CHECK(Refused(Operation::kListSessions, R"({"Status":"FINISHED"})").find("[AVAILABLE, BUSY, CLOSED]") !=
        std::string::npos);
  CHECK_FALSE(Refused(kDescribe, R"({"Id":"d9b6c0c9-0747-4bf4-b142-e8883122f766","WaitTimeSeconds":31})").empty());
  CHECK_FALSE(Refused(kDescribe, R"({"Id":"d9b6c0c9-0747-4bf4-b142-e8883122f766","WaitTimeSeconds":0})").empty());
  CHECK_FALSE(Refused(kBatch, R"({"Sqls":[],"ClusterIdentifier":"c"})").empty());
  std::string many = R"({"ClusterIdentifier":"c","Sqls":["1")";
  for (int i = 1; i < 41; ++i) many += R"(,"1")";
  CHECK(Refused(kBatch, many + "]}").find("less than or equal to 40") != std::string::npos);
  const std::string token(65, 't');
  CHECK_FALSE(Refused(kExecute, R"({"Sql":"1","ClusterIdentifier":"c","ClientToken":")" + token + "\"}").empty());
  const std::string umlauts = [] {
    std::string out;
    for (int i = 0; i < 64; ++i) out += "ä";
    return out;
  }();
  CHECK(Refused(kExecute, R"({"Sql":"1","ClusterIdentifier":"c","ClientToken":")" + umlauts + "\"}").empty());
  const std::string sql(kSqlBytesMax + 1, ' ');
  CHECK(Refused(kExecute, R"({"Sql":")" + sql + R"(","ClusterIdentifier":"c"})").find("204800 bytes") !=
        std::string::npos);
}

TEST_CASE("Parameters have names and values") {
  const auto refused = [](std::string_view parameters) {
    return Refused(kExecute, R"({"Sql":"1","ClusterIdentifier":"c","Parameters":)" + std::string(parameters) + "}");
  };
  CHECK(refused(R"([{"name":"a","value":"1"},{"name":"b","value":"1"}])").empty());
  for (const auto* wrong : {R"([])", R"([{"name":"a"}])", R"([{"value":"a"}])", R"([{"name":"a-b","value":"1"}])",
                            R"([{"name":"a","value":""}])", R"([{"name":"a","value":"1"},{"name":"a","value":"2"}])"}) {
    CAPTURE(wrong);
    CHECK(refused(wrong).starts_with("ValidationException: "));
  }
  for (const auto* wrong : {R"({})", R"(["a"])", R"([{"name":"a","value":1}])"}) {
    CHECK(refused(wrong).starts_with("SerializationException: "));
  }
}

TEST_CASE("What is no JSON, or JSON of another type") {
  for (const auto* wrong : {"{", "[]", "1", "{\"Id\":1}", "{\"Id\":\"\xFF\"}", "{\"Id\":[[[[[[[[[[[1]]]]]]]]]]]}",
                            R"({"Id":"a","WaitTimeSeconds":"1"})", R"({"Id":"a"} x)"}) {
    CAPTURE(wrong);
    CHECK(Refused(kDescribe, wrong).find("Exception: ") != std::string::npos);
  }
  CHECK(Refused(kDescribe, "{").starts_with("SerializationException: The body is not JSON"));
  CHECK(Refused(Operation::kListStatements, "").empty());
  CHECK(Refused(Operation::kListStatements, R"({"RoleLevel":"yes"})") ==
        "SerializationException: RoleLevel must be a boolean, not a string");
  CHECK(Refused(kExecute, R"({"Sql":"a\u0000b","ClusterIdentifier":"c"})").starts_with("ValidationException: "));
}

TEST_CASE("Rules between members") {
  CHECK_FALSE(Refused(kExecute, R"({"Sql":"1","Database":"dev"})").empty());
  CHECK_FALSE(Refused(kExecute, R"({"Sql":"1","ClusterIdentifier":"c","WorkgroupName":"www"})").empty());
  CHECK(Refused(kExecute, R"({"Sql":"1","SecretArn":"x"})").empty());
  const std::string session = R"("SessionId":"d9b6c0c9-0747-4bf4-b142-e8883122f766")";
  CHECK(Refused(kExecute, R"({"Sql":"1",)" + session + "}").empty());
  CHECK_FALSE(Refused(kExecute, R"({"Sql":"1","Database":"dev",)" + session + "}").empty());
  CHECK_FALSE(Refused(Operation::kListSessions, R"({"Status":"BUSY",)" + session + "}").empty());
  CHECK_FALSE(Refused(Operation::kListStatements, R"({"ClusterIdentifier":"c","WorkgroupName":"www"})").empty());
}

TEST_CASE("A name that the service's rules would not allow is kept, and what is wrong with it as well") {
  const auto decoded = Read(kExecute, R"({"Sql":"1","ClusterIdentifier":"my_redshift_connection"})");
  CHECK_FALSE(decoded.refusal);
  CHECK(decoded.request.cluster_identifier == "my_redshift_connection");
  REQUIRE(decoded.form_of_target);
  CHECK(decoded.form_of_target->message ==
        "clusterIdentifier must satisfy regex pattern: ^[a-z][a-z0-9]*(-[a-z0-9]+)*$");
  CHECK_FALSE(Read(kExecute, R"({"Sql":"1","ClusterIdentifier":"redshift-cluster-1"})").form_of_target);
}

}  // namespace berth::dataapi
