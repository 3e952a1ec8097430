#pragma once

#include <string>

#include "berth/error.h"
#include "berth/password_kind.h"
#include "berth/secret.h"
#include "parser/ast.h"

namespace berth::bind {

using berth::PasswordKind;

// Where a password comes from, as a statement says it.
struct PasswordSource {
  PasswordKind kind = PasswordKind::kLiteral;
  std::string reference;      // kEnv: the variable; kFile: the absolute path; kCommand: the command line
  Secret literal;             // kLiteral
  parser::Identifier secret;  // kSecret
};

// PASSWORD = .., CREATE SECRET s AS ..: the option's name begins the sentences of errors. No error repeats the value,
// whatever its form: a password without its quotes is a password still. Errors: the wrong form, empty, the mask of
// listings, too long.
Result<PasswordSource> PasswordSourceOf(const parser::Option& option);

}  // namespace berth::bind
