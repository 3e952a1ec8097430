#include <fmt/core.h>

#include <array>

#include "base/strings.h"
#include "base/try.h"
#include "shell/meta_call.h"

namespace berth::shell {
namespace {

std::string OnOff(bool on) {
  return on ? "on" : "off";
}

std::string ExpandedText(Expanded expanded) {
  return expanded == Expanded::kAuto ? "auto" : OnOff(expanded == Expanded::kOn);
}

// What a switch comes to be: the argument, or the other way round.
Status Switch(const MetaCall& call, std::string_view name, const std::optional<std::string>& value, bool& target) {
  if (!value) {
    target = !target;
    return {};
  }
  const auto on = OnOrOff(*value);
  if (!on) return BadArgument(call.name, *value, name.empty() ? "[on|off]" : fmt::format("{} [on|off]", name));
  target = *on;
  return {};
}

// One of \pset's settings: changes it (no value: the next of its values), and says what it is.
struct PrintSetting {
  std::string_view name;
  Status (*set)(const MetaCall&, const std::optional<std::string>&);
  std::string (*say)(const Settings&);
  std::string (*show)(const Settings&);  // its value in the list of all
};

Status SetBorder(const MetaCall& call, const std::optional<std::string>& value) {
  if (!value) return {};
  if (value->size() != 1 || (*value)[0] < '0' || (*value)[0] > '0' + static_cast<char>(kBorderMax)) {
    return BadArgument(call.name, *value, "border 0, 1 or 2");
  }
  call.console.settings.print.border = static_cast<unsigned>((*value)[0] - '0');
  return {};
}

Status SetCsvSeparator(const MetaCall& call, const std::optional<std::string>& value) {
  if (!value) return {};
  if (value->size() != 1 || value->find_first_of("\"\n\r") == 0) {
    return BadArgument(call.name, *value, "csv_fieldsep with one character, no quote and no newline");
  }
  call.console.settings.print.csv_separator = (*value)[0];
  return {};
}

Status SetExpanded(const MetaCall& call, const std::optional<std::string>& value) {
  auto& expanded = call.console.settings.print.expanded;
  if (value && base::EqualsIgnoreCase(*value, "auto")) {
    expanded = Expanded::kAuto;
    return {};
  }
  bool on = expanded != Expanded::kOff;
  if (value && !OnOrOff(*value)) return BadArgument(call.name, *value, "[on|off|auto]");
  BERTH_TRY(Switch(call, "expanded", value, on));
  expanded = on ? Expanded::kOn : Expanded::kOff;
  return {};
}

Status SetFormat(const MetaCall& call, const std::optional<std::string>& value) {
  if (!value) return {};
  const auto format = OutputFormatNamed(*value);
  if (!format) return BadArgument(call.name, *value, fmt::format("format {}", OutputFormatNames()));
  call.console.settings.print.format = *format;
  return {};
}

std::string ExpandedSaid(const Settings& settings) {
  const auto expanded = settings.print.expanded;
  if (expanded == Expanded::kAuto) return "Expanded display is used automatically.";
  return fmt::format("Expanded display is {}.", OnOff(expanded == Expanded::kOn));
}

constexpr auto kSettings = std::to_array<PrintSetting>({
    {"border", SetBorder, [](const Settings& s) { return fmt::format("Border style is {}.", s.print.border); },
     [](const Settings& s) { return std::to_string(s.print.border); }},
    {"csv_fieldsep", SetCsvSeparator,
     [](const Settings& s) { return fmt::format("Field separator for CSV is \"{}\".", s.print.csv_separator); },
     [](const Settings& s) { return fmt::format("'{}'", s.print.csv_separator); }},
    {"expanded", SetExpanded, ExpandedSaid, [](const Settings& s) { return ExpandedText(s.print.expanded); }},
    {"fieldsep",
     [](const MetaCall& call, const std::optional<std::string>& value) {
       if (value) call.console.settings.print.field_separator = *value;
       return Status();
     },
     [](const Settings& s) { return fmt::format("Field separator is \"{}\".", s.print.field_separator); },
     [](const Settings& s) { return fmt::format("'{}'", s.print.field_separator); }},
    {"footer",
     [](const MetaCall& call, const std::optional<std::string>& value) {
       return Switch(call, "footer", value, call.console.settings.print.footer);
     },
     [](const Settings& s) { return fmt::format("Default footer is {}.", OnOff(s.print.footer)); },
     [](const Settings& s) { return OnOff(s.print.footer); }},
    {"format", SetFormat, [](const Settings& s) { return fmt::format("Output format is {}.", NameOf(s.print.format)); },
     [](const Settings& s) { return std::string(NameOf(s.print.format)); }},
    {"null",
     [](const MetaCall& call, const std::optional<std::string>& value) {
       if (value) call.console.settings.print.null_text = *value;
       return Status();
     },
     [](const Settings& s) { return fmt::format("Null display is \"{}\".", s.print.null_text); },
     [](const Settings& s) { return fmt::format("'{}'", s.print.null_text); }},
    {"pager",
     [](const MetaCall& call, const std::optional<std::string>& value) {
       return Switch(call, "pager", value, call.console.settings.pager);
     },
     [](const Settings& s) { return std::string(s.pager ? "Pager is used for long output." : "Pager usage is off."); },
     [](const Settings& s) { return OnOff(s.pager); }},
    {"title",
     [](const MetaCall& call, const std::optional<std::string>& value) {
       call.console.settings.print.title = value.value_or("");
       return Status();
     },
     [](const Settings& s) {
       return s.print.title.empty() ? std::string("Title is not set.") : fmt::format("Title is \"{}\".", s.print.title);
     },
     [](const Settings& s) { return fmt::format("'{}'", s.print.title); }},
    {"tuples_only",
     [](const MetaCall& call, const std::optional<std::string>& value) {
       return Switch(call, "tuples_only", value, call.console.settings.print.tuples_only);
     },
     [](const Settings& s) { return fmt::format("Tuples only is {}.", OnOff(s.print.tuples_only)); },
     [](const Settings& s) { return OnOff(s.print.tuples_only); }},
});

// psql's short names.
std::string_view FullName(std::string_view name) {
  if (name == "x" || name == "vertical") return "expanded";
  if (name == "t") return "tuples_only";
  if (name == "C") return "title";
  return name;
}

Result<const PrintSetting*> Find(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& setting : kSettings) {
    names.push_back(setting.name);
    if (setting.name == FullName(name)) return &setting;
  }
  const auto meant = base::DidYouMean(name, names);
  return Error{.code = ErrorCode::kNotFound,
               .message = fmt::format("\\pset knows no setting {}", name),
               .hint = meant ? fmt::format("Did you mean {}?", *meant) : "\\pset alone lists the settings."};
}

Result<Verdict> Set(const MetaCall& call, std::string_view name, const std::optional<std::string>& value) {
  BERTH_ASSIGN(const auto* const setting, Find(name));
  BERTH_TRY(setting->set(call, value));
  call.console.Say(setting->say(call.console.settings) + "\n");
  return Verdict::kOk;
}

}  // namespace

