#include "tidy/checks.h"

#include <doctest/doctest.h>

#include "tidy/code_text.h"

// Planted faults: a check that finds none of them would pass every tree.
namespace berth::tidy {
namespace {

const Layers kLayers = {{"include", {}},
                        {"base", {"include"}},
                        {"parser", {"include", "base"}},
                        {"session", {"include", "base"}},
                        {"sqlite", {"include", "base"}},
                        {"bind", {"include", "base", "parser"}},
                        {"pool", {"include", "base", "session"}},
                        {"engine", {"include", "base", "parser", "session", "bind", "pool"}},
                        {"shell", {"include", "base", "engine"}}};

Findings Source(const std::string& path, const std::string& text) {
  Findings findings;
  CheckSource({.path = path, .text = text}, kLayers, findings);
  return findings;
}

// One finding at `line` that says `what`.
void CheckOne(const Findings& findings, const std::string& place, const std::string& what) {
  CAPTURE(place);
  CAPTURE(what);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].starts_with(place + ": "));
  CHECK(findings[0].find(what) != std::string::npos);
}

std::string Repeated(const std::string& line, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += line;
  return out;
}

}  // namespace

TEST_CASE("a clean file has no findings") {
  CHECK(Source("src/bind/a.cc", "#include \"bind/a.h\"\n\n#include <string>\n\n#include \"base/try.h\"\n").empty());
  CHECK(Source("src/bind/a.h", "// Why.\n#pragma once\n\n#include \"berth/error.h\"\n").empty());
  CHECK(Source("src/parser/a.cc", "#include \"BerthParser.h\"\n").empty());
}

TEST_CASE("include edges") {
  CheckOne(Source("src/pool/a.cc", "#include \"pool/a.h\"\n#include \"engine/e.h\"\n"), "src/pool/a.cc:2",
           "pool may not include engine");
  CheckOne(Source("src/base/a.cc", "#include \"parser/ast.h\"\n"), "src/base/a.cc:1", "base may not include parser");
  CheckOne(Source("src/bind/a.cc", "#include \"a.h\"\n"), "src/bind/a.cc:1", "names its folder");
  CheckOne(Source("src/bind/a.cc", "#include \"BerthParser.h\"\n"), "src/bind/a.cc:1", "names its folder");
  CheckOne(Source("src/stray/a.cc", "int x;\n"), "src/stray/a.cc:1", "no layer");
  CHECK(Source("src/base/a.cc", "// #include \"parser/ast.h\"\n").empty());
}

TEST_CASE("words are kept home") {
  const struct {
    const char* layer;
    const char* line;
    const char* why;
    const char* home;
  } faults[] = {
      {"pool", "#include <libpq-fe.h>", "libpq stays", "session"},
      {"pool", "  PQfinish(c);", "libpq stays", "session"},
      {"pool", "  if (!PQisBusy(c)) return;", "libpq stays", "session"},
      {"base", "#include <openssl/ssl.h>", "OpenSSL stays", "session"},
      {"bind", "#include <sqlite3.h>", "SQLite stays", "sqlite"},
      {"bind", "  sqlite3_step(s);", "SQLite stays", "sqlite"},
      {"bind", "  antlr4::Token t;", "ANTLR stays", "parser"},
      {"bind", "#include <spdlog/spdlog.h>", "spdlog stays", "base"},
      {"bind", "#include <sodium.h>", "libsodium and nettle stay", "base"},
      {"engine", "#include <histedit.h>", "libedit stays", "shell"},
      {"engine", "  std::cout << 1;", "print", "shell"},
      {"engine", "  printf(\"\");", "print", "shell"},
      {"engine", "  fmt::print(\"\");", "print", "shell"},
      {"pool", "  auto t = std::chrono::steady_clock::now();", "Clock", "base"},
      {"pool", "  std::this_thread::sleep_for(x);", "sleeps", "base"},
      {"pool", "  ::usleep(1);", "sleeps", "base"},
      {"bind", "  s.Reveal();", "secrets", "session"},
  };
  for (const auto& fault : faults) {
    CAPTURE(fault.line);
    const auto path = [](const char* layer) { return "src/" + std::string(layer) + "/a.cc"; };
    const auto findings = Source(path(fault.layer), std::string("\n") + fault.line + "\n");
    REQUIRE(!findings.empty());
    CHECK(findings[0].starts_with(path(fault.layer) + ":2: "));
    CHECK(findings[0].find(fault.why) != std::string::npos);
    CHECK(Source(path(fault.home), std::string(fault.line) + "\n").empty());
    CHECK(Source(path(fault.layer), "// " + std::string(fault.line) + "\n").empty());
  }
  CheckOne(Source("src/base/a.cc", "using namespace std;\n"), "src/base/a.cc:1", "spelled out");
  CheckOne(Source("src/base/a.cc", "std::regex r;\n"), "src/base/a.cc:1", "no std::regex");
  CHECK(Source("src/base/a.cc", "  std::snprintf(b, 1, x);\n").empty());
  CHECK(Source("src/pool/a.cc", "  const char* s = \"PQfinish( std::cout\";\n").empty());
}

TEST_CASE("lengths") {
  const std::string wide(kColumnsMax + 1, 'x');
  CheckOne(Source("src/base/a.cc", "\n" + wide + "\n"), "src/base/a.cc:2", "120 columns");
  CHECK(Source("src/base/a.cc", wide.substr(1) + "\n").empty());
  CHECK(Source("src/base/a.cc", "// " + Repeated("\xC3\xBC", 117) + "\n").empty());  // characters, not bytes
  CheckOne(Source("src/base/a.cc", Repeated("\n", 501)), "src/base/a.cc:1", "501 lines; the limit is 500");
  CHECK(Source("src/base/a.cc", Repeated("\n", 500)).empty());
}

