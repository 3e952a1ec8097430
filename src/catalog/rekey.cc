#include "catalog/rekey.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/log.h"
#include "base/try.h"
#include "catalog/key_file.h"
#include "catalog/seal.h"
#include "catalog/sealed_texts.h"

namespace berth::catalog {
namespace {

struct OpenedText {
  SealedText text;
  Secret value;
};

Error DoesNotOpen(const SealedText& text) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("The {} does not open: the key was not changed", text.Shown()),
          .hint = "berth check says what is wrong with it."};
}

Result<std::vector<OpenedText>> OpenAll(sqlite::Database& database, const std::vector<Secret>& keys) {
  BERTH_ASSIGN(auto texts, ListSealedTexts(database));
  std::vector<OpenedText> opened;
  opened.reserve(texts.size());
  for (auto& text : texts) {
    const Secret* const key = FindKey(keys, FingerprintIn(text.sealed));
    auto value = key == nullptr ? std::nullopt : OpenSealed(*key, text.bound_to(), text.sealed);
    if (!value) return DoesNotOpen(text);
    opened.push_back({.text = std::move(text), .value = *std::move(value)});
  }
  return opened;
}

Status SealAll(sqlite::Database& database, const Secret& key, const std::vector<OpenedText>& opened) {
  for (const auto& one : opened) {
    BERTH_ASSIGN(const auto sealed, SealSecret(key, one.text.bound_to(), one.value));
    BERTH_TRY(StoreSealedText(database, one.text, sealed));
  }
  return {};
}

Result<RekeyReport> ChangeKeyIn(sqlite::Database& database, const CatalogContext& context) {
  BERTH_TRY(database.BeginWrite());  // nothing is sealed by others from here on
  BERTH_ASSIGN(auto keys, ReadKeys(context.key_file));
  if (keys.empty()) {
    return Error{.code = ErrorCode::kFailedPrecondition,
                 .message = fmt::format("There is no key file {} whose key could be changed", context.key_file),
                 .hint = "It is made with the first literal password; BERTH_KEY_FILE names one elsewhere."};
  }
  BERTH_ASSIGN(const auto secrets, OpenAll(database, keys));
  const auto newest = base::KeyFingerprint(keys.front().Reveal());
  RekeyReport report{.passwords = static_cast<std::int64_t>(secrets.size())};
  report.resumed = keys.size() > 1 && std::any_of(secrets.begin(), secrets.end(), [&](const OpenedText& one) {
                     return FingerprintIn(one.text.sealed) != newest;
                   });
  if (!report.resumed) {
    keys.insert(keys.begin(), base::RandomKey());
    if (keys.size() > kKeysMax) keys.resize(kKeysMax);
    BERTH_TRY(ReplaceKeys(context.key_file, keys));
  }
  BERTH_TRY(SealAll(database, keys.front(), secrets));
  BERTH_TRY(database.Commit());
  report.key = base::KeyFingerprint(keys.front().Reveal());
  log::Info("the catalog's key is {} now ({})", report.key, context.key_file);
  return report;
}

}  // namespace

Result<RekeyReport> ChangeKey(const CatalogContext& context, Deadline deadline) {
  BERTH_ASSIGN(auto database, context.handles->Open(deadline));
  auto report = ChangeKeyIn(*database, context);
  if (!report.ok() && database->InTransaction()) database->Rollback();
  return report;
}

}  // namespace berth::catalog
