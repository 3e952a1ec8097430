#pragma once

#include <string>
#include <string_view>

namespace berth::parser {

struct Redacted {
  std::string text;
  bool held_secret = false;  // something was masked: the statement is not to be kept in history
};

// Masks secrets with '********' before text is stored, echoed or logged; works on tokens, so also on text that does not
// parse (an unterminated PASSWORD literal is masked to the end). Masked: PASSWORD [=] literals (also the misspelt, within a edit
// of one, when followed by = and a string), password= pwd= in URLs and conninfo strings, and in passed SQL
// CREATE/ALTER USER|ROLE .. PASSWORD, COPY/UNLOAD CREDENTIALS, ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, MASTER_SYMMETRIC_KEY;
// dollar-quoted bodies and quoted queries are looked into. Never shortens the number of lines.
Redacted Redact(std::string_view text);
// Only what a URL holds: jdbc:redshift://h/d?user=u&password=******** (also PWD, sslpassword, SecretAccessKey, SessionToken, token ..).
std::string RedactUrl(std::string_view url);

inline constexpr std::string_view kMask = "********";

}  // namespace berth::parser