TEST_CASE("functions") {
  const auto function = [](const std::string& head, int lines) {
    return head + "\n" + Repeated("  x();\n", lines - 2) + "}\n";
  };
  CHECK(Source("src/base/a.cc", function("int F() {", 70)).empty());
  CheckOne(Source("src/base/a.cc", "\n" + function("int F() {", 71)), "src/base/a.cc:2", "a function of 71 lines");
  CheckOne(Source("src/base/a.cc", function("Result<int> C::F(int a,\n                 int b) const {", 71)),
           "src/base/a.cc:1", "a function of 72 lines");
  CheckOne(Source("src/base/a.cc", "int G();\nint H() { return 1; }\n" + function("int F() {", 80)), "src/base/a.cc:3",
           "a function of 80 lines");
  CHECK(Source("src/base/a.cc", function("struct S {", 90)).empty());
  CHECK(Source("src/base/a.cc", function("const int kTable[] = {F(1),", 90)).empty());
}

TEST_CASE("headers begin with #pragma once") {
  CheckOne(Source("src/base/a.h", "#include <string>\n#pragma once\n"), "src/base/a.h:1", "#pragma once");
  CheckOne(Source("src/base/a.h", ""), "src/base/a.h:1", "#pragma once");
}

TEST_CASE("tests do not sleep") {
  Findings findings;
  CheckCode({.path = "tests/unit/pool/a_test.cc", .text = "std::this_thread::sleep_for(x);\n"}, findings);
  CheckOne(findings, "tests/unit/pool/a_test.cc:1", "nobody sleeps");
}

TEST_CASE("notes to oneself") {
  Findings findings;
  CheckText({.path = "a.cc", .text = std::string("fine\n// TO") + "DO: later\n"}, findings);
  CheckOne(findings, "a.cc:2", "note to oneself");
  findings.clear();
  CheckText({.path = "a.cc", .text = "mkdtemp(\"berth-XXXXXX\"); TODOS\n"}, findings);
  CHECK(findings.empty());
}

TEST_CASE("layers") {
  Findings findings;
  const auto layers = ReadLayers({.path = "src/LAYERS", .text = "# why\na:\nb: a\n"}, findings);
  CHECK(findings.empty());
  CHECK(layers == Layers{{"a", {}}, {"b", {"a"}}});
  ReadLayers({.path = "src/LAYERS", .text = "a: b\nb:\n"}, findings);
  CheckOne(findings, "src/LAYERS:1", "a names b, which is not above it");
  findings.clear();
  ReadLayers({.path = "src/LAYERS", .text = "a:\na:\n"}, findings);
  CheckOne(findings, "src/LAYERS:2", "stands twice");
}

TEST_CASE("documents name what is there") {
  const auto exists = [](const std::string& path) {
    return path == "src/base/" || path == "src/LAYERS" || path == "LICENSE";
  };
  Findings findings;
  CheckDocument({.path = "src/README.md",
                 .text = "`src/base/` and `src/LAYERS`, `sqlite:x`, `sql/*.sql`, [law](LAYERS), [site](https://x/y)\n"},
                exists, findings);
  CHECK(findings.empty());
  CheckDocument({.path = "README.md", .text = "\nsee `src/gone/`\n"}, exists, findings);
  CheckOne(findings, "README.md:2", "names src/gone/, which is not there");
  findings.clear();
  CheckDocument({.path = "src/README.md", .text = "[law](LICENSE)\n"}, exists, findings);
  CheckOne(findings, "src/README.md:1", "links to LICENSE");
  findings.clear();
  CheckLayersNamed({.path = "src/README.md", .text = "`a` and b/\n"}, {{"a", {}}, {"b", {}}}, findings);
  CHECK(findings.empty());
  CheckLayersNamed({.path = "src/README.md", .text = "`a`\n"}, {{"a", {}}, {"b", {}}}, findings);
  CheckOne(findings, "src/README.md:1", "does not name the layer b");
}

TEST_CASE("tests mirror src") {
  const Layers layers = {{"include", {}}, {"a", {}}, {"b", {}}, {"app", {}}};
  Findings findings;
  CheckMirror(layers, {"include", "a", "app"}, {"a"}, findings);
  CHECK(findings.empty());
  CheckMirror(layers, {"a", "b"}, {"a"}, findings);
  CheckOne(findings, "tests/unit/b", "no tests of src/b");
  findings.clear();
  CheckMirror(layers, {"a"}, {"a", "stray"}, findings);
  CheckOne(findings, "tests/unit/stray", "no such layer");
}

TEST_CASE("code is told from comments and literals") {
  CHECK(CodeOf("a; // b\nc") == "a;     \nc");
  CHECK(CodeOf("a /* b\n */ c") == "a     \n    c");
  CHECK(CodeOf("f(\"x\\\"y\", 'z', 1'000)") == "f(      ,    , 1'000)");
  CHECK(CodeOf("R\"q(a\")\")q\" b") == "            b");
  CHECK(CodeOf("#include \"x/y.h\"\n") == "#include \"x/y.h\"\n");
  CHECK(HasWord("x sleep(1)", "sleep("));
  CHECK(!HasWord("asleep(1)", "sleep("));
}

}  // namespace berth::tidy
