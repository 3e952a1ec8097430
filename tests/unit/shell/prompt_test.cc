#include "shell/prompt.h"

#include <doctest/doctest.h>

using berth::TransactionState;
using berth::parser::OpenQuote;
using berth::shell::Prompt;

TEST_CASE("The prompt shows the connection, the transaction and what is open") {
  CHECK(Prompt({}, OpenQuote::kNone) == "berth> ");
  CHECK(Prompt({}, OpenQuote::kStatement) == "berth-> ");
  CHECK(Prompt({.connection = "etl"}, OpenQuote::kNone) == "etl=> ");
  CHECK(Prompt({.connection = "etl", .transaction = TransactionState::kWarehouse}, OpenQuote::kNone) == "etl=*> ");
  CHECK(Prompt({.connection = "etl", .transaction = TransactionState::kFailedWarehouse}, OpenQuote::kNone) ==
        "etl=!> ");
  CHECK(Prompt({.transaction = TransactionState::kCatalog}, OpenQuote::kNone) == "berth*> ");
  CHECK(Prompt({.connection = "etl"}, OpenQuote::kParenthesis) == "etl(> ");
  CHECK(Prompt({.connection = "etl"}, OpenQuote::kSingle) == "etl'> ");
  CHECK(Prompt({.connection = "etl"}, OpenQuote::kDouble) == "etl\"> ");
  CHECK(Prompt({.connection = "etl"}, OpenQuote::kDollar) == "etl$> ");
  CHECK(Prompt({.connection = "etl"}, OpenQuote::kComment) == "etl*> ");
  CHECK(Prompt({.connection = "etl"}, OpenQuote::kNone, false) == "etl@> ");
  CHECK(Prompt({.connection = "a\x1B[2Jb"}, OpenQuote::kNone) == "a\\x1B[2Jb=> ");
}
