#include "parser/complete.h"

#include <exception>

#include "base/mutex.h"
#include "parser/antlr_expected.h"
#include "parser/antlr_lock.h"
#include "parser/words.h"

namespace berth::parser {

NextWords WhatMayFollow(std::string_view text) {
  NextWords next;
  if (text.size() > kCompletedBytesMax) return next;
  try {
    const auto words = CutWords(text);
    if (!words.ok()) return next;
    const base::MutexLock lock(AntlrMutex());
    const Expected expected = ExpectedAt(words.value(), words.value().size() - 1);
    for (const auto keyword : expected.keywords) next.keywords.emplace_back(keyword);
    next.option = expected.option;
    for (const auto& term : expected.terms) {
      next.connection = next.connection || term == "a connection name";
      next.schema = next.schema || term == "a schema name";
      next.table = next.table || term == "a table name";
      next.job = next.job || term.starts_with("a job name");
      next.secret = next.secret || term == "the name of a secret";
      next.setting = next.setting || term == "the name of a setting";
    }
  } catch (const std::exception&) {
    return {};  // nothing is offered
  }
  return next;
}

}  // namespace berth::parser
