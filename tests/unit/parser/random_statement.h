#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/strings.h"
#include "parser/ast.h"
#include "parser/parse.h"

namespace berth::parser {

// Makes statements as a parser could have made them, out of names and strings that are as nasty as may be.
class RandomStatement {
 public:
  explicit RandomStatement(std::uint32_t seed) : engine_(seed) {}

  Statement Make() {
    switch (Below(std::variant_size_v<Statement>)) {
      case 0:
        return CreateConnection{Coin(), Coin(), Name(), Options(0), Coin()};
      case 1:
        return Alter();
      case 2:
        return DropConnection{Coin(), Name(), Behavior()};
      case 3:
        return ShowConnections{Like()};
      case 4:
        return ShowConnectionOptions{};
      case 5:
        return ShowCreateConnection{Name()};
      case 6:
        return ShowDependents{Name(), Coin()};
      case 7:
        return CreateTable{Coin(), Table(), Tail(), {}};
      case 8:
        return DropTable{Coin(), Table(), Behavior()};
      case 9:
        return AttachTable{Table()};
      case 10:
        return DetachTable{Table()};
      case 11:
        return Job();
      case 12:
        return DropJob{Coin(), Name()};
      case 13:
        return AttachJob{Name(), Names()};
      case 14:
        return DetachJob{Coin(), Name()};
      case 15:
        return ShowJobs{Like()};
      case 16:
        return ShowCreateJob{Name()};
      case 17:
        return Use{Coin(), Name()};
      case 18:
        return ExecuteOnConnection{Name(), Text(), {}};
      case 19:
        return SetSetting{Name(), AnyValue()};
      case 20:
        return TestConnection{Name()};
      case 21:
        return Pause();
      case 22:
        return ResumeConnection{Name()};
      case 23:
        return CreateGroup{Coin(), Coin(), Name(), Options(0)};
      case 24: {
        auto alter = Alter();
        return AlterGroup{alter.if_exists, alter.name, std::move(alter.change)};
      }
      case 25:
        return DropGroup{Coin(), Name()};
      case 26:
        return ShowGroups{Like()};
      case 27:
        return ShowCreateGroup{Name()};
      case 28:
        return ShowPools{};
      case 29:
        return ShowSlots{Name()};
      case 30:
        return ShowSessions{Name()};
      case 31:
        return AlterJob{Coin(), Name(), Alter().change};
      case 32:
        return PauseJob{Name()};
      case 33:
        return ResumeJob{Name()};
      case 34: {
        RunJob run{Name(), {}};
        if (Coin())
          run.timeout =
              Coin() ? Value{.text = Text()} : Value{.form = ValueForm::kDuration, .text = "30", .unit = "second"};
        return run;
      }
      case 35:
        return ShowJobRuns{Coin() ? std::optional<Identifier>(Name()) : std::nullopt};
      case 36:
        return CreateServiceUser{Coin(), Name(), Options(0)};
      case 37:
        return AlterUser();
      case 38:
        return DropServiceUser{Coin(), Name()};
      case 39:
        return ShowServiceUsers{Like()};
      case 40:
        return CreateAccessKey{Name(), Options(0)};
      case 41:
        return EnableAccessKey{Coin(), Key()};
      case 42:
        return DropAccessKey{Coin(), Key()};
      case 43:
        return ShowAccessKeys{Coin() ? std::optional(Name()) : std::nullopt};
      case 44:
        return GrantUsage{Name(), Name(), Options(Below(2))};
      case 45:
        return RevokeUsage{Name(), Name()};
      case 46: {
        ShowGrants show;
        if (Coin()) (Coin() ? show.connection : show.user) = Name();
        return show;
      }
      case 47:
        return RotatePassword{Name()};
      case 48:
        return CreateSecret{Coin(), Coin(), Name(), AnyValue()};
      case 49:
        return Secret();
      case 50:
        return DropSecret{Coin(), Name(), Behavior()};
      case 51:
        return ShowSecrets{Like()};
      case 52:
        return ShowCreateSecret{Name()};
      case 53:
        return ShowHistory{Name()};
      case 54:
        return Explained();
      case 55:
        return ShowSecretDependents{Name()};
      default:
        return ShowSetting{Name()};
    }
  }

