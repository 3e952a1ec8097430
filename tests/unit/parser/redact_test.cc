#include "parser/redact.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::parser {
namespace {

const std::string kMarker = "xS3cretx";

// `form` with the marker for every %.
std::string With(std::string form, const std::string& secret = kMarker) {
  for (std::size_t at = form.find('%'); at != std::string::npos; at = form.find('%', at + secret.size())) {
    form.replace(at, 1, secret);
  }
  return form;
}

std::string Text(const std::string& text) {
  return Redact(text).text;
}

void CheckHidden(const std::string& text) {
  CAPTURE(text);
  const auto redacted = Redact(text);
  CAPTURE(redacted.text);
  CHECK(redacted.held_secret);
  CHECK(redacted.text.find(kMarker) == std::string::npos);
  CHECK(std::count(redacted.text.begin(), redacted.text.end(), '\n') >= std::count(text.begin(), text.end(), '\n'));
  CHECK(Redact(redacted.text).text == redacted.text);
}

}  // namespace

TEST_CASE("a secret is replaced by the mask, the rest stays") {
  const std::vector<std::string> forms = {
      "CREATE REDSHIFT CONNECTION c CONNECTION_STRING = 'jdbc:redshift://h:5439/d' USER_NAME = 'u' PASSWORD = '%' "
      "MAX_CONCURRENT_CONNECTIONS = 5",
      "alter redshift connection c set user_name = 'u' set password = '%' set comment = 'x'",
      "PASSWORD='%', COMMENT='x'",
      "PASSWORD = E'%'",
      "PASSWORD = $$%$$ COMMENT = 'x'",
      "PASSWORD = $q$%$q$",
      "PASSWORD = \"%\" COMMENT = 'x'",
      "\"PASSWORD\" = '%' COMMENT = 'x'",
      "PASSWORD /* the old one */ = -- here\n  '%' COMMENT = 'x'",
      "CREATE USER u PASSWORD '%' CREATEDB",
      "CREATE ROLE u WITH ENCRYPTED PASSWORD '%' VALID UNTIL '2030-01-01'",
      "ALTER USER u PASSWORD '%';",
      "ALTER REDSHIFT CONNECTION c SET PASSWORD_NEXT '%' SET COMMENT = 'x'",
      "ALTER REDSHIFT CONNECTION c SET PASSWORD_NXT '%'",
      "ALTER REDSHIFT CONNECTION c SET password_next \"%\"",
      "ALTER USER u IN GROUP g PASSWORD '%' VALID UNTIL '2030-01-01'",
      "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'x', password '%')",
      "COPY t FROM 's3://b/k' CREDENTIALS '%' DELIMITER '|'",
      "COPY t FROM 's3://b/k' WITH CREDENTIALS AS '%' CSV",
      "COPY t FROM 's3://b/k' ACCESS_KEY_ID '%' SECRET_ACCESS_KEY '%' SESSION_TOKEN '%' GZIP",
      "UNLOAD ('select 1') TO 's3://b' CREDENTIALS '%' MASTER_SYMMETRIC_KEY '%' ENCRYPTED",
      "CREATE SECRET s AS '%'",
      "ALTER SECRET s = '%'",
      "CREATE SECRET s AS %",
      "CREATE SECRET s AS \"%\";",
      "CREATE SECRET s AS -- here\n  %; SELECT a FROM t AS b",
      "CREATE OR REPLACE SECRET IF NOT EXISTS s AS $$%$$",
      "ALTER SECRET s AS \"%\"",
      "ALTER SECRET s SET \"%\"",
      "ALTER SECRET s SET %",
      "ALTER SECRET s = %",
      "ALTER SECRET \"my own\" AS '%'",
      "EXPLAIN CREATE SECRET t AS \"%\"",
      "EXPLAIN ALTER SECRET t AS %",
      "CRATE SECRET s AS %",
      "CREATE SECRET env '%'",
      "CREATE SECRET s AS ENV 'X' '%'",
      "CREATE SECRET s AS ENV = '%'",
      "CONNECTION_STRING = 'jdbc:redshift://h/d?user=u&password=%&ssl=true'",
      "CONNECTION_STRING = 'jdbc:redshift://h/d;PWD=%;UID=u'",
      "CONNECTION_STRING = 'jdbc:redshift://h/d?sslpassword=%'",
      "CONNECTION_STRING = 'postgresql://u:%@h/d'",
      "select * from dblink('host=h user=u password=% dbname=d', 'select 1')",
      "select * from dblink('host=h password=''%'' dbname=d', 'select 1')",
      "EXECUTE ON CONNECTION c AS $$ CREATE USER u PASSWORD '%' $$",
      "EXECUTE ON CONNECTION c AS $a$ do $b$ begin create user u password '%'; end $b$ $a$",
      "CREATE JOB j AS $$ COPY t FROM 's3://b' CREDENTIALS '%' $$",
      "do $$ begin execute 'alter user u password ''%'' valid until now'; end $$",
      "execute format('alter user u password ''%''', 1)",
      "-- PASSWORD = '%'\nselect 1",
      "select 1 /* don't use PASSWORD = '%' */ + 1",
      "PASWORD = '%' COMMENT = 'x'",
      "CREATE REDSHIFT CONNECTION c PASS = '%' COMMENT = 'x'",
      "ALTER REDSHIFT CONNECTION c SET PSWD = '%'",
      "PASSWROD = '%' COMMENT = 'x'",
      "PASSWORDD = '%' COMMENT = 'x'",
      "PASSWURD = '%' COMMENT = 'x'",
      "PASS_WORD = '%' COMMENT = 'x'",
      "PASSWORD : '%' COMMENT = 'x'",
      "PASSWORD => '%'",
      "execute 'alter user u password=' || '%'",
      "select '{\"password\": \"%\", \"user\": \"u\"}'",
      "\\c jdbc:redshift://h/d?user=u&password=%&x=y",
  };
  for (const auto& form : forms) {
    CheckHidden(With(form));
    CHECK(Text(With(form)) == With(form, std::string(kMask)));
  }
}

