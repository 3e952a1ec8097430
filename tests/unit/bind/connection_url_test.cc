#include "bind/connection_url.h"

#include <doctest/doctest.h>

namespace berth::bind {
namespace {

using std::chrono::milliseconds;

Error Refusal(const std::string& url) {
  auto parsed = ParseConnectionUrl(url);
  REQUIRE_MESSAGE(!parsed.ok(), url);
  return std::move(parsed).TakeError();
}

void CheckRefused(const std::string& url, ErrorCode code, std::string_view part) {
  CAPTURE(url);
  const auto error = Refusal(url);
  CAPTURE(error.message);
  CHECK(error.code == code);
  CHECK(error.message.find(part) != std::string::npos);
  CHECK(!error.hint.empty());
  CHECK((error.message + error.detail + error.hint).find("hunter2") == std::string::npos);
}

UrlSettings Settings(const std::string& properties) {
  auto parsed = ParseConnectionUrl("jdbc:redshift://host:5439/db?" + properties);
  REQUIRE_MESSAGE(parsed.ok(), properties);
  return std::move(parsed).value().settings;
}

void CheckPropertyRefused(const std::string& properties, std::string_view part,
                          ErrorCode code = ErrorCode::kInvalidArgument) {
  CheckRefused("jdbc:redshift://host:5439/db?" + properties, code, part);
}

}  // namespace

TEST_CASE("a connection's URL: one host, one database") {
  const auto url = ParseConnectionUrl("jdbc:redshift://c1.abc.us-west-2.redshift.amazonaws.com:5440/my%20db").value();
  CHECK(url.host == "c1.abc.us-west-2.redshift.amazonaws.com");
  CHECK(url.port == 5440);
  CHECK(url.database == "my db");
  CHECK(ParseConnectionUrl("jdbc:redshift://[2001:db8::1]/db").value().host == "2001:db8::1");
  CHECK(ParseConnectionUrl("jdbc:redshift://127.0.0.1/db").value().port == 5439);
  const auto here = ParseConnectionUrl("jdbc:redshift:db").value();
  CHECK(here.host == "localhost");
  CHECK(here.database == "db");
}

TEST_CASE("what no connection may name") {
  constexpr auto kInvalid = ErrorCode::kInvalidArgument;
  CheckRefused("jdbc:redshift://host:5439/", kInvalid, "names no database");
  CheckRefused("jdbc:redshift:", kInvalid, "names no database");
  CheckRefused("jdbc:redshift://host/" + std::string(128, 'd'), kInvalid, "128 bytes; the limit is 127");
  CheckRefused("jdbc:redshift:///db", kInvalid, "host is missing");
  CheckRefused("jdbc:redshift:///db/e", kInvalid, "host is missing");
  CheckRefused("jdbc:redshift://::1/db", kInvalid, "holds a ':'");
  CheckRefused("jdbc:redshift://1::2:5439/db", kInvalid, "holds a ':'");
  CheckRefused("jdbc:redshift://[nonsense]/db", kInvalid, "no IPv6 address");
  CheckRefused("jdbc:redshift://ho st/db", kInvalid, "no host name");
  CheckRefused("jdbc:redshift://" + std::string(256, 'h') + "/db", kInvalid, "256 bytes; the limit is 255");
  CheckRefused("jdbc:redshift:host:5439/db", kInvalid, "without //");
  CheckRefused("jdbc:redshift:/host/db", kInvalid, "without //");
  CheckRefused("jdbc:redshift://host/db\n", kInvalid, "control character");
  CheckRefused("jdbc:redshift://host/db ", kInvalid, "ends with a space");
  CheckRefused("jdbc:redshift://a,b/db", ErrorCode::kNotSupported, "2 hosts");
  CheckRefused("jdbc:redshift:iam://c:us-west-2/db", ErrorCode::kInvalidArgument,
               "names cluster c in region us-west-2");
  CheckRefused("jdbc:redshift:iam://u:hunter2@h/db", ErrorCode::kInvalidArgument, "a user or password stands before");
}

TEST_CASE("an error points at the part of the URL that is wrong") {
  const std::string url = "jdbc:redshift://ho$t:5439/db";
  const auto error = Refusal(url);
  REQUIRE(error.span.has_value());
  CHECK(url.substr(error.span->offset, error.span->length) == "ho$t:5439");
}

TEST_CASE("no secret stands in a URL, and none is repeated") {
  CheckPropertyRefused("user=u&password=hunter2", "holds a password");
  CheckPropertyRefused("PassWord=hunter2", "holds a password");
  CheckPropertyRefused("PWD=hunter2", "holds a password");
  CheckPropertyRefused("user=hunter2", "holds a user");
  CheckPropertyRefused("UID=hunter2", "holds a user");
  CheckPropertyRefused("sslpassword=hunter2", "sslpassword");
  for (const std::string name : {"AccessKeyID", "SecretAccessKey", "SessionToken", "webIdentityToken", "token",
                                 "client_secret", "my_passwd", "keyPassphrase", "sslTrustStorePwd"}) {
    CheckPropertyRefused(name + "=hunter2", "holds a secret");
  }
  CheckPropertyRefused("ssl=hunter2?password=hunter2", "second '?'");
  CheckRefused("jdbc:redshift://host/db;password=hunter2?ssl=true", ErrorCode::kInvalidArgument, "';' stands before");
  CheckRefused("jdbc:redshift://host/db;password=hunter2", ErrorCode::kInvalidArgument, "holds a password");
}

TEST_CASE("properties may not override the place, nor ask for temporary credentials") {
  CheckPropertyRefused("host=other", "would override");
  CheckPropertyRefused("PORT=1", "would override");
  CheckPropertyRefused("dbname=x", "would override");
  CheckPropertyRefused("IAMAuth=true", "temporary credentials", ErrorCode::kNotSupported);
  CheckPropertyRefused("plugin_name=com.x.Y", "temporary credentials", ErrorCode::kNotSupported);
  CHECK(Settings("iamauth=false").ignored == std::vector<std::string>{"iamauth"});
}

TEST_CASE("sslmode: given, else ssl=false, else verify-full") {
  CHECK(Settings("").sslmode == "verify-full");
  CHECK(Settings("ssl").sslmode == "verify-full");
  CHECK(Settings("ssl=TRUE").sslmode == "verify-full");
  CHECK(Settings("ssl=False").sslmode == "disable");
  for (const std::string mode : {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}) {
    CHECK(Settings("sslmode=" + mode).sslmode == mode);
  }
  CHECK(Settings("AuthMech=REQUIRE").sslmode == "require");
  CHECK(Settings("authmech=disable&SSLMode=verify-ca").sslmode == "verify-ca");
  CHECK(Settings("ssl=false&sslmode=require").sslmode == "require");
  CheckPropertyRefused("sslmode=foo", "sslmode of the connection string cannot be 'foo'");
  CheckPropertyRefused("sslmode=", "cannot be ''");
  CheckPropertyRefused("ssl=maybe", "cannot be 'maybe'");
  CheckPropertyRefused("ssl=1&sslmode=require", "cannot be '1'");
}

TEST_CASE("the other properties that have an effect") {
  const auto plain = Settings("");
  CHECK(plain.tcp_keepalive);
  CHECK(!plain.connect_timeout);
  CHECK(!plain.socket_timeout);
  const auto all = Settings(
      "ApplicationName=my%20app&queryGroup=etl&currentSchema=a,b&loginTimeout=5.5&connectTimeout=30&socketTimeout=30"
      "&tcpKeepAlive=false&sslrootcert=/etc/ca.pem&sslcert=/c.pem&sslkey=/k.pem");
  CHECK(all.application_name == "my app");
  CHECK(all.query_group == "etl");
  CHECK(all.search_path == "a,b");
  CHECK(all.connect_timeout == milliseconds(5'500));
  CHECK(all.socket_timeout == milliseconds(30'000));
  CHECK(!all.tcp_keepalive);
  CHECK(all.sslrootcert == "/etc/ca.pem");
  CHECK(all.sslcert == "/c.pem");
  CHECK(all.sslkey == "/k.pem");
  CHECK(all.ignored.empty());
  CHECK(all.unknown.empty());
  CHECK(WarningOf(all) == "");
  CHECK(Settings("connectTimeout=0&loginTimeout=7").connect_timeout == milliseconds(7'000));
  CHECK(Settings("connectTimeout=3").connect_timeout == milliseconds(3'000));
  CHECK(Settings("connectTimeout=0.0001").connect_timeout == milliseconds(1));
  CHECK(!Settings("socketTimeout=0").socket_timeout);
}

TEST_CASE("values that are none of their property's") {
  for (const std::string bad : {"", "-1", "x", "1s", "86401", "1e9", "nan", "inf", "+5"}) {
    CheckPropertyRefused("connectTimeout=" + bad, "connecttimeout");
    CheckPropertyRefused("socketTimeout=" + bad + "&x=1", "sockettimeout");
  }
  CheckPropertyRefused("sslrootcert=ca.pem", "sslrootcert");
  CheckPropertyRefused("sslcert=/c.pem", "one without the other");
  CheckPropertyRefused("sslkey=/k.pem", "one without the other");
  CheckPropertyRefused("tcpKeepAlive=yes", "tcpkeepalive");
  CheckPropertyRefused("currentSchema=", "currentschema");
}

TEST_CASE("properties without effect are listed for a warning") {
  const auto settings = Settings("readOnly=true&defaultRowFetchSize=100&flag&=x&sslmod=disable");
  CHECK(settings.ignored == std::vector<std::string>{"defaultrowfetchsize", "readonly"});
  CHECK(settings.unknown == std::vector<std::string>{"", "flag", "sslmod"});
  CHECK(WarningOf(settings) ==
        "properties of the connection string that have no effect here: defaultrowfetchsize, readonly; unknown "
        "properties of "
        "the connection string: (without a name), flag, sslmod (did you mean sslmode by sslmod?)");
  CHECK(WarningOf(Settings("flag")) == "unknown properties of the connection string: flag");
}

}  // namespace berth::bind

TEST_CASE("the iam form needs a password command, which is spelt out") {
  using berth::PasswordKind;
  const auto hint = [](const std::string& url) {
    const auto parsed = berth::bind::ParseConnectionUrl(url);
    REQUIRE(parsed.ok());
    CHECK(berth::bind::CheckIam(parsed.value(), PasswordKind::kCommand).ok());
    const auto refused = berth::bind::CheckIam(parsed.value(), PasswordKind::kLiteral);
    REQUIRE_FALSE(refused.ok());
    return refused.error().hint;
  };
  CHECK(hint("jdbc:redshift:iam://c1.abc.us-west-2.redshift.amazonaws.com:5439/dev") ==
        "PASSWORD = COMMAND '/usr/bin/aws redshift get-cluster-credentials-with-iam --cluster-identifier c1 --db-name "
        "dev "
        "--region us-west-2'");
  CHECK(hint("jdbc:redshift:iam://wg1.012345678901.us-east-2.redshift-serverless.amazonaws.com/dev") ==
        "PASSWORD = COMMAND '/usr/bin/aws redshift-serverless get-credentials --workgroup-name wg1 --db-name dev "
        "--region "
        "us-east-2'");
  const auto plain = berth::bind::ParseConnectionUrl("jdbc:redshift://h/db");
  REQUIRE(plain.ok());
  CHECK(berth::bind::CheckIam(plain.value(), PasswordKind::kLiteral).ok());
}