Status SetPrintSetting(const MetaCall& call, std::string_view name, const std::optional<std::string>& value) {
  BERTH_ASSIGN(const auto* const setting, Find(name));
  return setting->set(call, value);
}

Result<Verdict> MetaPrintSetting(MetaCall& call) {
  if (!call.arguments.empty()) return Set(call, call.arguments[0], call.Argument(1));
  auto& console = call.console;
  for (const auto& setting : kSettings) {
    console.results().Append(fmt::format("{:<24} {}\n", setting.name, setting.show(console.settings)));
  }
  return console.FlushResults();
}

Result<Verdict> MetaUnaligned(MetaCall& call) {
  const bool aligned = call.console.settings.print.format == OutputFormat::kTable;
  return Set(call, "format", aligned ? "unaligned" : "table");
}

Result<Verdict> MetaTuplesOnly(MetaCall& call) {
  return Set(call, "tuples_only", call.Argument(0));
}

Result<Verdict> MetaFieldSeparator(MetaCall& call) {
  return Set(call, "fieldsep", call.Argument(0));
}

Result<Verdict> MetaExpanded(MetaCall& call) {
  return Set(call, "expanded", call.Argument(0));
}

Result<Verdict> MetaTitle(MetaCall& call) {
  return Set(call, "title", call.Argument(0));
}

Result<Verdict> MetaTiming(MetaCall& call) {
  auto& timing = call.console.settings.timing;
  BERTH_TRY(Switch(call, "", call.Argument(0), timing));
  call.console.Say(timing ? "Timing is on.\n" : "Timing is off.\n");
  return Verdict::kOk;
}

Result<Verdict> MetaOutput(MetaCall& call) {
  auto& console = call.console;
  std::unique_ptr<Diversion> next;
  if (!call.arguments.empty()) {
    BERTH_ASSIGN(next, Diversion::Open(call.arguments[0]));
  }
  const auto before = std::exchange(console.diverted, std::move(next));
  if (before) BERTH_TRY(before->Close());
  return Verdict::kOk;
}

}  // namespace berth::shell
