#include <string>
#include <vector>

#include "unit/engine/engine_fixture.h"

// What the clients of a service may say to the catalog, and what they see of it.
namespace berth::test {
namespace {

struct World : EngineFixture {
  World() {
    const auto owner = Talk();
    for (const auto* text :
         {"CREATE REDSHIFT CONNECTION seen CONNECTION_STRING = 'jdbc:redshift://h.example:5439/dev' USER_NAME = 'u' "
          "PASSWORD = 'p' COMMENT = 'one'",
          "CREATE REDSHIFT CONNECTION hidden CONNECTION_STRING = 'jdbc:redshift://h.example:5439/dev' USER_NAME = 'u' "
          "PASSWORD = 'p'",
          "CREATE CONNECTION GROUP both MAX_CONCURRENT_CONNECTIONS = 20",
          "ALTER REDSHIFT CONNECTION seen SET GROUP = both", "ALTER REDSHIFT CONNECTION hidden SET GROUP = both",
          "ATTACH JOB 'air:a' USING CONNECTION seen", "ATTACH JOB 'air:b' USING CONNECTION seen, hidden",
          "CREATE SERVICE USER ann", "CREATE SERVICE USER boss ADMIN = TRUE",
          "GRANT USAGE ON CONNECTION seen TO SERVICE USER ann", "GRANT USAGE ON CONNECTION hidden TO SERVICE USER boss",
          "CREATE ACCESS KEY FOR ann", "CREATE ACCESS KEY FOR boss"}) {
      CAPTURE(text);
      const auto said = owner->Execute(text, {}, Deadline::Never());
      REQUIRE_MESSAGE(said.ok(), said.error().message);
    }
    notices.clear();
  }
  std::unique_ptr<engine::ConversationImpl> As(const std::string& user, bool known = true) {
    auto conversation = Talk();
    conversation->Serve({.name = user, .known = known});
    return conversation;
  }
  // The first column, or the error.
  std::string First(Conversation& conversation, std::string_view text) {
    auto outcome = conversation.Execute(text, {}, Deadline::Never());
    if (!outcome.ok()) return std::string(outcome.error().Sqlstate()) + " " + outcome.error().message;
    std::string first;
    while (true) {
      const auto row = outcome.value()->Next();
      REQUIRE(row.ok());
      if (!row.value()) return first;
      first += (first.empty() ? "" : " ") + std::string((*row.value())[0].value_or("NULL"));
    }
  }
};

TEST_CASE("A service user sees what he was granted and himself, in every listing") {
  World world;
  const auto ann = world.As("ann");
  CHECK(world.First(*ann, "SHOW CONNECTIONS") == "seen");
  CHECK(world.First(*ann, "SELECT name FROM system.information_schema.connections") == "seen");
  CHECK(world.First(*ann, "SHOW CREATE CONNECTION hidden") == "42704 connection hidden does not exist");
  CHECK(world.First(*ann, "SHOW CREATE CONNECTION seen") == "seen");
  CHECK(world.First(*ann, "SHOW DEPENDENTS OF CONNECTION hidden") == "42704 connection hidden does not exist");
  CHECK(world.First(*ann, "SELECT count(*) FROM system.information_schema.connection_usages") == "1");
  CHECK(world.First(*ann, "SHOW JOBS") == "air:a");
  CHECK(world.First(*ann, "SELECT connections FROM system.information_schema.connection_groups") == "1");
  CHECK(world.First(*ann, "SHOW CONNECTION GROUPS") == "both");
  CHECK(world.First(*ann, "SHOW SERVICE USERS") == "ann");
  CHECK(world.First(*ann, "SHOW GRANTS") == "seen");
  CHECK(world.First(*ann, "SHOW GRANTS TO SERVICE USER boss") == "42704 service user boss does not exist");
  CHECK(world.First(*ann, "SELECT service_user FROM system.information_schema.access_keys") == "ann");
  CHECK(world.First(*ann, "SHOW POOLS").empty());
  CHECK(world.First(*ann, "SHOW SLOTS OF CONNECTION hidden") == "42704 connection hidden does not exist");

  const auto boss = world.As("boss");
  CHECK(world.First(*boss, "SHOW CONNECTIONS") == "hidden seen");
  CHECK(world.First(*boss, "SHOW SERVICE USERS") == "ann boss");
  const auto anybody = world.As("local", false);
  CHECK(world.First(*anybody, "SHOW CONNECTIONS") == "hidden seen");
}

TEST_CASE("Changes need ADMIN, by what the catalog says at that moment") {
  World world;
  const auto ann = world.As("ann");
  const auto boss = world.As("boss");
  const auto anybody = world.As("local", false);
  for (const auto* text :
       {"ALTER REDSHIFT CONNECTION seen SET COMMENT = 'x'", "DROP CONNECTION seen", "PAUSE CONNECTION hidden",
        "CREATE SERVICE USER mine ADMIN = TRUE", "ALTER SERVICE USER ann SET ADMIN = TRUE",
        "GRANT USAGE ON CONNECTION hidden TO SERVICE USER ann",
        "CREATE CONNECTION GROUP g MAX_CONCURRENT_CONNECTIONS = 1", "DROP JOB \"air:a\""}) {
    CAPTURE(text);
    CHECK(World::Say(*ann, text) == "42501 ann may not change the catalog");
    CHECK(World::Say(*anybody, text) == "42501 local may not change the catalog");
  }
  CHECK(World::Say(*boss, "ALTER REDSHIFT CONNECTION seen SET COMMENT = 'x'") == "ALTER CONNECTION");
  CHECK(World::Say(*boss, "CREATE SERVICE USER made") == "CREATE SERVICE USER");
  CHECK(World::Say(*world.Talk(), "ALTER SERVICE USER boss SET ADMIN = FALSE") == "ALTER SERVICE USER");
  CHECK(World::Say(*boss, "CREATE SERVICE USER more") == "42501 boss may not change the catalog");
  CHECK(world.First(*boss, "SHOW CONNECTIONS") == "hidden");
  CHECK(World::Say(*world.Talk(), "DROP SERVICE USER boss") == "DROP SERVICE USER");
  CHECK(world.First(*boss, "SHOW CONNECTIONS") == "42501 service user boss does not exist any more");
}

TEST_CASE("What opens a session, reads something here or shows a secret is for nobody") {
  World world;
  const auto boss = world.As("boss");
  for (const auto* text :
       {"USE CONNECTION seen", "TEST CONNECTION seen", "EXECUTE ON CONNECTION seen AS $$ SELECT 1 $$",
        "CREATE TABLE seen.public.t (a int)", "DROP TABLE seen.public.t", "ATTACH TABLE seen.public.t",
        "SHOW SESSIONS OF CONNECTION seen", "SHOW DEPENDENTS OF CONNECTION seen VERIFY",
        "ALTER REDSHIFT CONNECTION seen SET COMMENT = 'x' WITH (VALIDATE = TRUE)",
        "EXPLAIN CREATE TABLE seen.public.t (a int)", "EXPLAIN ALTER REDSHIFT CONNECTION seen ROTATE PASSWORD"}) {
    CAPTURE(text);
    CHECK(World::Say(*boss, text).find("42501 ") == 0);
    CHECK(World::Say(*boss, text).find("through the service") != std::string::npos);
  }
  CHECK(World::Say(*boss, "CREATE ACCESS KEY FOR ann").find("stay in its stored result") != std::string::npos);
  CHECK(World::Say(*boss, "SELECT 1") == "22023 this is no statement of Berth's own, and the catalog answers no other");
  for (const std::string source : {"ENV 'HOME'", "FILE '/etc/hostname'", "COMMAND '/bin/true'", "PROMPT"}) {
    CAPTURE(source);
    CHECK(World::Say(*boss, "ALTER REDSHIFT CONNECTION seen SET PASSWORD = " + source)
              .find("42501 through the service a password is given as a string") == 0);
    CHECK(World::Say(*boss,
                     "CREATE REDSHIFT CONNECTION n CONNECTION_STRING = 'jdbc:redshift://h:5439/dev' USER_NAME = "
                     "'u' PASSWORD = " +
                         source)
              .find("42501 through the service a password is given as a string") == 0);
  }
  CHECK(world.server.events().empty());  // no session was opened for any of it
}

TEST_CASE("EXPLAIN of what an administrator may change is his; nobody else is told") {
  World world;
  const auto boss = world.As("boss");
  const auto ann = world.As("ann");
  CHECK(world.First(*boss, "EXPLAIN DROP CONNECTION hidden CASCADE") == "drop drop notice notice");
  CHECK(world.First(*boss, "SHOW CONNECTIONS") == "hidden seen");
  CHECK(World::Say(*ann, "EXPLAIN DROP CONNECTION seen CASCADE") == "42501 ann may not change the catalog");
  CHECK(World::Say(*boss, "EXPLAIN CREATE ACCESS KEY FOR ann").find("42501 ") == 0);
}

TEST_CASE("Whoever reads sessions or columns makes nobody log in to a connection that he may not use") {
  World world;
  const auto owner = world.Talk();
  CHECK(World::Say(*owner, "USE CONNECTION hidden") == "USE");
  CHECK(World::Say(*owner, "SELECT 1") == "SELECT 1");
  CHECK(World::Say(*owner, "ATTACH TABLE hidden.public.t").find("42P01") == 0);  // the fake has no table
  const auto ann = world.As("ann");
  const auto before = world.server.events().size();
  CHECK(world.First(*ann, "SELECT count(*) FROM system.information_schema.sessions") == "0");
  CHECK(world.First(*ann, "SELECT count(*) FROM system.information_schema.columns") == "0");
  CHECK(world.server.events().size() == before);
  CHECK(World::Say(*world.As("boss"), "SELECT count(*) FROM system.information_schema.sessions") == "SELECT 1");
  CHECK(world.server.events().size() > before);  // he may use it, and it was asked
  CHECK(World::Say(*world.Talk(), "DROP SERVICE USER ann") == "DROP SERVICE USER");
  CHECK(World::Say(*ann, "SELECT * FROM system.information_schema.sessions") ==
        "42501 service user ann does not exist any more");
}

TEST_CASE("A stored password goes nowhere else through the service, unless it is given again") {
  World world;
  const auto boss = world.As("boss");
  const auto alter = [&](const std::string& url, const std::string& more = "") {
    return World::Say(*boss,
                      "ALTER REDSHIFT CONNECTION seen SET CONNECTION_STRING = 'jdbc:redshift://" + url + "'" + more);
  };
  const auto record = world.store->Begin(catalog::Access::kWrite, Deadline::Never());
  REQUIRE(record.ok());
  const auto seen = record.value()->FindConnection("seen").value();
  REQUIRE(record.value()->InsertTable({.connection_id = seen->id, .schema = "public", .name = "t"}).ok());
  REQUIRE(record.value()->Commit().ok());
  CHECK(alter("h.example:5439/other") == "ALTER CONNECTION");
  REQUIRE_FALSE(world.notices.empty());  // nothing logged in to look for its table there
  CHECK(world.notices.back().detail == "through the service nothing logs in for that");
  CHECK(world.server.events().empty());
  CHECK(alter("evil.example:5439/dev") == "42501 through the service a changed host or port wants the password again");
  CHECK(alter("h.example:1/dev") == "42501 through the service a changed host or port wants the password again");
  CHECK(alter("h.example:5439/dev?sslmode=require") ==
        "42501 through the service a changed sslmode or sslrootcert wants the password again");
  CHECK(alter("h.example:5439/dev?ssl=false") ==
        "42501 through the service a changed sslmode or sslrootcert wants the password again");
  CHECK(alter("h.example:5439/dev?sslrootcert=/tmp/mine.pem") ==
        "42501 through the service a changed sslmode or sslrootcert wants the password again");
  CHECK(alter("evil.example:5439/dev", " SET PASSWORD = 'again'") == "ALTER CONNECTION");
  // Where the catalog is, its owner may.
  CHECK(World::Say(*world.Talk(),
                   "ALTER REDSHIFT CONNECTION hidden SET CONNECTION_STRING = 'jdbc:redshift://x:5439/d'") ==
        "ALTER CONNECTION");
}

TEST_CASE("Several statements of an administrator are one transaction; who only reads holds up nobody") {
  World world;
  const auto boss = world.As("boss");
  CHECK(World::Say(*boss, "BEGIN") == "BEGIN");
  CHECK(World::Say(*boss, "CREATE SERVICE USER one") == "CREATE SERVICE USER");
  CHECK(world.First(*boss, "SHOW SERVICE USERS LIKE 'on%'") == "one");
  CHECK(World::Say(*boss, "ROLLBACK") == "ROLLBACK");
  CHECK(world.First(*boss, "SHOW SERVICE USERS LIKE 'on%'").empty());
  const auto ann = world.As("ann");
  CHECK(World::Say(*ann, "BEGIN") == "BEGIN");
  CHECK(world.First(*ann, "SHOW CONNECTIONS") == "seen");
  CHECK(World::Say(*boss, "CREATE SERVICE USER two") == "CREATE SERVICE USER");  // the write lock is free
  CHECK(World::Say(*ann, "COMMIT") == "COMMIT");
}

}  // namespace
}  // namespace berth::test
