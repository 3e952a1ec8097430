#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"

namespace berth::parser {

struct Redacted {
  std::string text;
  std::vector<SourceSpan> masked;  // of the text that was given, in order
  bool held_secret = false;        // something was masked: the statement is not to be kept in history
};

// Masks secrets with '********' before text is stored, echoed or logged. It looks for words that announce a secret and
// at what follows them, so it works as well on text that does not parse, in comments, strings, dollar-quoted bodies and
// quoted queries, and in both readings of a backslash; it rather masks too much (an unterminated literal to the end).
// Masked:
// - PASSWORD [=] literals; in a statement that defines a login also bare words;
// - CREDENTIALS, ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, MASTER_SYMMETRIC_KEY of COPY and UNLOAD;
// - a string after any of these words misspelt by one edit, and after = where a name holds PASSWORD or PWD;
// - password= pwd= token= .. in URLs and conninfo strings, user:password@ in URLs;
// - the strings of CREATE and ALTER SECRET, and what is written behind AS, SET or = there, quoted or not.
// Not masked: PASSWORD NULL, DISABLE, ENV 'V', FILE 'path', COMMAND 'program', SECRET s, PROMPT. Lines are never lost.
Redacted Redact(std::string_view text);
// Only what a URL holds: jdbc:redshift://h/d?user=u&password=******** (also PWD, sslpassword, SecretAccessKey,
// SessionToken, token ..).
std::string RedactUrl(std::string_view url);

inline constexpr std::string_view kMask = "********";

}  // namespace berth::parser