TEST_CASE("text that does not parse hides its secrets, at the price of more") {
  for (const std::string form : {
           "PASSWORD = '%",
           "CREATE SECRET s AS ENV '%",
           "CREATE SECRET s AS it's %",
           "CREATE SECRET s AS 'it's % ",
           "CREATE SECRET s AS 12%+%",
           "PASSWORD = '%; SELECT 1",
           "PASSWORD = \"% COMMENT = 'x'",
           "PASSWORD = $$%",
           "PASSWORD = 'it's %' COMMENT = 'x'",
           "PASSWORD = 'a\\'% b' COMMENT = 'x'",
           "PASSWORD = E'a\\'% b' COMMENT = 'x'",
           "PASSWORD = 'a''% b'",
           "PASSWORD = '' '%'",
           "PASSWORD = 'a' || '%'",
           "PASSWORD 'a'\n'%'",
           "PASSWORD = ''%''",
           "PASSWORD = '''%'",
           "CREATE REDSHIFT CONNECTION c PASSWORD = %",
           "CREATE REDSHIFT CONNECTION c PASSWORD = % COMMENT = 'x'",
           "CREATE REDSHIFT CONNECTION c PASSWORD = my %' COMMENT = 'x'",
           "CREATE REDSHIFT CONNECTION c PASSWORD = %' COMMENT = 'x'",
           "CREATE REDSHIFT CONNECTION c PASSWORD %",
           "CREATE REDSHIFT CONNECTION c PASSWORD = <%>",
           "CREATE REDSHIFT CONNECTION c PASSWORD == '%'",
           "CREATE REDSHIFT CONECTION c PASSWORD = %;",
           "CRATE REDSHIFT CONNECTION c PASSWORD = %",
           "CREATE REDSHIFT CONNECTION c PASSWORD = EVN '%'",
           "CREATE REDSHIFT CONNECTION c PASSWORD = null%",
           "CREATE REDSHIFT CONNECTION c PASWORD '%'",
           "CREATE REDSHIFT CONNECTION c CONNECTION_STRING = 'jdbc:x USER_NAME = 'u' PASSWORD = '%'",
           "CREATE REDSHIFT CONNECTION c CONNECTION_STRING = jdbc:redshift://h/d?password=% USER_NAME = 'u'",
           "CREATE REDSHIFT CONNECTION \"c PASSWORD = '%'",
           "CREATE REDSHIFT CONNECTION c /* PASSWORD = '%'",
           "CREATE REDSHIFT CONNECTION c -- PASSWORD = %\n COMMENT = 'x'",
           "CREATE USER u PASSWORD %",
           "CREATE USER u PASSWORD md5%",
           "ALTER USER u SET PASSWORD = %",
           "CREATE USER u PASSWORD ('%')",
           "CREATE USER u PASSWORD U&'%'",
           "COPY t FROM 's3://b' CREDENTIALS 'aws_access_key_id=%;aws_secret_access_key=%",
           "COPY t FROM 's3://b' CREDENTIALS 'aws_access_key_id=%' 'aws_secret_access_key=%'",
           "COPY t FROM 's3://b' CREDENTIALS \"%\"",
           "CONNECTION_STRING = 'jdbc:redshift://h/d?password=a;%&x=y'",
           "CONNECTION_STRING = 'jdbc:redshift://h/d?password=a %'",
           "CONNECTION_STRING = 'jdbc:redshift://h/d?password=it''s%'",
           "CONNECTION_STRING = 'jdbc:redshift://h/d?password=it\\'s%'",
           "CONNECTION_STRING = 'jdbc:redshift://h/d?x=1&PassWord=%'",
           "CONNECTION_STRING = \"jdbc:redshift://h/d?pwd=%\"",
           "CONNECTION_STRING = 'jdbc:redshift:iam://h/d?SecretAccessKey=%&AccessKeyID=%&SessionToken=%'",
           "CONNECTION_STRING = 'jdbc:redshift://h/d?token=%&web_identity_token=%'",
           "CONNECTION_STRING = 'jdbc:redshift://u:a:%@h:5439/d'",
           "select E'\\'password=\\'%\\' x=y\\''",
           "do $a$ execute $b$ execute $c$ create user u password '%' $c$ $b$ $a$",
           "do $a$ create user u password '% $a$; select 1",
           "password\n=\n'%\n%'",
       }) {
    CheckHidden(With(form));
  }
}

