#include "imports/pg_service.h"

#include <fmt/core.h>

#include <cstddef>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "imports/login.h"

namespace berth::imports {
namespace {

std::string_view TakeLine(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// The next field of a .pgpass line; ':' and '\' stand behind a '\'.
std::string TakeField(std::string_view& line) {
  std::string field;
  std::size_t i = 0;
  for (; i < line.size() && line[i] != ':'; ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) ++i;
    field.push_back(line[i]);
  }
  line.remove_prefix(i < line.size() ? i + 1 : i);
  return field;
}

Status TakeSetting(const std::string& name, std::string_view value, FoundConnection& connection, Import& out) {
  if (name == "host" || name == "hostaddr") {
    if (name == "host" || connection.host.empty()) connection.host = value;
  } else if (name == "dbname") {
    connection.database = value;
  } else if (name == "user") {
    connection.user = value;
  } else if (name == "password") {
    connection.password = {
        .kind = FoundPassword::Kind::kLiteral, .secret = Secret(std::string(value)), .reference = {}};
  } else if (name == "port") {
    if (!SetPort(value, connection)) {
      return Error{.code = ErrorCode::kSyntax,
                   .message = fmt::format("{}: its port is no port", connection.origin),
                   .hint = "A service that lists several servers is several connections here."};
    }
  } else if (!SetProperty(name, std::string(value), connection)) {
    out.lost.push_back(fmt::format("{}: {} has no counterpart", connection.origin, name));
  }
  return {};
}

}  // namespace

Secret PasswordIn(std::string_view pass_file, const FoundConnection& connection) {
  while (!pass_file.empty()) {
    auto line = TakeLine(pass_file);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line[0] == '#') continue;
    bool fits = true;
    for (const auto& value : {connection.host, std::to_string(connection.port), connection.database, connection.user}) {
      const auto field = TakeField(line);
      fits = fits && (field == "*" || field == value);
    }
    if (fits) return Secret(TakeField(line));
  }
  return {};
}

Result<Import> FromPgService(std::string_view text, std::string_view pass_file) {
  Import out;
  std::optional<FoundConnection> current;
  const auto end_service = [&] {
    if (!current) return;
    if (current->password.kind == FoundPassword::Kind::kNone) {
      current->password.secret = PasswordIn(pass_file, *current);
      if (!current->password.secret.empty()) current->password.kind = FoundPassword::Kind::kLiteral;
    }
    out.connections.push_back(std::move(*current));
    current.reset();
  };
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = base::Trim(TakeLine(text));
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[' && line.back() == ']') {
      end_service();
      const std::string name(line.substr(1, line.size() - 2));
      current = FoundConnection{.name = name, .origin = "service " + name, .port = kPostgresPort};
      continue;
    }
    const auto equals = line.find('=');
    if (!current || equals == std::string_view::npos) {
      return Error{.code = ErrorCode::kSyntax,
                   .message = fmt::format("line {} is neither [service] nor name=value below one", number)};
    }
    const auto name = std::string(base::Trim(line.substr(0, equals)));
    if (auto taken = TakeSetting(name, base::Trim(line.substr(equals + 1)), *current, out); !taken.ok())
      return std::move(taken).TakeError();
  }
  end_service();
  return out;
}

}  // namespace berth::imports