 private:
  std::size_t Below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
  bool Coin() { return Below(2) == 0; }

  template <std::size_t n>
  std::string Pick(const std::string_view (&choices)[n]) {
    return std::string(choices[Below(n)]);
  }

  std::string Text() {
    static constexpr std::string_view kPieces[] = {
        "a",   "Z",  "9",  " ",    "\n",   "\t",  "'", "''", "\"", "\\", ";", "--", "/*",
        "*/",  "$$", "$",  "$q1$", "$q2$", "$q1", "=", ",",  "(",  ")",  "é", "名", "\xF0\x9F\x98\x80",
        "SET", "AS", "\r", "<",    "%"};
    std::string text;
    for (std::size_t n = Below(12); n > 0; --n) text += Pick(kPieces);
    return text;
  }

  std::string NameText() {
    static constexpr std::string_view kNames[] = {"c",          "my_redshift_connection",
                                                  "if",         "not",
                                                  "exists",     "as",
                                                  "set",        "to",
                                                  "table",      "job",
                                                  "connection", "using",
                                                  "second",     "secret",
                                                  "true",       "null",
                                                  "group",      "berth",
                                                  "groups",     "pools",
                                                  "for",        "wait",
                                                  "comment",    "sessions",
                                                  "cascade",    "Upper",
                                                  "a.b",        "redshift-cluster-1",
                                                  "1st",        "$",
                                                  "a$b",        "_",
                                                  "\"",         "\"\"",
                                                  "'",          " ",
                                                  "é",          "É",
                                                  "a b",        "--",
                                                  "/*",         ";",
                                                  "$$",         "\\",
                                                  "\n",         "U&\"x\"",
                                                  "options",    "with",
                                                  "rotate",     "password",
                                                  "explain",    "history"};
    switch (Below(4)) {
      case 0:
        return std::string(1 + Below(kNameBytesMax), 'x');
      case 1: {
        const std::string text = Text();
        return text.empty() || text.size() > kNameBytesMax ? "n" : text;
      }
      default:
        return Pick(kNames);
    }
  }
  Identifier Name() { return {NameText(), {}}; }
  std::vector<Identifier> Names() {
    std::vector<Identifier> names;
    for (std::size_t n = 1 + Below(4); n > 0; --n) names.push_back(Name());
    return names;
  }
  TableName Table() { return {Name(), Name(), Name()}; }
  DropBehavior Behavior() { return static_cast<DropBehavior>(Below(3)); }
  std::optional<std::string> Like() { return Coin() ? std::optional<std::string>(Text()) : std::nullopt; }

  Identifier OptionName() {
    static constexpr std::string_view kNames[] = {
        "CONNECTION_STRING", "USER_NAME", "PASSWORD", "COMMENT", "CONNECTION", "FILE", "SECRET", "IF",
        "OPTIONS",           "A$1",       "_",        "TRUE",    "BERTH",      "É"};
    return {Pick(kNames), {}};
  }

  Value AnyValue() {
    static constexpr std::string_view kNumbers[] = {"0",    "10",  "-3", "1.5",
                                                    "-0.5", "007", ".5", "99999999999999999999"};
    static constexpr std::string_view kCounts[] = {"1", "30", "0", "1.5"};
    static constexpr std::string_view kUnits[] = {"millisecond", "second", "minute", "hour", "day"};
    Value value;
    value.form = static_cast<ValueForm>(Below(12));
    switch (value.form) {
      case ValueForm::kNumber:
        value.text = Pick(kNumbers);
        break;
      case ValueForm::kBoolean:
        value.text = Coin() ? "true" : "false";
        break;
      case ValueForm::kIdentifier:
      case ValueForm::kSecret:
        value.text = NameText();
        break;
      case ValueForm::kDuration:
        value.text = Pick(kCounts);
        value.unit = Pick(kUnits);
        break;
      case ValueForm::kList:
        for (std::size_t n = 1 + Below(4); n > 0; --n) value.list.push_back(Text());
        break;
      case ValueForm::kPrompt:
        break;
      case ValueForm::kString:
      case ValueForm::kEnv:
      case ValueForm::kFile:
      case ValueForm::kCommand:
      case ValueForm::kTimestamp:
        value.text = Text();
        break;
    }
    return value;
  }