TEST_CASE("what is no secret stays as it is") {
  for (const std::string text : {
           "select 1",
           "",
           "'",
           "PASSWORD",
           "PASSWORD =",
           "PASSWORD = ;",
           "PASSWORD = ''",
           "CREATE REDSHIFT CONNECTION c PASSWORD = ENV 'PGPASS'",
           "CREATE REDSHIFT CONNECTION c PASSWORD = FILE '/run/secret' COMMENT = 'x'",
           "CREATE REDSHIFT CONNECTION c PASSWORD = COMMAND 'pass show x'",
           "CREATE REDSHIFT CONNECTION c PASSWORD = SECRET s",
           "CREATE REDSHIFT CONNECTION c PASSWORD = PROMPT",
           "CREATE REDSHIFT CONNECTION c CONNECTION_STRING='jdbc:redshift://h:5439/d' USER_NAME='u' PASSWORD=ENV 'V'",
           "CREATE REDSHIFT CONNECTION c PASSWORD = COMMENT = 'x'",
           "CREATE REDSHIFT CONNECTION password CONNECTION_STRING = 'jdbc:redshift://h/d?ssl=false&user=u'",
           "ALTER REDSHIFT CONNECTION c UNSET PASSWORD, COMMENT",
           "ALTER REDSHIFT CONNECTION password SET COMMENT = 'x'",
           "ALTER USER u PASSWORD NULL",
           "ALTER USER u PASSWORD DISABLE;",
           "ALTER USER u SET search_path = a",
           "SELECT password, token FROM users WHERE password = $1 AND a.password = b.password",
           "SELECT password FROM users WHERE password IS NULL",
           "CREATE TABLE users (name text, password text)",
           "GRANT USAGE ON CONNECTION password TO x",
           "SET password_encryption = 'scram-sha-256'",
           "COPY t FROM 's3://b' IAM_ROLE 'arn:aws:iam::1:role/x'",
           "UNLOAD ('select ''a'' from t') TO 's3://b' IAM_ROLE default",
           "select 'https://h:80/a?b=c', 'a@b'",
           "select 'the password is lost'",
           "select 'password', 'a' || 'the password ' || b, 'PASSWORD' from t where a = 'credentials' and b = 'c'",
           "select 'create user u password ' || quote_literal(x)",
           "comment on column t.a is 'holds the password', 'x'",
           "PASSWORD = '********'",
           "CREATE SECRET s AS ENV 'X'",
           "CREATE SECRET env AS FILE '/run/secret';",
           "ALTER SECRET s AS COMMAND $$pass show x$$",
           "EXPLAIN CREATE SECRET s AS PROMPT",
           "CREATE SECRET s AS SECRET other",
           "ALTER SECRET \"My own\" RENAME TO \"Yours\"",
           "EXPLAIN SELECT a FROM secret AS s WHERE a = 'x'",
           "EXPLAIN (VERBOSE) SELECT * FROM secret AS s",
           "(SELECT a FROM secret AS s)",
           "CREATE JOB j AS $$ UPDATE t SET a = b.password FROM b $$",
       }) {
    CAPTURE(text);
    const auto redacted = Redact(text);
    CHECK(redacted.text == text);
    CHECK_FALSE(redacted.held_secret);
  }
}

TEST_CASE("lines are never lost") {
  CHECK(Text("PASSWORD = 'a\nb\nc' COMMENT = 'x'") == "PASSWORD = '********\n\n' COMMENT = 'x'");
  CHECK(Text("PASSWORD = 'a\r\nb") == "PASSWORD = '********\n");
}

