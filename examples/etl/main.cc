// taxi_etl --catalog URL --connection NAME [--workers N] FILE...: loads the files and prints the sums.
// taxi_etl --catalog URL --connection NAME --remove: drops what it has made.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include "pipeline.h"

namespace {

constexpr std::size_t kWorkersMax = 64;

struct Arguments {
  std::string catalog;
  Settings settings;
  bool remove = false;
  bool good = true;
};

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc && arguments.good; ++i) {
    const std::string_view word = argv[i];
    const bool option = word == "--catalog" || word == "--connection" || word == "--workers";
    if (option && i + 1 == argc) {
      arguments.good = false;
    } else if (word == "--catalog") {
      arguments.catalog = argv[++i];
    } else if (word == "--connection") {
      arguments.settings.connection = argv[++i];
    } else if (word == "--workers") {
      arguments.settings.workers = std::strtoul(argv[++i], nullptr, 10);
    } else if (word == "--remove") {
      arguments.remove = true;
    } else if (word.starts_with("-")) {
      arguments.good = false;
    } else {
      arguments.settings.files.emplace_back(word);
    }
  }
  const auto workers = arguments.settings.workers;
  arguments.good = arguments.good && !arguments.catalog.empty() && !arguments.settings.connection.empty() &&
                   workers >= 1 && workers <= kWorkersMax && arguments.remove == arguments.settings.files.empty();
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = Parse(argc, argv);
  if (!arguments.good) {
    std::cerr << "usage: taxi_etl --catalog URL --connection NAME (--remove | [--workers 1-64] FILE...)\n";
    return 2;
  }
  try {
    const auto engine = berth::cpp::Engine::Open(
        {.catalog = arguments.catalog, .program = "taxi_etl", .log = [](berth_log_level, std::string_view line) {
           std::cerr << "berth: " << line << '\n';
         }});
    const auto& connection = arguments.settings.connection;
    if (arguments.remove) {
      Remove(engine, connection);
      return 0;
    }
    Register(engine, connection);
    std::cerr << LoadAll(engine, arguments.settings) << " trips loaded\n";
    Aggregate(engine, connection);
    return 0;
  } catch (const berth::cpp::Error& error) {
    std::cerr << error.what() << " (" << error.sqlstate() << ")\n";
    if (!error.detail().empty()) std::cerr << error.detail() << '\n';
    if (!error.hint().empty()) std::cerr << error.hint() << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return 1;
}
