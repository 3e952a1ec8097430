#include "bind/jdbc_url.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "unit/bind/url_vectors.h"

namespace berth::bind {
namespace {

// As the driver would list it: brackets around IPv6, hosts and ports by commas.
std::map<std::string, std::string> AsProperties(const JdbcUrl& url) {
  auto out = url.properties;
  out["iamauth"] = url.iam ? "true" : "false";
  for (const auto& place : url.hosts) {
    const auto colons = std::count(place.host.begin(), place.host.end(), ':');
    const auto host = colons > 1 ? "[" + place.host + "]" : place.host;
    out["host"] += (out["host"].empty() ? "" : ",") + host;
    out["port"] += (out["port"].empty() ? "" : ",") + std::to_string(place.port);
  }
  const auto set = [&](const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  if (!url.iam) out["dbname"] = url.database;
  set("dbname", url.database);
  set("clusterid", url.cluster_id);
  set("region", url.region);
  set("serverlessacctid", url.serverless_account);
  set("serverlessworkgroup", url.serverless_workgroup);
  return out;
}

Error Refusal(std::string_view url) {
  auto parsed = ParseJdbcUrl(url);
  REQUIRE_MESSAGE(!parsed.ok(), url);
  CHECK(parsed.error().code == ErrorCode::kInvalidArgument);
  return std::move(parsed).TakeError();
}

// The message has `part`, the hint the right form, and the span is `piece` of the URL.
void CheckRefused(std::string_view url, std::string_view part, std::string_view piece) {
  CAPTURE(url);
  const auto error = Refusal(url);
  CAPTURE(error.message);
  CHECK(error.message.find(part) != std::string::npos);
  CHECK(error.hint.find("jdbc:redshift://host:5439/database") != std::string::npos);
  REQUIRE(error.span.has_value());
  CHECK(url.substr(error.span->offset, error.span->length) == piece);
}

}  // namespace

TEST_CASE("the driver's vectors hold") {
  CHECK(test::kUrlVectors.size() == 25);
  for (const auto& vector : test::kUrlVectors) {
    CAPTURE(vector.url);
    const auto parsed = ParseJdbcUrl(vector.url);
    REQUIRE(parsed.ok() == vector.accepted);
    if (parsed.ok()) CHECK(AsProperties(parsed.value()) == vector.properties);
  }
}

TEST_CASE("a list of hosts keeps their order, and what is empty at its end falls away") {
  const auto parsed = ParseJdbcUrl("jdbc:redshift://a:1,[::1]:2,c,,/db");
  REQUIRE(parsed.ok());
  REQUIRE(parsed.value().hosts.size() == 3);
  CHECK(parsed.value().hosts[0].host == "a");
  CHECK(parsed.value().hosts[0].port == 1);
  CHECK(parsed.value().hosts[1].host == "::1");
  CHECK(parsed.value().hosts[1].port == 2);
  CHECK(parsed.value().hosts[2].port == 5439);
  CHECK(!ParseJdbcUrl("jdbc:redshift://,/db").ok());
  CHECK(ParseJdbcUrl("jdbc:redshift://a,,b/db").value().hosts.size() == 3);
}

TEST_CASE("a port is read as Java reads a number") {
  CHECK(ParseJdbcUrl("jdbc:redshift://h:+5440/db").value().hosts[0].port == 5440);
  CHECK(ParseJdbcUrl("jdbc:redshift://h:0005440/db").value().hosts[0].port == 5440);
  CHECK(ParseJdbcUrl("jdbc:redshift://h:65535/db").value().hosts[0].port == 65535);
  for (const std::string port : {"0", "-1", "65536", "4294967297", "99999999999999999999", "0x1", "1 ", "++1"}) {
    CheckRefused("jdbc:redshift://h:" + port + "/db", "port", port);
  }
}

TEST_CASE("the iam form infers cluster, workgroup and region from the host") {
  const auto cluster = ParseJdbcUrl("jdbc:redshift:iam://c1.x.abc.us-west-2.redshift.amazonaws.com/dev").value();
  CHECK(cluster.cluster_id == "c1.x");
  CHECK(cluster.region == "us-west-2");
  CHECK(cluster.hosts.at(0).port == 5439);
  const auto dev = ParseJdbcUrl("jdbc:redshift:iam://c1.abc.us-west-2.redshift-dev.amazonaws.com.cn:1/dev").value();
  CHECK(dev.cluster_id == "c1");
  CHECK(dev.hosts.at(0).port == 1);
  const auto given =
      ParseJdbcUrl("jdbc:redshift:iam://c1.abc.us-west-2.redshift.amazonaws.com/d?Region=eu-1&ClusterID=z");
  CHECK(given.value().cluster_id == "z");
  CHECK(given.value().region == "eu-1");
  for (const std::string host :
       {"012345678901.ap-northeast-3.redshift-serverless.amazonaws.com", "elb.amazonaws.com",
        "redshift.myproject.prod.redshift.amazonaws.mycompany.com", "a..b.redshift.amazonaws.com"}) {
    const auto other = ParseJdbcUrl("jdbc:redshift:iam://" + host + "/dev").value();
    CHECK(other.cluster_id == "");
    CHECK(other.serverless_workgroup == "");
  }
  const auto region = ParseJdbcUrl("jdbc:redshift:iam://cluster:us-west-2/my%20db;a=1?b=2").value();
  CHECK(region.hosts.empty());
  CHECK(region.database == "my db");
  CHECK(region.properties == std::map<std::string, std::string>{{"a", "1"}});  // the driver forgets the other half
  CHECK(!ParseJdbcUrl("jdbc:redshift:iam:").ok());
  CHECK(!ParseJdbcUrl("jdbc:redshift:iam://:5439/db").ok());
  CHECK(!ParseJdbcUrl("jdbc:redshift:iam://h:70000/db").ok());
}

TEST_CASE("escapes: bad ones, NUL and what is not UTF-8 are named and never repeated") {
  for (const std::string bad : {"%", "%4", "%zz", "%-1", "a%2"}) {
    CHECK(Refusal("jdbc:redshift://h/" + bad).message.find("%") != std::string::npos);
  }
  CHECK(Refusal("jdbc:redshift://h/a%00b").message.find("NUL") != std::string::npos);
  CHECK(Refusal("jdbc:redshift://h/a%C3b").message.find("UTF-8") != std::string::npos);
  const auto error = Refusal("jdbc:redshift://h/db?password=hunter2%zz");
  CHECK(error.message.find("password") != std::string::npos);
  CHECK(error.message.find("hunter2") == std::string::npos);
  CHECK(error.span->length == 3);
}

TEST_CASE("a malformed URL is refused with the part that is wrong and the right form") {
  CheckRefused("", "is empty", "");
  CheckRefused("JDBC:redshift://host/db", "lower case", "JDBC:redshift:");
  CheckRefused("jdbc:postgresql://host/db", "jdbc:postgresql:", "jdbc:postgresql:");
  CheckRefused("postgresql://u:hunter2@host/db", "with postgresql:", "postgresql:");
  CheckRefused("redshift://host/db", "redshift:", "redshift:");
  CheckRefused("jdbc:redshift//host/db", "jdbc:redshift", "jdbc:redshift");
  CheckRefused("  jdbc:redshift://host/db", "white space", "  jdbc:redshif");
  CheckRefused("host:5439/db", "does not begin with jdbc:redshift:", "host:5439/db");
  CheckRefused("jdbc:redshift://host:5439", "database is missing", "host:5439");
  CheckRefused("jdbc:redshift://host:5439?ssl=false", "database is missing", "host:5439");
  CheckRefused("jdbc:redshift://host:abc/db", "port abc", "abc");
  CheckRefused("jdbc:redshift://host:/db", "port is missing", "host:");
  CheckRefused("jdbc:redshift://u:hunter2@host/db", "user and password", "u:hunter2@host");
  CHECK(Refusal("jdbc:redshift://u:hunter2@host/db").message.find("hunter2") == std::string::npos);
}

TEST_CASE("a placeholder that was left in is named") {
  const auto error = Refusal("jdbc:redshift://<host_name>:<port>/<database_name>");
  CHECK(error.message == "the placeholder <host_name> is still in the connection string");
  CHECK(error.hint.find("Replace the placeholder <host_name>, angle brackets included") != std::string::npos);
  CHECK(*error.span == SourceSpan{.offset = 16, .length = 11});
  CHECK(Refusal("jdbc:redshift://h:5439/<database_name>").message.find("<database_name>") != std::string::npos);
  CHECK(ParseJdbcUrl("jdbc:redshift://h/db?x=<y>").ok());  // only of the place, never of a value
}

TEST_CASE("a URL beyond the limit is refused with both numbers") {
  const std::string head = "jdbc:redshift://h/";
  CHECK(ParseJdbcUrl(head + std::string(kUrlBytesMax - head.size(), 'd')).ok());
  const auto error = Refusal(head + std::string(kUrlBytesMax + 1 - head.size(), 'd'));
  CHECK(error.message == "the connection string has 4097 bytes; the limit is 4096");
}

}  // namespace berth::bind