TEST_CASE("URLs") {
  struct Row {
    const char* url;
    const char* shown;
  };
  for (const auto& row : {
           Row{"jdbc:redshift://h:5439/d", "jdbc:redshift://h:5439/d"},
           Row{"jdbc:redshift://h/d?user=u&password=p", "jdbc:redshift://h/d?user=u&password=********"},
           Row{"jdbc:redshift://h/d?password=a%26b'c&ssl=true", "jdbc:redshift://h/d?password=********&ssl=true"},
           Row{"jdbc:redshift://h/d;PWD=p;UID=u", "jdbc:redshift://h/d;PWD=********;UID=u"},
           Row{"jdbc:redshift://h/d?password=a;b;c=d", "jdbc:redshift://h/d?password=********;c=d"},
           Row{"jdbc:redshift://h/d?sslpassword=p&Token=t", "jdbc:redshift://h/d?sslpassword=********&Token=********"},
           Row{"jdbc:redshift:iam://h/d?AccessKeyID=a&SecretAccessKey=b&SessionToken=c&Region=d",
               "jdbc:redshift:iam://h/d?AccessKeyID=********&SecretAccessKey=********&SessionToken=********&Region=d"},
           Row{"jdbc:redshift://u:p@h/d", "jdbc:redshift://u:********@h/d"},
           Row{"jdbc:redshift://h/d?token_type=ACCESS&user=u", "jdbc:redshift://h/d?token_type=ACCESS&user=u"},
           Row{"jdbc:redshift://h/d?password=secret", "jdbc:redshift://h/d?password=********"},
           Row{"jdbc:redshift://h/d?password=", "jdbc:redshift://h/d?password="},
       }) {
    CAPTURE(row.url);
    CHECK(RedactUrl(row.url) == row.shown);
  }
}

TEST_CASE("no damage before or after a secret lets it through") {
  // The secret word, its value and what is between them are left alone: they are what the mask goes by. The seed is
  // fixed.
  struct Form {
    std::string before, secret, after;
  };
  const std::vector<Form> forms = {
      {"CREATE REDSHIFT CONNECTION \"c\" CONNECTION_STRING = 'jdbc:redshift://h/d' USER_NAME = 'u' ", "PASSWORD = '%'",
       " COMMENT = 'it''s'"},
      {"ALTER REDSHIFT CONNECTION c SET COMMENT = 'x' SET ", "PASSWORD='%'", " SET USER_NAME = \"u\""},
      {"CREATE USER u WITH ", "PASSWORD '%'", " VALID UNTIL 'infinity'"},
      {"COPY t FROM 's3://b' ", "CREDENTIALS '%'", " DELIMITER ','"},
      {"EXECUTE ON CONNECTION c AS $$ ALTER USER u ", "PASSWORD '%'", " $$"},
      {"DO $a$ BEGIN EXECUTE 'ALTER USER u ", "PASSWORD ''%''", "'; END $a$"},
      {"SELECT 'a', $x$ b $x$, \"c\" /* d */ FROM t; ALTER USER u ", "PASSWORD E'%'", "; -- e"},
      {"CREATE REDSHIFT CONNECTION c CONNECTION_STRING = 'jdbc:redshift://h/d?", "password=%",
       "&ssl=true' USER_NAME = 'u'"},
  };
  const std::string noise = "'\"$\\;()-/*= \nE,";
  std::mt19937 random(5439);
  const auto damage = [&](std::string text) {
    for (auto edits = random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const char byte = noise[random() % noise.size()];
      if (const auto way = random() % 3; way == 0) {
        text.erase(at, text.size() > 1 ? 1 : 0);
      } else {
        text.insert(at, way, byte);
      }
    }
    return text;
  };
  for (int round = 0; round < 20'000; ++round) {
    const auto& form = forms[random() % forms.size()];
    CheckHidden(With(damage(form.before) + " " + form.secret + damage(form.after)));
  }
}

TEST_CASE("redaction is quick on long and hostile texts") {
  std::string rows = "INSERT INTO t VALUES ";
  while (rows.size() < 4u << 20) rows += "(1, 'it''s', 'password'), ";
  CHECK_FALSE(Redact(rows).held_secret);
  for (const std::string piece : {"password=$a$", "PASSWORD = '", "://", "/*", "$a", "password /* ", "'password=''"}) {
    CAPTURE(piece);
    std::string text;
    while (text.size() < 1u << 20) text += piece;
    CHECK_FALSE(Redact(text).text.empty());
  }
}

}  // namespace berth::parser