  std::vector<Option> Options(std::size_t least) {
    std::vector<Option> options;
    for (std::size_t n = least + Below(5); n > 0; --n) options.push_back({OptionName(), AnyValue()});
    return options;
  }

  AlterConnection Alter() {
    AlterConnection alter{Coin(), Name(), {}, Coin()};
    switch (Below(3)) {
      case 0:
        alter.change = AlterConnectionSet{Options(1)};
        break;
      case 1: {
        AlterConnectionUnset unset;
        for (std::size_t n = 1 + Below(3); n > 0; --n) unset.options.push_back(OptionName());
        alter.change = std::move(unset);
        break;
      }
      default:
        alter.change = AlterConnectionRename{Name()};
        break;
    }
    return alter;
  }

  AlterServiceUser AlterUser() {
    auto alter = Alter();
    while (std::holds_alternative<AlterConnectionRename>(alter.change)) alter = Alter();
    AlterServiceUser user{alter.if_exists, alter.name, {}};
    if (auto* set = std::get_if<AlterConnectionSet>(&alter.change)) {
      user.change = std::move(*set);
    } else {
      user.change = std::get<AlterConnectionUnset>(std::move(alter.change));
    }
    return user;
  }
  Identifier Key() {
    auto key = Name();
    key.name = base::ToUpper(key.name);
    return key;
  }

  AlterSecret Secret() {
    AlterSecret alter{Coin(), Name(), AnyValue()};
    if (Coin()) alter.change = AlterConnectionRename{Name()};
    return alter;
  }

  Explain Explained() {
    for (;;) {
      auto explain = std::visit(
          [](auto&& statement) -> std::optional<Explain> {
            using T = std::decay_t<decltype(statement)>;
            if constexpr (std::is_constructible_v<parser::Explained, std::in_place_type_t<T>, T>) {
              return Explain{std::forward<decltype(statement)>(statement)};
            } else {
              return std::nullopt;
            }
          },
          Make());
      if (explain) return *std::move(explain);
    }
  }

  PauseConnection Pause() {
    PauseConnection pause{Name(), {}, static_cast<PauseMode>(Below(3)), {}};
    if (Coin()) pause.duration = Coin() ? Value{.text = Text()} : Value{.form = ValueForm::kDuration, .text = "30"};
    if (pause.duration && pause.duration->form == ValueForm::kDuration) pause.duration->unit = "minute";
    if (Coin()) pause.comment = Text();
    return pause;
  }

  // Clean in one of the two ways to read backslashes, and it ends with a token.
  std::string Tail() {
    static constexpr std::string_view kEither[] = {
        "(a int)", "AS SELECT 1",  "'x;y'", "\"x;y\"", "(do; also)",        "$$;'$$", "/* ; */ x",        "-- ; '\n y",
        "E'\\';'", "$t$ $$ ; $t$", "é",     "a.b.c",   "/* /* ' */ ; */ z", "!",      "\xF0\x9F\x98\x80", "'it''s'"};
    static constexpr std::string_view kStandard[] = {"'C:\\'", "';\\'", "'\\', 'x'"};
    static constexpr std::string_view kEscaped[] = {"'it\\'s; x'", "'\\\\'", "'\\'; --'"};
    const bool escaped = Coin();
    std::string tail = Coin() ? "(a int)" : "INSERT INTO t";
    for (std::size_t n = Below(6); n > 0; --n) {
      tail += Coin() ? " " : "\n\t";
      tail += Coin() ? Pick(kEither) : escaped ? Pick(kEscaped) : Pick(kStandard);
    }
    return tail;
  }

  Statement Job() {
    CreateJob job{Coin(), Coin(), Coin(), Name(), Options(0), Coin(), {}, {}};
    job.body = job.script ? "SELECT 1 " + Text() : Tail();  // a script holds a statement
    return job;
  }

  std::mt19937 engine_;
};

}  // namespace berth::parser
