#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "base/crypto.h"
#include "catalog/key_file.h"
#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/child.h"
#include "unit/catalog/raw_sql.h"

namespace berth::catalog {
namespace {

std::string FileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

unsigned ModeOf(const std::string& path) {
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777U;
}

std::string Password(const Catalog& catalog, const std::string& name) {
  auto transaction = catalog.Read();
  const auto connection = Must(transaction->FindConnection(name));
  return std::string(Must(transaction->OpenPassword(connection.value())).Reveal());
}

Error Refusal(const Catalog& catalog, const std::string& name) {
  auto transaction = catalog.Read();
  const auto connection = Must(transaction->FindConnection(name));
  return ErrorFrom(transaction->OpenPassword(connection.value()));
}

TEST_CASE("passwords open again, whatever bytes they have") {
  const Catalog catalog;
  catalog.Add("c1", "p'w \xC3\xA9");
  catalog.Add("c2", "");
  catalog.Add("c3", std::string("a\0b", 3) + std::string(100'000, 'x'));
  CHECK(Password(catalog, "c1") == "p'w \xC3\xA9");
  CHECK(Password(catalog, "c2").empty());
  CHECK(Password(catalog, "c3").size() == 100'003);
}

TEST_CASE("the key file is made with the first literal password, for its owner alone") {
  const Catalog catalog;
  const std::string key_file = catalog.path + ".key";
  auto transaction = catalog.Write();
  auto env = NewConnection("by_env");
  env.password_kind = PasswordKind::kEnv;
  env.password_reference = "V";
  Must(transaction->InsertConnection(env, Secret()));
  CHECK_FALSE(std::filesystem::exists(key_file));
  Must(transaction->InsertConnection(NewConnection("literal"), Secret("pw")));
  CHECK(ModeOf(key_file) == 0600);
  CHECK(FileText(key_file).starts_with("berth catalog key 1\n"));
  Must(transaction->Commit());
  // No draft of it is left.
  for (const auto& entry : std::filesystem::directory_iterator(catalog.folder.path())) {
    CHECK_MESSAGE(!Has(entry.path().filename().string(), ".key."), entry.path());
  }
}

TEST_CASE("the key file may be elsewhere") {
  test::TempDir folder;
  auto options = OptionsFor(folder / "catalog.db");
  options.key_file = folder / "elsewhere.key";
  const auto store = Must(Store::Open(options));
  auto transaction = Must(store->Begin(Access::kWrite, Soon()));
  Must(transaction->InsertConnection(NewConnection("c"), Secret("pw")));
  Must(transaction->Commit());
  CHECK(std::filesystem::exists(options.key_file));
  CHECK_FALSE(std::filesystem::exists(folder / "catalog.db.key"));
}

TEST_CASE("neither password nor key is in the catalog's files in clear") {
  const Catalog catalog;
  const std::string marker = "MARKER-of-a-password-7391";
  catalog.Add("c1", marker);
  {
    auto transaction = catalog.Write();
    auto connection = Must(transaction->FindConnection("c1")).value();
    connection.user_name = "someone_else";  // is opened and sealed again
    Must(transaction->UpdateConnection(connection, nullptr, true));
    Must(transaction->Commit());
  }
  auto key = Must(ReadKey(catalog.path + ".key")).value();
  const std::string key_text = base::EncodeBase64(key.Reveal());
  // In a child: to open and close the file here would drop the locks of the store that has it open.
  Child scan([&] {
    bool user_seen = false;
    for (const auto* suffix : {"", "-wal", "-shm"}) {
      const auto text = FileText(catalog.path + suffix);
      if (text.empty()) return Complain(std::string("no bytes in the file ") + suffix);
      if (Has(text, marker)) return Complain(std::string("the password is in the file ") + suffix);
      if (Has(text, key.Reveal()) || Has(text, key_text)) return Complain("the key is in the file");
      user_seen = user_seen || Has(text, "someone_else");
    }
    return user_seen ? 0 : Complain("the row is not in the files: this test looks at the wrong ones");
  });
  CHECK(scan.Wait() == 0);
}

TEST_CASE("a row that was edited does not open") {
  const Catalog catalog;
  catalog.Add("c1", "secret-1");
  catalog.Add("c2", "secret-2");
  const auto edited = [&](const std::string& sql) {
    RawSql(catalog.path, sql);
    const auto error = Refusal(catalog, "c1");
    CHECK(error.code == ErrorCode::kCatalogCorrupt);
    CHECK(Has(error.message, "c1"));
    CHECK(Has(error.message, catalog.path));
    CHECK_FALSE(Has(error.message + error.detail + error.hint, "secret"));
  };
  SUBCASE("another host") {
    edited("UPDATE connections SET host = 'evil.example' WHERE name = 'c1'");
  }
  SUBCASE("another URL") {
    edited("UPDATE connections SET connection_string = 'jdbc:redshift://evil.example:5439/dev' WHERE name = 'c1'");
  }
  SUBCASE("another user") {
    edited("UPDATE connections SET user_name = 'root' WHERE name = 'c1'");
  }
  SUBCASE("the sealed text of another row") {
    edited(
        "UPDATE connections SET password_sealed = (SELECT password_sealed FROM connections WHERE name = 'c2')"
        " WHERE name = 'c1'");
  }
  SUBCASE("two rows change their names") {
    edited(
        "UPDATE connections SET name = 'x' WHERE id = 1; UPDATE connections SET name = 'c1', host = 'evil.example'"
        " WHERE id = 2; UPDATE connections SET name = 'c2' WHERE id = 1;");
  }
  SUBCASE("a flipped bit at the end") {
    edited(
        "UPDATE connections SET password_sealed = CAST(substr(password_sealed, 1, length(password_sealed) - 1) ||"
        " CASE substr(password_sealed, -1) WHEN X'00' THEN X'01' ELSE X'00' END AS BLOB) WHERE name = 'c1'");
  }
  SUBCASE("cut short") {
    edited("UPDATE connections SET password_sealed = substr(password_sealed, 1, 20) WHERE id = 1");
  }
  SUBCASE("no sealed text at all") {
    edited("UPDATE connections SET password_sealed = X'' WHERE id = 1");
  }
  // An edit cannot be made good by an ALTER of something else, which would seal the password for the new host.
  {
    auto transaction = catalog.Write();
    auto connection = Must(transaction->FindConnection("c1")).value();
    connection.user_name = "another";
    CHECK(ErrorFrom(transaction->UpdateConnection(connection, nullptr, true)).code == ErrorCode::kCatalogCorrupt);
  }
  CHECK(Has(Password(catalog, "c2"), "secret-"));  // the other row is as good as before
}

TEST_CASE("the password of today does not go to the host of yesterday") {
  const Catalog catalog;
  const auto before = catalog.Add("c1");
  auto transaction = catalog.Write();
  auto after = before;
  after.host = "new.example";
  Must(transaction->UpdateConnection(after, nullptr, true));
  const auto error = ErrorFrom(transaction->OpenPassword(before));
  CHECK(error.code == ErrorCode::kFailedPrecondition);
  CHECK(Has(error.message, "changed meanwhile"));
}

TEST_CASE("a missing key is named by its fingerprint, and no second key is made") {
  const Catalog catalog;
  catalog.Add("c1");
  const std::string key_file = catalog.path + ".key";
  const auto fingerprint = base::KeyFingerprint(Must(ReadKey(key_file)).value().Reveal());
  std::filesystem::rename(key_file, key_file + ".away");
  const auto error = Refusal(catalog, "c1");
  CHECK(error.code == ErrorCode::kFailedPrecondition);
  CHECK(Has(error.message, fingerprint));
  CHECK(Has(error.message, key_file));
  CHECK(Has(error.hint, "BERTH_KEY_FILE"));
  {
    auto transaction = catalog.Write();
    const auto refused = ErrorFrom(transaction->InsertConnection(NewConnection("c2"), Secret("pw")));
    CHECK(refused.code == ErrorCode::kFailedPrecondition);
    CHECK(Has(refused.message, fingerprint));
    CHECK_FALSE(std::filesystem::exists(key_file));
    // The way out where the key is lost: the last row that needs it gets a new password, under a new key.
    auto connection = Must(transaction->FindConnection("c1")).value();
    const Secret fresh("fresh");
    Must(transaction->UpdateConnection(connection, &fresh, true));
    Must(transaction->Commit());
  }
  CHECK(Password(catalog, "c1") == "fresh");
}

TEST_CASE("another key is refused, and both are named") {
  const Catalog catalog;
  catalog.Add("c1");
  const std::string key_file = catalog.path + ".key";
  const auto right = base::KeyFingerprint(Must(ReadKey(key_file)).value().Reveal());
  std::filesystem::rename(key_file, key_file + ".away");
  const auto wrong = base::KeyFingerprint(Must(MakeKey(key_file)).Reveal());
  REQUIRE(right != wrong);
  const auto error = Refusal(catalog, "c1");
  CHECK(error.code == ErrorCode::kFailedPrecondition);
  CHECK(Has(error.message, right));
  CHECK(Has(error.message, wrong));
  const auto refused = ErrorFrom(catalog.Write()->InsertConnection(NewConnection("c2"), Secret("pw")));
  CHECK(Has(refused.message, right));
  CHECK(Has(refused.message, wrong));
  std::filesystem::rename(key_file + ".away", key_file);
  CHECK(Password(catalog, "c1") == "pw");  // at once, without a restart
}

TEST_CASE("a key file that everybody may read, or that is none, is refused") {
  const Catalog catalog;
  catalog.Add("c1");
  const std::string key_file = catalog.path + ".key";
  SUBCASE("mode") {
    REQUIRE(::chmod(key_file.c_str(), 0644) == 0);
    const auto error = Refusal(catalog, "c1");
    CHECK(error.code == ErrorCode::kFailedPrecondition);
    CHECK(Has(error.message, "0644"));
    CHECK(Has(error.hint, "chmod 0600"));
    REQUIRE(::chmod(key_file.c_str(), 0640) == 0);
    CHECK(Password(catalog, "c1") == "pw");
  }
  SUBCASE("content") {
    for (const std::string text :
         {"", "berth catalog key 1\n", "berth catalog key 1\nAAAA\n", "berth catalog key 1\n!!\n", "hello\n"}) {
      std::ofstream(key_file, std::ios::trunc) << text;
      CHECK(Has(Refusal(catalog, "c1").message, "is not a key file"));
    }
  }
  SUBCASE("a folder") {
    std::filesystem::remove(key_file);
    std::filesystem::create_directory(key_file);
    CHECK_FALSE(Refusal(catalog, "c1").message.empty());
  }
}

TEST_CASE("many that make the key at once have one key") {
  test::TempDir folder;
  const std::string key_file = folder / "k";
  constexpr std::size_t kThreads = 8;
  std::vector<std::string> fingerprints(kThreads);
  {
    std::vector<std::jthread> threads;
    for (auto& fingerprint : fingerprints) {
      threads.emplace_back([&] {
        auto key = MakeKey(key_file);
        if (key.ok()) fingerprint = base::KeyFingerprint(key.value().Reveal());
      });
    }
  }
  CHECK(fingerprints.front().size() == 8);
  CHECK(std::ranges::all_of(fingerprints, [&](const auto& other) { return other == fingerprints.front(); }));
}

}  // namespace
}  // namespace berth::catalog
