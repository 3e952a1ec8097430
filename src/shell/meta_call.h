#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "shell/console.h"

namespace berth::shell {

// One backslash command as it was written.
struct MetaCall {
  Console& console;
  std::string name;                    // with its backslash
  std::vector<std::string> arguments;  // as psql reads them: quotes taken away, variables replaced
  std::string rest;                    // all behind the name, as it stands
  const Place& place;

  // The argument, or nullopt.
  std::optional<std::string> Argument(std::size_t i) const {
    return i < arguments.size() ? std::optional<std::string>(arguments[i]) : std::nullopt;
  }
};

// How a command reads what stands behind its name.
enum class MetaWords : std::uint8_t {
  kWords,       // 'a b' is one word and its quotes go; names in double quotes keep theirs
  kWholeLine,   // everything up to the end of the line is one argument
  kFileOrPipe,  // as words, unless the first (behind options in parentheses) begins with '|': then as the whole line
};

struct MetaCommand {
  std::string_view name;
  std::size_t arguments_max;
  MetaWords words;
  Result<Verdict> (*run)(MetaCall&);
};

inline constexpr std::size_t kAnyNumber = 1'000;

Error BadArgument(std::string_view command, std::string_view given, std::string_view right);
// on, off, true, false, yes, no, 1, 0 and, as psql, their beginnings; nullopt: neither.
std::optional<bool> OnOrOff(std::string_view text);

// meta_session.cc
Result<Verdict> MetaConnect(MetaCall& call);
Result<Verdict> MetaConnectionInfo(MetaCall& call);
Result<Verdict> MetaHelp(MetaCall& call);
Result<Verdict> MetaQuit(MetaCall& call);
Result<Verdict> MetaInclude(MetaCall& call);
Result<Verdict> MetaErrorVerbose(MetaCall& call);
Result<Verdict> MetaHistory(MetaCall& call);
Result<Verdict> MetaShell(MetaCall& call);
Result<Verdict> MetaChangeFolder(MetaCall& call);
// meta_settings.cc
Result<Verdict> MetaPrintSetting(MetaCall& call);
// \pset's work, and nothing is said about it.
Status SetPrintSetting(const MetaCall& call, std::string_view name, const std::optional<std::string>& value);
Result<Verdict> MetaUnaligned(MetaCall& call);
Result<Verdict> MetaTuplesOnly(MetaCall& call);
Result<Verdict> MetaFieldSeparator(MetaCall& call);
Result<Verdict> MetaExpanded(MetaCall& call);
Result<Verdict> MetaTiming(MetaCall& call);
Result<Verdict> MetaTitle(MetaCall& call);
Result<Verdict> MetaOutput(MetaCall& call);
// meta_variables.cc
Result<Verdict> MetaSet(MetaCall& call);
Result<Verdict> MetaUnset(MetaCall& call);
Result<Verdict> MetaEcho(MetaCall& call);
// meta_buffer.cc
Result<Verdict> MetaGo(MetaCall& call);
Result<Verdict> MetaGoSet(MetaCall& call);
Result<Verdict> MetaGoExecute(MetaCall& call);
Result<Verdict> MetaGoDescribe(MetaCall& call);
Result<Verdict> MetaWatch(MetaCall& call);
Result<Verdict> MetaPrintBuffer(MetaCall& call);
Result<Verdict> MetaResetBuffer(MetaCall& call);
Result<Verdict> MetaWriteBuffer(MetaCall& call);
Result<Verdict> MetaEdit(MetaCall& call);
// meta_describe.cc
Result<Verdict> MetaDescribe(MetaCall& call);
Result<Verdict> MetaDatabases(MetaCall& call);
Result<Verdict> MetaSchemas(MetaCall& call);
Result<Verdict> MetaFunctions(MetaCall& call);
// meta_berth.cc
Result<Verdict> MetaBerth(MetaCall& call);
// meta_copy.cc
Result<Verdict> MetaCopy(MetaCall& call);

}  // namespace berth::shell
